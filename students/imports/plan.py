"""Plan an import: per row create, update, same, ambiguous or faulty, with everything wrong listed at once.

Pure: the sheet and what is known come in, the plan goes out; nothing is written and no clock is read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from students.choices import RowVerdict
from students.imports.cells import Facts, Mistake, RowReader
from students.imports.columns import Mapped, catalogue, map_heads
from students.imports.judge import Judge
from students.imports.workbook import Sheet
from students.rules.classes import KnownClass
from students.rules.masks import mask_address, mask_number, mask_phone
from students.rules.matching import Match, Meeting, Person, Register, meet


@dataclass(frozen=True, slots=True)
class KnownChild:
    """A child on record: for matching, and `facts` to compare with (keys of columns.toml; absent keys are not)."""

    person: Person
    facts: Mapping[str, str] = field(default_factory=dict)
    guardians: tuple[Mapping[str, str], ...] = ()
    class_id: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the import meets: schools by 标识码, the `school` for rows that name none, classes, children.

    `key_of` makes the key under which numbers and phones of `children` are given (a keyed digest, or the text itself).
    """

    schools: Mapping[str, int]
    classes: Sequence[KnownClass]
    children: Iterable[KnownChild] = ()
    school: int | None = None
    key_of: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that an update changes; personal values are covered."""

    field: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What one row will do. `values` by key of columns.toml, `record` by head; dates are ISO texts."""

    row: int
    verdict: RowVerdict
    name: str = ""
    class_name: str = ""
    school_id: int | None = None
    class_id: int | None = None
    child_id: int | None = None
    candidates: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    record: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    guardians: tuple[Mapping[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows, all mistakes in order of row and column, and what was noticed about the file."""

    rows: tuple[RowPlan, ...]
    mistakes: tuple[Mistake, ...]
    notes: tuple[str, ...]


COVERS: Mapping[str, Callable[[str], str]] = {
    "document_number": mask_number,
    "record_number": mask_number,
    "phone": mask_phone,
    "residence_address": mask_address,
    "hukou_address": mask_address,
    "home_address": mask_address,
    "postal_address": mask_address,
    "address": mask_address,
}


def make_plan(sheet: Sheet, known: Known, *, on: date, answers: Mapping[int, int | None] | None = None) -> Plan:
    """Plan the import of a sheet as of the day `on`.

    `answers` settles ambiguous rows: row number → id of the child it is, or None for a new child.
    Without the required columns no row is judged: one mistake per missing column is all there is to say.
    """
    mapped = map_heads(sheet.headers)
    if mapped.missing:
        return Plan((), _missing(sheet, mapped), _file_notes(sheet, mapped))
    children = {child.person.id: child for child in known.children}
    register = Register.of(child.person for child in children.values())
    judge = Judge(known.schools, known.classes, known.school, on=on)
    reader = RowReader(mapped.used, catalogue())
    planner = _Planner(known, children, register, answers or {}, {c.id: c.name for c in known.classes})
    rows = [planner.plan(judged) for judged in (judge.judge(reader.read(row)) for row in sheet.rows)]
    mistakes = tuple(sorted(m for row in rows for m in row.mistakes))
    return Plan(tuple(rows), mistakes, (*_file_notes(sheet, mapped), *judge.notes))


def _missing(sheet: Sheet, mapped: Mapped) -> tuple[Mistake, ...]:
    place = f"工作表“{sheet.name}”第 {sheet.header_row} 行的表头缺少这一列"
    return tuple(
        Mistake(0, column.header, "", place, "请补上该列（列名与全国学籍系统模板一致），顺序不限")
        for column in mapped.missing
    )


def _file_notes(sheet: Sheet, mapped: Mapped) -> tuple[str, ...]:
    notes = [f"读取工作表“{sheet.name}”，表头在第 {sheet.header_row} 行，识别 {len(mapped.used)} 列"]
    if mapped.unknown:
        notes.append(f"不认识的列，未读取：{'、'.join(mapped.unknown[:20])}")
    if mapped.ignored:
        notes.append(f"不需要的列，未读取：{'、'.join(mapped.ignored)}")
    if doubled := (*mapped.doubled, *sheet.repeated):
        notes.append(f"重复的列，只读第一个：{'、'.join(doubled)}")
    return tuple(notes)


@dataclass(slots=True)
class _Planner:
    """Matches judged rows with children and with each other."""

    known: Known
    children: Mapping[int, KnownChild]
    register: Register
    answers: Mapping[int, int | None]
    class_names: Mapping[int, str]
    seen: dict[str, int] = field(default_factory=dict)

    def plan(self, facts: Facts) -> RowPlan:
        values = facts.values
        person = self._person(facts)
        self._check_twice(facts, person)
        if facts.mistakes:
            return self._row(facts, RowVerdict.FAULTY, Match(Meeting.NOBODY))
        match = self._answered(facts.row, meet(person, self.register))
        if match.meeting == Meeting.ASK:
            return self._row(facts, RowVerdict.AMBIGUOUS, match)
        if match.child_id is None:
            return self._row(facts, RowVerdict.CREATE, match)
        if (earlier := self.seen.setdefault(f"child:{match.child_id}", facts.row)) != facts.row:
            head = facts.heads.get("name", "姓名")
            message = f"与第 {earlier} 行认定为同一名在册学生"
            facts.mistakes.append(Mistake(facts.row, head, values["name"], message, "请删去其中一行，或核对证件号"))
            return self._row(facts, RowVerdict.FAULTY, match)
        changes = self._changes(facts, self.children[match.child_id])
        return self._row(facts, RowVerdict.UPDATE if changes else RowVerdict.SAME, match, changes)

    def _person(self, facts: Facts) -> Person:
        values, key = facts.values, self.known.key_of
        phones = [values.get("phone"), *(g.get("phone") for g in guardians_of(values))]
        return Person(
            id=-facts.row,
            name=values.get("name", ""),
            birth_date=date.fromisoformat(values["birth_date"]) if len(values.get("birth_date", "")) == 10 else None,
            document=key(values["document_number"]) if values.get("document_number") else "",
            record=key(values["record_number"]) if values.get("record_number") else "",
            phones=frozenset(key(p) for p in phones if p),
            school_id=int(values["school_id"]) if values.get("school_id") else None,
        )

    def _check_twice(self, facts: Facts, person: Person) -> None:
        marks = [(person.document, "document_number", "证件号"), (person.record, "record_number", "学籍号")]
        if not person.document:
            same = f"{person.name}/{person.birth_date}/{facts.values.get('class_id')}" if person.birth_date else ""
            marks.append((same, "name", "姓名、出生日期、班级"))
        for mark, key, what in marks:
            if not mark:
                continue
            earlier = self.seen.setdefault(f"{key}:{mark}", facts.row)
            if earlier != facts.row:
                shown = covered(key, facts.values.get(key, ""))
                message = f"与第 {earlier} 行的{what}相同"
                head = facts.heads.get(key, what)
                facts.mistakes.append(Mistake(facts.row, head, shown, message, "请删去重复的一行，或改正填错的一行"))

    def _answered(self, row: int, match: Match) -> Match:
        if match.meeting != Meeting.ASK or row not in self.answers:
            return match
        chosen = self.answers[row]
        if chosen is None:
            return Match(Meeting.NOBODY, reasons=(*match.reasons, "经办人确认为新学生"))
        if chosen not in match.candidates:
            return match
        return Match(Meeting.CHILD, chosen, reasons=(*match.reasons, "经办人确认为同一人"))

    def _changes(self, facts: Facts, child: KnownChild) -> tuple[Change, ...]:
        # A blank cell never empties a fact, and a fact the caller does not give is not compared.
        changes = [
            _change(facts, key, old, facts.values[key])
            for key, old in child.facts.items()
            if facts.values.get(key) and facts.values[key] != old
        ]
        new_class = facts.values.get("class_id", "")
        if new_class and str(child.class_id or "") != new_class:
            old_name = self.class_names.get(child.class_id or 0, "")
            changes.append(_change(facts, "class_name", old_name, facts.values["class_name"]))
        return (*changes, *self._guardian_changes(facts, child))

    def _guardian_changes(self, facts: Facts, child: KnownChild) -> Iterable[Change]:
        on_record = {g.get("name", ""): g for g in child.guardians}
        for number, guardian in numbered_guardians(facts.values):
            old = on_record.get(guardian["name"])
            if old is None:
                yield _change(facts, f"guardian{number}.name", "", guardian["name"])
                continue
            for key, value in guardian.items():
                if key in old and value != old[key]:
                    yield _change(facts, f"guardian{number}.{key}", old[key], value)

    def _row(self, facts: Facts, verdict: RowVerdict, match: Match, changes: tuple[Change, ...] = ()) -> RowPlan:
        values = facts.values
        return RowPlan(
            row=facts.row,
            verdict=verdict,
            name=values.get("name", ""),
            class_name=values.get("class_name", ""),
            school_id=int(values["school_id"]) if values.get("school_id") else None,
            class_id=int(values["class_id"]) if values.get("class_id") else None,
            child_id=match.child_id,
            candidates=match.candidates,
            reasons=(*match.reasons, *facts.notes),
            values={k: v for k, v in values.items() if "." not in k},
            record=facts.record,
            groups=tuple(dict.fromkeys(facts.groups)),
            guardians=guardians_of(values),
            changes=changes,
            mistakes=tuple(facts.mistakes),
        )


def _change(facts: Facts, key: str, old: str, new: str) -> Change:
    return Change(key, facts.heads.get(key, key), covered(key, old), covered(key, new))


def covered(key: str, value: str) -> str:
    """A value for the preview: numbers, phones and addresses are covered."""
    cover = COVERS.get(key.rpartition(".")[2])
    return cover(value) if cover else value


def numbered_guardians(values: Mapping[str, str]) -> Iterable[tuple[int, dict[str, str]]]:
    """Family members of a row that have a name, with their place in the sheet."""
    for number in (1, 2):
        prefix = f"guardian{number}."
        member = {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}
        if member.get("name"):
            yield number, member


def guardians_of(values: Mapping[str, str]) -> tuple[Mapping[str, str], ...]:
    """Family members of a row that have a name."""
    return tuple(member for _, member in numbered_guardians(values))
