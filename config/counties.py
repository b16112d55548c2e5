"""Reads a county folder from disk into plan, calendar, papers, ledgers and examples, with every mistake in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from agencies.rules.calendar import Calendar, Entry
from agencies.rules.clauses import load_clauses
from agencies.rules.county_calendar import load_entries
from agencies.rules.county_text import CODE, Places, Report, Table, parse_toml
from agencies.rules.policy import load_policy
from agencies.rules.policy_law import with_law
from agencies.rules.policy_overlay import RESOLVED, handwritten, overlaid, version_mistakes
from agencies.rules.policy_schema import Mistake, Policy, Step
from agencies.rules.unit_duties import load_unit_plan
from cases.rules.indicators import load_targets
from cases.rules.scenario import Scenario, load_scenario
from cases.rules.scenario_check import check_scenario
from notices.choices import PaperLayout
from notices.ledgers.county import load_ledgers
from notices.ledgers.definition import CountyLedger
from notices.rules.wording import PaperForm, load_papers

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
NATIONAL = FIXTURES / "calendar" / "national.toml"
LAW = FIXTURES / "law"
REQUIRED = ("county.toml", "policy.toml", "calendar.toml")
REQUIRED_OF_AN_OVERLAY = ("county.toml", "policy.toml")
KEPT = ("policy", "calendar", "notices", "ledgers")
KEPT_WHERE_WRITTEN = ("indicators", "duties", "clauses")
LEVELS = ("county", "township")
LARGEST_FILE = 1_000_000

# The layouts that print the paper a step of a plan names (`Step.document`); a receipt goes with every order.
_PRINTED_BY: Mapping[str, frozenset[PaperLayout]] = {
    "school_record": frozenset({PaperLayout.SCHOOL_RECORD}),
    "township_record": frozenset({PaperLayout.TOWNSHIP_RECORD, PaperLayout.ENROLMENT_RECORD}),
    "enrolment_record": frozenset({PaperLayout.ENROLMENT_RECORD}),
    "entry_notice": frozenset({PaperLayout.ENTRY_NOTICE}),
    "report": frozenset({PaperLayout.REPORT_SLIP, PaperLayout.SITUATION_REPORT}),
    "order": frozenset({PaperLayout.ORDER}),
}


@dataclass(frozen=True, slots=True)
class County:
    """A county folder as read: data by file name (an overlay's laid over its base), its meaning, all that is wrong.

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
    folder = read_folder(path)
    national, wrong = read_national()
    calendar = Calendar(national + folder.entries)
    examples, also = _read_examples(path / "examples")
    mistakes = [*folder.mistakes, *wrong, *also]
    if folder.policy is not None and not mistakes:
        mistakes += check_examples(folder.policy, calendar, examples)
    return County(path, folder.data, folder.policy, folder.entries, calendar, examples, tuple(mistakes))


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of a folder but its examples, whole: an overlay's laid over its base. `policy` is None if wrong."""

    data: dict[str, dict[str, Any]]
    policy: Policy | None
    entries: tuple[Entry, ...]
    mistakes: tuple[Mistake, ...]


def read_folder(path: Path, above: tuple[str, ...] = ()) -> Folder:
    """A folder's files with every mistake in them; `above` are the folders that build on this one."""
    data, texts, mistakes = _read_files(path)
    mistakes += _check_head(data, texts)
    mistakes += [m for name in RESOLVED if name in data for m in handwritten(data[name], f"{name}.toml", texts[name])]
    if "policy" in data:
        law, wrong = read_law()
        data["policy"], unknown = with_law(data["policy"], law, "policy.toml")
        mistakes += [*wrong, *unknown]
    places: Mapping[str, Places] = {}
    if "base" in data.get("policy", {}):
        base, wrong = _base_of(data["policy"], texts["policy"], path, above)
        mistakes += wrong
        if base is None:
            return _checked(_standing_alone(data), texts, {}, mistakes)
        whole = overlaid(base, data, texts)
        data, places = whole.data, whole.places
        mistakes += whole.mistakes
    return _checked(data, texts, places, mistakes)


def _checked(
    data: dict[str, dict[str, Any]], texts: dict[str, str], places: Mapping[str, Places], mistakes: list[Mistake]
) -> Folder:
    policy: Policy | None = None
    if "policy" in data:
        policy, wrong = load_policy(data["policy"], "policy.toml", texts["policy"], places.get("policy"))
        mistakes += wrong
    entries: tuple[Entry, ...] = ()
    if "calendar" in data:
        entries, wrong = load_entries(data["calendar"], "calendar.toml", texts.get("calendar", ""), depth=1)
        mistakes += wrong
    papers, wrong = load_papers(data.get("notices", {}), "notices.toml")
    mistakes += wrong
    if policy is not None and not wrong:
        mistakes += _unprinted(policy.steps, papers)
    ledgers, unread = load_ledgers(data.get("ledgers", {}), "ledgers.toml")
    mistakes += unread or _unlisted(papers, ledgers)
    mistakes += _check_targets(data.get("indicators", {}))
    duties = data.get("duties", {})
    mistakes += load_unit_plan(duties, "duties.toml", texts.get("duties", ""), places.get("duties"))[1]
    if "clauses" in data:
        mistakes += load_clauses(data["clauses"], data, "clauses.toml", texts["clauses"])[1]
    return Folder(data, policy, entries, tuple(mistakes))


def _unlisted(papers: Iterable[PaperForm], ledgers: Iterable[CountyLedger]) -> list[Mistake]:
    """The letters whose list is none of a plan's ledgers of pupils, as mistakes of its notices.toml."""
    fit = [ledger.key for ledger in ledgers if ledger.kind.key == "school_risk"]
    remedy = (
        f"请写 ledger = 本方案一本在校生台账的 key（可用：{'、'.join(fit) or '还没有，请先在 ledgers.toml 写一本'}）"
    )
    return [
        Mistake("notices.toml", f"paper[{form.key}].ledger", f"《{form.title}》没有可附的花名册", remedy)
        for form in papers
        if form.layout == PaperLayout.REPORT_LETTER and form.ledger not in fit
    ]


def _unprinted(steps: Iterable[Step], forms: Iterable[PaperForm]) -> list[Mistake]:
    """The steps whose paper has no layout among a plan's papers, as mistakes of its notices.toml."""
    said = {form.layout for form in forms}
    return [
        Mistake(
            "notices.toml",
            "paper",
            f"步骤“{step.name}”要出具文书（document = {step.document!r}），却没有它的版式",
            f"请写一段 [[paper]]，layout 为 {'、'.join(sorted(_PRINTED_BY[step.document]))}",
        )
        for step in steps
        if step.document in _PRINTED_BY and not said & _PRINTED_BY[step.document]
    ]


def _base_of(
    policy: Mapping[str, Any], text: str, path: Path, above: tuple[str, ...]
) -> tuple[dict[str, dict[str, Any]] | None, list[Mistake]]:
    """The files of the plan a folder builds on, whole; None with what is wrong where they cannot be had.

    It lies beside the folder or under fixtures/counties, and may itself build on another; a mistake in it is one here.
    """
    key, way, report = policy["base"], (*above, path.name), Report("policy.toml", text)
    if key in (*way, policy.get("key")):
        around = " → ".join([*way, str(key)])
        report.add(("base",), f"方案互相叠加，成环：{around}", "请改其中一个的 base")
        return None, report.mistakes
    found = _beside(key, path)
    if found is None:
        known = "、".join(sorted(_folders(path.parent) | _folders(FIXTURES / "counties")))
        remedy = f"请把它的文件夹放在本文件夹旁边，或 fixtures/counties 下；现有：{known}"
        report.add(("base",), f"没有基础方案 {str(key)[:40]!r}", remedy)
        return None, report.mistakes
    base = read_folder(found, way)
    if base.mistakes or base.policy is None:
        told = [Mistake(f"{found.name}/{m.source}", m.place, m.message, m.remedy, m.line) for m in base.mistakes]
        return None, told
    return base.data, version_mistakes(policy, base.data["policy"], text)


def _standing_alone(data: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The files of an overlay that can be read although its base is not to be had."""
    files = ("calendar", "notices", "ledgers", "indicators")
    return {name: {k: v for k, v in data[name].items() if k != "remove"} for name in files if name in data}


def _beside(key: Any, path: Path) -> Path | None:
    if not isinstance(key, str) or not CODE.fullmatch(key):
        return None
    places = (path.parent / key, FIXTURES / "counties" / key)
    return next((place for place in places if (place / "policy.toml").is_file()), None)


def _folders(parent: Path) -> set[str]:
    return {found.parent.name for found in parent.glob("*/policy.toml")}


def _check_targets(data: Mapping[str, Any]) -> list[Mistake]:
    return [Mistake("indicators.toml", "目标", said, "请对照方案改正") for said in load_targets(data)[1]]


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
    overlay = "base" in read_toml(path / "policy.toml", "policy.toml")[0]
    required = REQUIRED_OF_AN_OVERLAY if overlay else REQUIRED
    for name in sorted({*required, *(f.name for f in path.glob("*.toml"))}):
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
