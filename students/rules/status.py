"""Say what a child's standing on the books means: expected on the roll or not, and which change needs which proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from agencies.rules.calendar import dated
from students.choices import EnrolmentStatus as Status
from students.rules.identity import Problem

# 人在无籍 children sit in class: they are counted though no student record exists yet.
EXPECTED = frozenset({Status.IN_SCHOOL, Status.UNREGISTERED})
ENDED = frozenset({Status.TRANSFERRED, Status.GRADUATED, Status.DIED})
# Standings that an approval brings about and a return ends. After their last day, where they have one, the child is
# expected back: nobody has allowed it to stay away any longer (送教 without a new evaluation too).
AWAY = frozenset({Status.SUSPENDED, Status.POSTPONED, Status.LONG_LEAVE, Status.HOME_TAUGHT})
ONE_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of standing needs: the paper, and whether the guardian's own statement belongs to it."""

    proof: str
    guardian_statement: bool = False
    end_required: bool = False


_BACK = Change("复学或返校的凭据")
# 休学, 缓学: 义务教育法 art. 11; 送教: 残疾人教育条例 arts 17, 20; 转学 and 休学 need the guardian's own word
# because a school may not bring them about (未成年人保护法 art. 28).
CHANGES: Mapping[Status, Mapping[Status, Change]] = MappingProxyType(
    {
        Status.IN_SCHOOL: {
            Status.SUSPENDED: Change(
                "县级以上医院诊断证明等休学依据和审批表", guardian_statement=True, end_required=True
            ),
            Status.HOME_TAUGHT: Change("残疾人教育专家委员会评估意见", guardian_statement=True),
            Status.LONG_LEAVE: Change("请假条和证明", guardian_statement=True, end_required=True),
            Status.TRANSFERRED: Change("转入学校接收证明或学籍系统转学记录", guardian_statement=True),
            Status.GRADUATED: Change("毕业名册"),
            Status.DIED: Change("死亡证明或公安机关结论"),
        },
        Status.UNREGISTERED: {
            Status.IN_SCHOOL: Change("学籍补建或转入记录"),
            Status.TRANSFERRED: Change("在读学校证明", guardian_statement=True),
        },
        Status.SUSPENDED: {
            Status.IN_SCHOOL: Change("复学申请和康复证明"),
            Status.SUSPENDED: Change("延长休学的申请和证明", guardian_statement=True, end_required=True),
            Status.HOME_TAUGHT: Change("残疾人教育专家委员会评估意见", guardian_statement=True),
            Status.TRANSFERRED: Change("转入学校接收证明", guardian_statement=True),
            Status.DIED: Change("死亡证明或公安机关结论"),
        },
        Status.HOME_TAUGHT: {
            Status.IN_SCHOOL: _BACK,
            Status.TRANSFERRED: Change("转入学校接收证明", guardian_statement=True),
            Status.GRADUATED: Change("毕业名册"),
            Status.DIED: Change("死亡证明或公安机关结论"),
        },
        Status.POSTPONED: {
            Status.IN_SCHOOL: Change("入学登记"),
            Status.POSTPONED: Change("再次缓学的申请和审批", guardian_statement=True, end_required=True),
            Status.HOME_TAUGHT: Change("残疾人教育专家委员会评估意见", guardian_statement=True),
            Status.DIED: Change("死亡证明或公安机关结论"),
        },
        Status.LONG_LEAVE: {
            Status.IN_SCHOOL: _BACK,
            Status.SUSPENDED: Change("休学依据和审批表", guardian_statement=True, end_required=True),
            Status.HOME_TAUGHT: Change("残疾人教育专家委员会评估意见", guardian_statement=True),
            Status.TRANSFERRED: Change("转入学校接收证明", guardian_statement=True),
            Status.DIED: Change("死亡证明或公安机关结论"),
        },
        Status.TRANSFERRED: {Status.IN_SCHOOL: Change("转入记录"), Status.UNREGISTERED: Change("到班情况说明")},
        Status.GRADUATED: {},
        Status.DIED: {},
    }
)


def is_expected(status: str, *, last_day: date | None = None, on: date | None = None) -> bool:
    """Whether the child belongs to 应到 on a day; a limited standing whose last day has passed expects it back.

    `last_day` is that of the standing (`Enrolment.until`), not of the row; None = open-ended.
    """
    if status in AWAY and last_day is not None and on is not None:
        return on > last_day
    return status in EXPECTED


def why_not_expected(status: str, *, last_day: date | None = None, on: date | None = None) -> str:
    """The words beside a name that is left out of 应到; empty where the child is expected."""
    if is_expected(status, last_day=last_day, on=on):
        return ""
    label = Status(status).label
    return f"{label}至{dated(last_day)}" if status in AWAY and last_day else label


def time_up(status: str, *, last_day: date | None = None, on: date | None = None) -> str:
    """The words beside a name that is expected again because its approved time is over; empty for all others."""
    if status not in AWAY or last_day is None or not is_expected(status, last_day=last_day, on=on):
        return ""
    return f"{Status(status).label}至{dated(last_day)}已到期"


def possible_changes(status: str) -> Mapping[Status, Change]:
    """Standings that may follow, each with what it needs."""
    return CHANGES[Status(status)]


def check_change(
    old: str,
    new: str,
    *,
    first_day: date,
    last_day: date | None = None,
    proof: str = "",
    guardian_statement: bool = False,
) -> tuple[Problem, ...]:
    """List what stands against a change of standing from `first_day`; `last_day` is the last day of a limited one."""
    change = possible_changes(old).get(Status(new))
    if change is None:
        return (
            Problem("status", f"不能由“{Status(old).label}”直接变为“{Status(new).label}”", "请先核对学生当前状态"),
        )
    found: list[Problem] = []
    if not proof.strip():
        found.append(Problem("proof", "没有填写依据", f"请填写：{change.proof}"))
    if change.guardian_statement and not guardian_statement:
        found.append(
            Problem(
                "guardian_statement",
                "没有监护人本人的申请",
                "请上传监护人签名的申请；学校不得要求学生休学、转学、退学",
            )
        )
    if change.end_required:
        found.extend(_check_end(first_day, last_day))
    return tuple(found)


def _check_end(first_day: date, last_day: date | None) -> list[Problem]:
    if last_day is None:
        return [Problem("last_day", "没有填写截止日期", "请填写到期日；到期仍不能返校的再次申请")]
    if last_day < first_day:
        return [Problem("last_day", "截止日期早于开始日期", "请核对两个日期")]
    if last_day - first_day > ONE_YEAR:
        return [Problem("last_day", "期限超过一年", "一次最多一年，期满仍需要的再次申请")]
    return []
