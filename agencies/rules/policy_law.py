"""Adds to a plan the steps that come from a law, so that the adopted version is whole; each keeps its source."""

from collections.abc import Mapping
from typing import Any

from agencies.rules.policy_schema import Mistake


def with_law(
    data: Mapping[str, Any], law: Mapping[str, Mapping[str, Any]], source: str
) -> tuple[dict[str, Any], list[Mistake]]:
    """The plan's data with the steps of every file of law named in `include` behind its own; `include` is gone.

    `law` holds the files of law by name. A name without a file is a mistake. Data without `include` comes back as is.
    """
    named = data.get("include")
    if named is None:
        return dict(data), []
    names = [str(name) for name in named] if isinstance(named, list) else [str(named)]
    rest = {key: value for key, value in data.items() if key != "include"}
    unknown = [name for name in names if name not in law]
    known = "、".join(sorted(law)) or "（无）"
    mistakes = [Mistake(source, "include", f"没有法律步骤文件 {name!r}", f"可用：{known}") for name in unknown]
    added = [{**step, "source": name} for name in names if name in law for step in law[name].get("steps", [])]
    own = rest.get("steps", [])
    rest["steps"] = [*(own if isinstance(own, list) else [own]), *added]
    return rest, mistakes
