"""Judge the facts of one row against each other, the day, and the schools and classes that exist."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from students.choices import DocumentKind
from students.imports.cells import Facts
from students.rules.classes import KnownClass, find_class, read_grade
from students.rules.households import is_legal_guardian
from students.rules.identity import (
    Problem,
    birth_date_of,
    check_birth_date,
    check_document,
    check_student_number,
    is_resident_number,
    sex_of,
)

SHOWN_CLASSES = 8
# What a problem found by the identity rules is about → key of the column it is shown at, and the kind of its cover.
PLACES: Mapping[str, tuple[str, str]] = {
    "number": ("document_number", "number"),
    "kind": ("document_kind", ""),
    "sex": ("sex", ""),
    "born_on": ("birth_date", ""),
    "student_number": ("record_number", "number"),
}


class Judge:
    """Completes and checks rows; class names once found are remembered."""

    def __init__(
        self, schools: Mapping[str, int], classes: Iterable[KnownClass], school: int | None, *, on: date
    ) -> None:
        self.schools = schools
        self.school = school
        self.on = on
        self.classes: dict[int, list[KnownClass]] = defaultdict(list)
        for known in classes:
            self.classes[known.school_id].append(known)
        self.found: dict[tuple[int, str, str], list[KnownClass]] = {}
        self.without_guardian = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth saying about all rows together."""
        if not self.without_guardian:
            return ()
        return (f"有 {self.without_guardian} 名学生没有监护人：将来的通知书没有送达对象，请尽快补填",)

    def judge(self, facts: Facts) -> Facts:
        """Complete and check the facts of one row, adding its mistakes."""
        self._document(facts)
        self._birth(facts)
        self._names(facts)
        self._school_and_class(facts)
        self._family(facts)
        return facts

    def _wrong(self, facts: Facts, key: str, kind: str, problem: Problem, default: str = "") -> None:
        facts.wrong(facts.heads.get(key, default or key), kind, facts.values.get(key, ""), problem)

    def _document(self, facts: Facts) -> None:
        values = facts.values
        number = values.get("document_number", "")
        if "document_kind" not in values:
            if number and not is_resident_number(number):
                problem = Problem("kind", "没有填写证件类型", "请从下拉列表中选择；没有证件的填“无证件”")
                self._wrong(facts, "document_kind", "", problem, "身份证件类型")
                return
            values["document_kind"] = DocumentKind.RESIDENT_CARD if number else DocumentKind.NONE
        if any(m.column == facts.heads.get("document_number") for m in facts.mistakes):
            return
        born = self._whole_birth(facts)
        for problem in check_document(
            values["document_kind"], number, sex=values.get("sex"), born_on=born, on=self.on
        ):
            key, kind = PLACES[problem.about]
            self._wrong(facts, key, kind, problem)
        if record := values.get("record_number"):
            for problem in check_student_number(record, document_number=number, born_on=born):
                self._wrong(facts, "record_number", "number", problem)

    def _whole_birth(self, facts: Facts) -> date | None:
        """The date of birth; one written without its day is completed from a document number of the same month."""
        written = facts.values.get("birth_date", "")
        number = facts.values.get("document_number", "")
        inside = birth_date_of(number) if is_resident_number(number) else None
        if inside and (not written or (len(written) == 7 and inside.isoformat().startswith(written))):
            if not any(m.column == facts.heads.get("birth_date") for m in facts.mistakes):
                facts.values["birth_date"] = inside.isoformat()
            return inside
        return date.fromisoformat(written) if len(written) == 10 else None

    def _birth(self, facts: Facts) -> None:
        written = facts.values.get("birth_date", "")
        bad_already = any(m.column == facts.heads.get("birth_date") for m in facts.mistakes)
        if bad_already:
            return
        if len(written) == 10:
            born = date.fromisoformat(written)
            for problem in check_birth_date(born, on=self.on):
                self._wrong(facts, "birth_date", "", problem)
            self._entry(facts, born)
            return
        message = "只有年月，没有日" if written else "没有填写出生日期"
        self._wrong(facts, "birth_date", "", Problem("born_on", message, "请写成 8 位数字，如 20130512"), "出生日期")

    def _entry(self, facts: Facts, born: date) -> None:
        entered = facts.record.get("入学年月", "")
        if not entered:
            return
        year, month = int(entered[:4]), int(entered[5:7])
        if (year, month) < (born.year, born.month):
            problem = Problem("entry", f"入学年月早于出生日期（{born}）", "请核对两个日期")
        elif year > self.on.year + 1:
            problem = Problem("entry", "入学年月在明年以后", "请核对年份")
        else:
            return
        facts.wrong("入学年月", "", entered, problem)

    def _names(self, facts: Facts) -> None:
        values = facts.values
        if "name" not in values and not any(m.column == facts.heads.get("name") for m in facts.mistakes):
            self._wrong(facts, "name", "", Problem("name", "没有填写姓名", "请填写户口簿上的姓名；整行无用的请删除"))
        if "sex" in values or any(m.column == facts.heads.get("sex") for m in facts.mistakes):
            return
        number = values.get("document_number", "")
        sex = sex_of(number) if is_resident_number(number) else None
        if sex:
            values["sex"] = sex
        else:
            self._wrong(facts, "sex", "", Problem("sex", "没有填写性别", "请填“男”或“女”"))

    def _school_and_class(self, facts: Facts) -> None:
        values = facts.values
        code = values.get("school_code", "")
        school = self.schools.get(code) if code else self.school
        if school is None:
            message = f"学校标识码“{code}”不在您管理的学校中" if code else "没有填写学校标识码"
            problem = Problem("school", message, "请填写本校的 10 位标识码；换学校请由相应学校或教育局导入")
            self._wrong(facts, "school_code", "", problem, "学校标识码")
            return
        values["school_id"] = str(school)
        text = values.get("class_name", "")
        if not text:
            self._wrong(facts, "class_name", "", Problem("class", "没有填写班级", "请填写班级，如“三（2）班”"))
            return
        self._class(facts, school, text)

    def _class(self, facts: Facts, school: int, text: str) -> None:
        grade = facts.values.get("grade", "")
        key = (school, text, grade)
        if key not in self.found:
            self.found[key] = find_class(text, self.classes[school], on=self.on, grade=read_grade(grade))
        found = self.found[key]
        if len(found) == 1:
            facts.values["class_id"] = str(found[0].id)
            facts.values["class_name"] = found[0].name
            return
        names = "、".join(c.name for c in (found or self.classes[school])[:SHOWN_CLASSES]) or "（还没有班级）"
        message = f"可能是几个班级：{names}" if found else "本校没有这个班级"
        remedy = "请写明年级和班号，如“三（2）班”" if found else f"请改成已有的班级（如 {names}），或先建立班级"
        self._wrong(facts, "class_name", "", Problem("class", message, remedy))

    def _family(self, facts: Facts) -> None:
        has_guardian = False
        for number in (1, 2):
            prefix = f"guardian{number}."
            member = {k.removeprefix(prefix): v for k, v in facts.values.items() if k.startswith(prefix)}
            if not member:
                continue
            if "name" not in member:
                self._nameless(facts, number, member)
                continue
            has_guardian |= is_legal_guardian(member.get("relation", ""), member.get("is_guardian", ""))
            self._member_document(facts, prefix, member)
        self.without_guardian += not has_guardian

    def _nameless(self, facts: Facts, number: int, member: Mapping[str, str]) -> None:
        head = facts.heads.get(f"guardian{number}.name", f"成员{number}姓名")
        if set(member) <= {"is_guardian", "document_kind", "ethnicity"}:
            return  # drop-downs left at their default say nothing about a person
        if not any(m.column == head for m in facts.mistakes):
            facts.wrong(
                head, "", "", Problem("name", "填了这名成员的情况，却没有姓名", "请补填姓名，或清空这名成员的各列")
            )

    def _member_document(self, facts: Facts, prefix: str, member: Mapping[str, str]) -> None:
        number = member.get("document_number", "")
        if not number:
            return
        kind = member.get("document_kind") or DocumentKind.RESIDENT_CARD
        for problem in check_document(kind, number, on=self.on):
            self._wrong(facts, f"{prefix}document_number", "number", problem)
        if number == facts.values.get("document_number"):
            problem = Problem("number", "与学生本人的证件号相同", "请填写成员自己的证件号，没有的留空")
            self._wrong(facts, f"{prefix}document_number", "number", problem)
