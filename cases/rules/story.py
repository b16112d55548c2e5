"""A rehearsed story as text that is edited by clicking: read with bounds, a day or an event changed, written again."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from agencies.rules.calendar import ONE_DAY, Calendar, dated
from agencies.rules.county_text import as_day, parse_toml
from agencies.rules.policy_schema import Mistake
from cases.choices import EventKind
from cases.rules.event_fields import FIELDS
from cases.rules.scenario import Scenario, load_scenario
from students.choices import AbsenceReason, PartOfDay

SOURCE = "情景"
# What one page works through at most: a story is one child's few months, and an answer takes a moment.
MOST_TEXT = 40_000
MOST_EVENTS, MOST_SPANS, MOST_DAYS, MOST_EXPECTS = 120, 200, 2_000, 60
LONGEST_STORY = timedelta(days=800)
# Days a new story's register is taken for.
TERM_LENGTH = timedelta(days=140)

Data = dict[str, Any]
# What a tap makes of a day, in turn: (part, reason); None = at school.
TURNS: tuple[tuple[str, str] | None, ...] = (
    None,
    ("day", "unexcused"),
    ("am", "unexcused"),
    ("pm", "unexcused"),
    ("day", "sick"),
)
WORDS = {None: "到校", TURNS[1]: "无故", TURNS[2]: "上午", TURNS[3]: "下午", TURNS[4]: "病假"}


@dataclass(frozen=True, slots=True)
class Story:
    """A story as data (what is written) and as the ladder is asked with it."""

    data: Data
    scenario: Scenario

    @property
    def first_day(self) -> date | None:
        """The first day the story speaks of."""
        scenario = self.scenario
        days = [*(a.first for a in scenario.absent), *(e.happened_on for e in scenario.events)]
        return min([*days, *(first for first, _ in scenario.taken)], default=None)

    def fits(self, on: date) -> bool:
        """Whether the day asked about lies near enough to the story."""
        first = self.first_day
        return first is None or first - LONGEST_STORY <= on <= first + LONGEST_STORY


@lru_cache(maxsize=256)
def title_of(text: str) -> str:
    """The title of a story; empty where its text cannot be read."""
    data, mistakes = parse_toml(text, SOURCE)
    return "" if mistakes else str(data.get("title") or "")


def begin_story(start: date) -> Data:
    """A story in which nothing has happened yet: the register is taken from a day on."""
    return {"title": "预演情景", "roll": [{"from": start, "to": start + TERM_LENGTH}]}


def read_story(text: str) -> tuple[Story | None, list[Mistake]]:
    """The story of a text, or None with everything wrong in it; too much for one page is a mistake too."""
    if len(text) > MOST_TEXT:
        return None, [_wrong("文件", f"情景文字超过{MOST_TEXT}字", "一个情景只写一名学生几个月内的事，请删减")]
    data, mistakes = parse_toml(text, SOURCE)
    mistakes = mistakes or _too_many(data)
    if mistakes:
        return None, mistakes
    scenario, mistakes = load_scenario(data, SOURCE, text)
    if scenario is None:
        return None, mistakes
    mistakes = [*_too_long(scenario), *_event_mistakes(scenario)]
    return (None if mistakes else Story(data, scenario)), mistakes


def _wrong(place: str, message: str, remedy: str) -> Mistake:
    return Mistake(SOURCE, place, message, remedy)


def _too_many(data: Mapping[str, Any]) -> list[Mistake]:
    """More entries than a page works through, before any of them is read."""
    limits = (
        ("event", MOST_EVENTS),
        ("absent", MOST_SPANS),
        ("roll", MOST_EXPECTS),
        ("days", MOST_EXPECTS),
        ("expect", MOST_EXPECTS),
    )
    return [
        _wrong(name, f"共{len(data[name])}条，最多{most}条", "请删减后再推演")
        for name, most in limits
        if isinstance(data.get(name), list) and len(data[name]) > most
    ]


def _too_long(scenario: Scenario) -> list[Mistake]:
    """Days that lie too far apart: a day mistyped by ten years would be walked over one by one."""
    days = [day for first, last in scenario.taken for day in (first, last)]
    days += [day for absent in scenario.absent for day in (absent.first, absent.last)]
    days += [event.happened_on for event in scenario.events]
    days += [day for entry in scenario.days for day in (entry.first_day, entry.last_day)]
    said = []
    if days and max(days) - min(days) > LONGEST_STORY:
        text = f"从{dated(min(days))}到{dated(max(days))}，超过{LONGEST_STORY.days}天"
        said.append(_wrong("日期", text, "请核对年份"))
    if sum((absent.last - absent.first).days + 1 for absent in scenario.absent) > MOST_DAYS:
        said.append(_wrong("absent", f"缺课合计超过{MOST_DAYS}天", "请删去重复的日子"))
    return said


def _event_mistakes(scenario: Scenario) -> list[Mistake]:
    return [
        _wrong(f"event[{event.id}]", text, "请对照事项的登记表单改正")
        for event in scenario.events
        for text in _data_mistakes(event.kind, event.data, event.happened_on)
    ]


def _data_mistakes(kind: EventKind, data: Mapping[str, Any], on: date) -> list[str]:
    """Values no form could have sent: lists and tables, words outside the choices, days ages away."""
    fields = {field.name: field for field in FIELDS[kind]}
    said = []
    for name, value in data.items():
        field, day = fields.get(name), as_day(value)
        if name == "withdraws" and isinstance(value, list) and all(type(one) is int for one in value):
            continue
        if isinstance(value, list | dict):
            said.append(f"{name} 应为单个值")
        elif field is not None and field.kind == "choice" and str(value) not in dict(field.choices):
            said.append(f"{field.label}不能是「{str(value)[:40]}」")
        elif field is not None and field.kind == "date" and day is None:
            said.append(f"{field.label}不是日期")
        elif day is not None and abs(day - on) > 3 * LONGEST_STORY:
            said.append(f"{field.label if field else name}与发生日期相距太远")
    return said


def mark_of(data: Data, day: date) -> str:
    """How the story has a day: 到校, 无故, 上午, 下午, 病假, or another reason's name."""
    found = next((row for row in data.get("absent", ()) if _covers(row, day)), None)
    if found is None:
        return WORDS[None]
    key = (str(found.get("part", "day")), str(found.get("reason", "unexcused")))
    part = "" if key[0] == "day" else str(PartOfDay(key[0]).label)
    return WORDS.get(key) or f"{part}{AbsenceReason(key[1]).label}"


def tap(data: Data, day: date, calendar: Calendar) -> Data:
    """The story after a tap on a day: 到校 → 无故 → 上午 → 下午 → 病假 → 到校; the register is taken that day."""
    words = list(WORDS.values())
    said = mark_of(data, day)
    turn = TURNS[(words.index(said) + 1) % len(TURNS)] if said in words else None
    rows = [piece for row in data.get("absent", ()) for piece in _without(row, day)]
    if turn is not None:
        part, reason = turn
        made: Data = {"from": day, "to": day} | ({} if part == "day" else {"part": part})
        rows.append(made | ({} if reason == "unexcused" else {"reason": reason}))
    return {**data, "roll": _taken(data.get("roll"), day), "absent": _joined(rows, calendar)}


def _span(row: Mapping[str, Any]) -> tuple[date, date]:
    key = ("day", "day") if "day" in row else ("from", "to")
    first, last = as_day(row[key[0]]), as_day(row[key[1]])
    if first is None or last is None:  # a story that was read has only days here
        raise ValueError(f"not a day: {row}")
    return first, last


def _covers(row: Mapping[str, Any], day: date) -> bool:
    first, last = _span(row)
    return first <= day <= last


def _without(row: Data, day: date) -> list[Data]:
    """The row with a day cut out of it: none, one or two rows."""
    if not _covers(row, day):
        return [row]
    first, last = _span(row)
    rest = {key: value for key, value in row.items() if key not in ("day", "from", "to")}
    pieces = [(first, day - ONE_DAY), (day + ONE_DAY, last)]
    return [{"from": a, "to": b, **rest} for a, b in pieces if a <= b]


def _joined(rows: Iterable[Data], calendar: Calendar) -> list[Data]:
    """Rows in order, two of the same kind made one where no school day lies between them."""
    made: list[Data] = []
    for row in sorted(rows, key=_span):
        first, last = _span(row)
        rest = {key: value for key, value in row.items() if key not in ("day", "from", "to")}
        before = made[-1] if made else None
        if before is not None and {k: v for k, v in before.items() if k not in ("from", "to")} == rest:
            gap = calendar.school_days(before["to"] + ONE_DAY, first - ONE_DAY)
            if not gap:
                before["to"] = max(before["to"], last)
                continue
        made.append({"from": first, "to": last, **rest})
    return made


def _taken(roll: Any, day: date) -> list[Data]:
    """The register's spans, the nearest stretched so that the day lies in one."""
    rows: list[Data] = [roll] if isinstance(roll, dict) else list(roll or ())
    if any(_covers(row, day) for row in rows):
        return rows
    if not rows:
        return [{"from": day, "to": day + TERM_LENGTH}]
    row = min(rows, key=lambda r: min(abs(_span(r)[0] - day), abs(_span(r)[1] - day)))
    first, last = _span(row)
    rest = {key: value for key, value in row.items() if key not in ("day", "from", "to")}
    wider = {"from": min(first, day), "to": max(last, day), **rest}
    return [wider if one is row else one for one in rows]


def add_event(data: Data, kind: EventKind, on: date, fields: Mapping[str, Any]) -> Data:
    """The story with one more event; empty fields are left out."""
    said = {name: value for name, value in fields.items() if value not in ("", None)}
    made: Data = {"on": on, "kind": str(kind)} | ({"data": said} if said else {})
    return _numbered(data, sorted([*_events(data), made], key=lambda row: str(row["on"])))


def drop_event(data: Data, number: int) -> Data:
    """The story without its event of this number, counted from 1; an unknown number changes nothing."""
    return _numbered(data, [row for place, row in enumerate(_events(data), start=1) if place != number])


def _numbered(data: Data, rows: list[Data]) -> Data:
    """The story with these events; what a withdrawal names by number follows the events to their new places."""
    places = {id(row): place for place, row in enumerate(rows, start=1)}
    moved = {old: places.get(id(row)) for old, row in enumerate(_events(data), start=1)}
    return {**data, "event": [_following(row, moved) for row in rows]}


def _following(row: Data, moved: Mapping[int, int | None]) -> Data:
    named = row.get("data", {}).get("withdraws")
    if named is None:
        return row
    kept = [place for number in named if (place := moved.get(number)) is not None]
    return {**row, "data": {**row["data"], "withdraws": kept}}


def _events(data: Data) -> list[Data]:
    rows = data.get("event") or []
    return [rows] if isinstance(rows, dict) else list(rows)


def write_story(data: Data) -> str:
    """The story as text of the examples' format: one line an entry, read back the same by `read_story`."""
    lines = [f"{_key(name)} = {_value(value)}" for name, value in data.items() if not _is_rows(value)]
    for name, value in data.items():
        if _is_rows(value):
            rows = "".join(f"  {_value(row)},\n" for row in value)
            lines.append(f"{_key(name)} = [\n{rows}]" if value else f"{_key(name)} = []")
    return "\n".join(lines) + "\n"


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _key(name: str) -> str:
    plain = name.replace("_", "a").replace("-", "a")
    return name if plain.isascii() and plain.isalnum() else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    """One TOML value; days, moments and times as TOML writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(str(name))} = {_value(item)}" for name, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, int | float):
        return repr(value)
    written: Callable[[], str] = value.isoformat
    return written()
