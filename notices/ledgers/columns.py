"""The columns ledgers are made of: what a row holds, and how each column is headed, masked and filled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypedDict

from agencies.xlsx import Cell
from students.rules.masks import mask_address, mask_name, mask_number, mask_phone


class LedgerRow(TypedDict, total=False):
    """One child, or one case, as the query hands it over: flat and in words; a missing key prints empty.

    `groups` names every special group, `groups_open` leaves out those under restricted permission, such as 残疾 and
    服刑人员子女; `reason_open`, `risk_reason_open` and `outcome_open` say 限制信息 where the cause
    or the ending tells one of these.
    """

    file_number: str
    name: str
    sex: str
    birth_date: date | None
    id_number: str
    student_number: str
    guardian: str
    guardian_relation: str
    phone: str
    hukou: str
    address: str
    township: str
    village: str
    school: str
    grade: str
    class_name: str
    entry_status: str
    school_elsewhere: str
    special_group: bool | None
    groups: str
    groups_open: str
    group_boxes: str
    group_boxes_open: str
    due_grade: str
    not_enrolled_reason: str
    at_risk: bool | None
    risk_reason: str
    risk_reason_open: str
    category: str
    registered: str
    absent_from: date | None
    absent_days: str
    reason: str
    reason_open: str
    whereabouts: str
    found_on: date | None
    school_teachers: str
    school_ways: str
    school_persuaded_on: date | None
    school_visits: int | None
    school_effect: str
    village_verified_on: date | None
    village_result: str
    reported_on: date | None
    township_visits: int | None
    first_visit: str
    last_visit: str
    township_result: str
    notice_number: str
    served_on: date | None
    deadline: date | None
    measures: str
    helper: str
    reviewed: str
    contacted_on: date | None
    stage: str
    owner: str
    returned_on: date | None
    enrolment_restored_on: date | None
    outcome: str
    outcome_open: str
    closed: bool | None
    closed_on: date | None
    remark: str


Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class LedgerColumn:
    """A column of the catalogue; `mask` covers the value unless the ledger leaves in full, `restricted` hides more."""

    key: str
    head: str
    group: str = ""
    width: float = 10
    align: Literal["left", "center", "right"] = "center"
    mask: Mask | None = None
    restricted: bool = False

    def value(self, row: LedgerRow, *, full: bool, restricted: bool, names: bool) -> Cell:
        """The cell of this column for one row; `names` leaves names whole where numbers and addresses are covered."""
        key = f"{self.key}_open" if self.restricted and not restricted else self.key
        cell = _cell(row, key)
        if self.mask and not full and not (names and self.mask is mask_name) and isinstance(cell, str):
            return self.mask(cell)
        return cell


def _cell(row: LedgerRow, key: str) -> Cell:
    if derived := _DERIVED.get(key):
        return derived(row)
    found: object = row.get(key)
    return found if isinstance(found, str | int | float | date) else None


def _birth_month(row: LedgerRow) -> Cell:
    day = row.get("birth_date")
    return f"{day.year}年{day.month}月" if day else ""


def _class(row: LedgerRow) -> Cell:
    grade, name = row.get("grade", ""), row.get("class_name", "")
    return f"{grade}年级{name}班" if grade and name else grade or name


_DERIVED: Mapping[str, Callable[[LedgerRow], Cell]] = {"birth_month": _birth_month, "grade_class": _class}

_CHILD, _GUARDIAN, _SCHOOL, _PLACE = "学生信息", "监护人", "就读情况", "户籍与住址"
_ABSENCE, _AT_SCHOOL, _IN_VILLAGE, _IN_TOWN, _END = "辍学情况", "学校劝返", "村级协助", "乡镇劝返", "销号"

_ALL = (
    LedgerColumn("file_number", "档案编号", width=14),
    LedgerColumn("name", "姓名", _CHILD, 10, mask=mask_name),
    LedgerColumn("sex", "性别", _CHILD, 6),
    LedgerColumn("birth_date", "出生日期", _CHILD, 11),
    LedgerColumn("birth_month", "出生年月", _CHILD, 11),
    LedgerColumn("id_number", "身份证号", _CHILD, 20, mask=mask_number),
    LedgerColumn("student_number", "学籍号", _CHILD, 21, mask=mask_number),
    LedgerColumn("guardian", "姓名", _GUARDIAN, 9, mask=mask_name),
    LedgerColumn("guardian_relation", "关系", _GUARDIAN, 7),
    LedgerColumn("phone", "联系电话", _GUARDIAN, 13, mask=mask_phone),
    LedgerColumn("hukou", "户籍地", _PLACE, 22, "left", mask_address),
    LedgerColumn("address", "现住址", _PLACE, 24, "left", mask_address),
    LedgerColumn("township", "乡镇", _PLACE, 10),
    LedgerColumn("village", "村（社区）", _PLACE, 11),
    LedgerColumn("school", "学校", _SCHOOL, 18, "left"),
    LedgerColumn("grade_class", "年级班", _SCHOOL, 11),
    LedgerColumn("entry_status", "入学状态", _SCHOOL, 10),
    LedgerColumn("school_elsewhere", "县外就读学校", _SCHOOL, 18, "left"),
    LedgerColumn("special_group", "是否特殊群体", width=8),
    LedgerColumn("groups", "特殊群体类别", width=14, align="left", restricted=True),
    LedgerColumn("group_boxes", "对象类别", width=14, align="left", restricted=True),
    LedgerColumn("due_grade", "应入学校、年级", _SCHOOL, 14),
    LedgerColumn("not_enrolled_reason", "未入学原因", width=18, align="left"),
    LedgerColumn("at_risk", "是否有辍学风险", width=8),
    LedgerColumn("risk_reason", "风险原因", width=14, align="left", restricted=True),
    LedgerColumn("category", "人员类别", width=11),
    LedgerColumn("registered", "报到情况", width=10),
    LedgerColumn("absent_from", "首次未到校日期", _ABSENCE, 12),
    LedgerColumn("absent_days", "累计未到校日数", _ABSENCE, 8),
    LedgerColumn("reason", "原因", _ABSENCE, 14, "left", restricted=True),
    LedgerColumn("whereabouts", "去向", _ABSENCE, 14, "left"),
    LedgerColumn("found_on", "发现日期", _ABSENCE, 12),
    LedgerColumn("school_teachers", "劝返工作教师", _AT_SCHOOL, 12),
    LedgerColumn("school_ways", "劝返方式", _AT_SCHOOL, 10),
    LedgerColumn("school_persuaded_on", "劝返时间", _AT_SCHOOL, 12),
    LedgerColumn("school_visits", "劝返次数", _AT_SCHOOL, 7),
    LedgerColumn("school_effect", "劝返效果", _AT_SCHOOL, 16, "left"),
    LedgerColumn("village_verified_on", "核查日期", _IN_VILLAGE, 12),
    LedgerColumn("village_result", "核查结果", _IN_VILLAGE, 16, "left"),
    LedgerColumn("reported_on", "书面报告日期", width=12),
    LedgerColumn("township_visits", "劝返次数", _IN_TOWN, 7),
    LedgerColumn("first_visit", "首次劝返记录", _IN_TOWN, 18, "left"),
    LedgerColumn("last_visit", "最近劝返记录", _IN_TOWN, 18, "left"),
    LedgerColumn("township_result", "动员结果", _IN_TOWN, 10),
    LedgerColumn("notice_number", "通知书文号", "限期通知书", 20),
    LedgerColumn("served_on", "送达日期", "限期通知书", 12),
    LedgerColumn("deadline", "限期届满日", "限期通知书", 12),
    LedgerColumn("measures", "保学措施", width=28, align="left"),
    LedgerColumn("helper", "帮扶责任人", width=10),
    LedgerColumn("reviewed", "复查（阶段评估）情况", width=21, align="left"),
    LedgerColumn("contacted_on", "最近联系日期", width=12),
    LedgerColumn("stage", "目前状态", width=10),
    LedgerColumn("owner", "责任人", width=10),
    LedgerColumn("returned_on", "返校日期", _END, 12),
    LedgerColumn("enrolment_restored_on", "学籍恢复日期", _END, 12),
    LedgerColumn("outcome", "处置结果", _END, 12, restricted=True),
    LedgerColumn("closed", "是否销号", _END, 7),
    LedgerColumn("closed_on", "销号日期", _END, 12),
    LedgerColumn("remark", "备注", width=12, align="left"),
)

COLUMNS: Mapping[str, LedgerColumn] = {column.key: column for column in _ALL}
