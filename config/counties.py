"""Reads a county folder from disk into plan, calendar, papers, ledgers and examples, with every mistake in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from agencies.rules.calendar import Calendar, Entry
from agencies.rules.clauses import load_clauses
from agencies.rules.county_calendar import load_entries
from agencies.rules.county_text import Report, Table, parse_toml
from agencies.rules.policy import load_policy
from agencies.rules.policy_law import with_law
from agencies.rules.policy_schema import Mistake, Policy
from agencies.rules.unit_duties import load_unit_plan
from cases.rules.indicators import load_targets
from cases.rules.scenario import Scenario, load_scenario
from cases.rules.scenario_check import check_scenario
from notices.ledgers.county import load_ledgers
from notices.rules.common import unprinted
from notices.rules.wording import load_papers

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
NATIONAL = FIXTURES / "calendar" / "national.toml"
LAW = FIXTURES / "law"
REQUIRED = ("county.toml", "policy.toml", "calendar.toml")
KEPT = ("policy", "calendar", "notices", "ledgers")
KEPT_WHERE_WRITTEN = ("indicators", "duties", "clauses")
LEVELS = ("county", "township")
LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class County:
    """A county folder as read: raw data by file name, what it means, and everything wrong with it.

    `entries` are the county's own calendar lines (depth 1), `calendar` holds the national ones too. The folder may
    be adopted only when `mistakes` is empty; the examples that do not come out as expected are mistakes too.
    """

    path: Path
    data: dict[str, dict[str, Any]]
    policy: Policy | None
    entries: tuple[Entry, ...]
    calendar: Calendar
    examples: tuple[tuple[str, Scenario], ...]
    mistakes: tuple[Mistake, ...]


def folder_of(where: str) -> Path:
    """The folder meant by a path, or by a key under fixtures/counties."""
    path = Path(where)
    return path if path.is_dir() or "/" in where else FIXTURES / "counties" / where


def read_toml(path: Path, source: str) -> tuple[dict[str, Any], str, list[Mistake]]:
    """A file's data and text; a missing, unreadable, huge or broken file is one mistake, never an exception."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            return {}, "", [Mistake(source, "文件", "文件超过 1 MB", "县级文件不会这么大，请核对是否选错文件")]
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return {}, "", [Mistake(source, "文件", "不是 UTF-8 编码", "请另存为 UTF-8")]
    except FileNotFoundError:
        return {}, "", [Mistake(source, "文件", "没有这个文件", "请核对路径和文件名")]
    except (OSError, ValueError):  # a folder, no permission, a name with a zero byte
        return {}, "", [Mistake(source, "文件", "无法读取", "请核对路径、文件名和权限")]
    data, mistakes = parse_toml(text, source)
    return data, text, mistakes


def read_national() -> tuple[tuple[Entry, ...], list[Mistake]]:
    """The national holidays and make-up workdays that come with the product (depth 0)."""
    data, text, mistakes = read_toml(NATIONAL, NATIONAL.name)
    entries, more = load_entries(data, NATIONAL.name, text) if not mistakes else ((), [])
    return entries, [*mistakes, *more]


def read_law() -> tuple[dict[str, dict[str, Any]], list[Mistake]]:
    """The steps that laws give to any plan that names them in `include`, by file name."""
    found: dict[str, dict[str, Any]] = {}
    mistakes: list[Mistake] = []
    for path in sorted(LAW.glob("*.toml")):
        found[path.stem], _, wrong = read_toml(path, f"law/{path.name}")
        mistakes += wrong
    return found, mistakes


def read_county(where: str) -> County:
    """Everything in a county folder, with every mistake of every file at once."""
    path = folder_of(where)
    if not path.is_dir():
        missing = Mistake(str(where), "文件夹", "没有这个文件夹", "请写文件夹路径，或 fixtures/counties 下的名称")
        return County(path, {}, None, (), Calendar(()), (), (missing,))
    data, texts, mistakes = _read_files(path)
    national, wrong = read_national()
    mistakes += [*wrong, *_check_head(data, texts)]
    policy: Policy | None = None
    if "policy" in data:
        law, wrong = read_law()
        data["policy"], unknown = with_law(data["policy"], law, "policy.toml")
        policy, also = load_policy(data["policy"], "policy.toml", texts["policy"])
        mistakes += [*wrong, *unknown, *also]
    entries: tuple[Entry, ...] = ()
    if "calendar" in data:
        entries, wrong = load_entries(data["calendar"], "calendar.toml", texts["calendar"], depth=1)
        mistakes += wrong
    mistakes += [wrong for name, check in OPTIONAL.items() if name in data for wrong in check(data, texts)]
    calendar = Calendar(national + entries)
    examples, wrong = _read_examples(path / "examples")
    mistakes += wrong
    if policy is not None and not mistakes:
        mistakes += unprinted(policy.steps, load_papers(data.get("notices", {}), "notices.toml")[0])
        mistakes += check_examples(policy, calendar, examples)
    return County(path, data, policy, entries, calendar, examples, tuple(mistakes))


def _check_targets(data: Mapping[str, dict[str, Any]]) -> list[Mistake]:
    return [Mistake("indicators.toml", "目标", said, "请对照方案改正") for said in load_targets(data["indicators"])[1]]


# What else a folder may hold, by file name, and what is wrong in it.
OPTIONAL: dict[str, Callable[[dict[str, dict[str, Any]], dict[str, str]], list[Mistake]]] = {
    "notices": lambda data, texts: load_papers(data["notices"], "notices.toml")[1],
    "ledgers": lambda data, texts: load_ledgers(data["ledgers"], "ledgers.toml")[1],
    "indicators": lambda data, texts: _check_targets(data),
    "duties": lambda data, texts: load_unit_plan(data["duties"], "duties.toml", texts["duties"])[1],
    "clauses": lambda data, texts: load_clauses(data["clauses"], data, "clauses.toml", texts["clauses"])[1],
}


def check_examples(policy: Policy, calendar: Calendar, examples: tuple[tuple[str, Scenario], ...]) -> list[Mistake]:
    """The examples that do not come out as written; a plan whose examples fail is not adopted."""
    remedy = "方案数据或算例有一处不对，请对照方案原文核对"
    return [
        Mistake(f"examples/{name}", scenario.title, text, remedy)
        for name, scenario in examples
        for text in check_scenario(policy, calendar, scenario)
    ]


def _read_files(path: Path) -> tuple[dict[str, dict[str, Any]], dict[str, str], list[Mistake]]:
    """The TOML files of the folder by stem; a file that cannot be read is left out of the data."""
    data: dict[str, dict[str, Any]] = {}
    texts: dict[str, str] = {}
    mistakes: list[Mistake] = []
    names = {*REQUIRED, *(f.name for f in path.glob("*.toml"))}
    for name in sorted(names):
        found, text, wrong = read_toml(path / name, name)
        mistakes += wrong
        if not wrong:
            data[Path(name).stem], texts[Path(name).stem] = found, text
    return data, texts, mistakes


def _check_head(data: dict[str, dict[str, Any]], texts: dict[str, str]) -> list[Mistake]:
    """county.toml: who runs the plan; its key is that of the plan."""
    if "county" not in data:
        return []
    report = Report("county.toml", texts["county"])
    table = Table(data["county"], (), report)
    key = table.text("key")
    table.text("name")
    table.word("level", LEVELS)
    table.text("code")
    table.text("title")
    table.finish()
    other = data.get("policy", {}).get("key", key)
    if key and other != key:
        report.add(("key",), f"与 policy.toml 的 key 不同（{other!r}）", "请改成一致")
    return report.mistakes


def _read_examples(folder: Path) -> tuple[tuple[tuple[str, Scenario], ...], list[Mistake]]:
    found, mistakes = [], []
    for path in sorted(folder.glob("*.toml")):
        scenario, wrong = read_scenario(path, f"examples/{path.name}")
        mistakes += wrong
        if scenario is not None:
            found.append((path.name, scenario))
    if not found and not mistakes:
        mistakes.append(Mistake("examples", "文件夹", "没有算例", "请至少写一个由方案原文手算的算例"))
    return tuple(found), mistakes


def read_scenario(path: Path, source: str) -> tuple[Scenario | None, list[Mistake]]:
    """One scenario file, or its mistakes."""
    data, text, mistakes = read_toml(path, source)
    return (None, mistakes) if mistakes else load_scenario(data, source, text)


def content_of_version(county: County) -> dict[str, Any]:
    """What a stored version keeps of a folder without mistakes: its tables (days as text) and its examples."""
    content = {name: _plain(county.data.get(name, {})) for name in KEPT}
    content |= {name: _plain(county.data[name]) for name in KEPT_WHERE_WRITTEN if name in county.data}
    folder = county.path / "examples"
    content["examples"] = {name: (folder / name).read_text(encoding="utf-8-sig") for name, _ in county.examples}
    return content


def _plain(value: Any) -> Any:
    """Parsed TOML as JSON keeps it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
