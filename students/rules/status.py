"""Say what a child's standing on the books means: expected on the roll or not, and since when again."""

from datetime import date

from agencies.rules.calendar import dated
from students.choices import EnrolmentStatus as Status

# 人在无籍 children sit in class: they are counted though no student record exists yet.
EXPECTED = frozenset({Status.IN_SCHOOL, Status.UNREGISTERED})
ENDED = frozenset({Status.TRANSFERRED, Status.GRADUATED, Status.DIED})
# Standings that an approval brings about and a return ends. After their last day, where they have one, the child is
# expected back: nobody has allowed it to stay away any longer (送教 without a new evaluation too).
AWAY = frozenset({Status.SUSPENDED, Status.POSTPONED, Status.LONG_LEAVE, Status.HOME_TAUGHT})


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
