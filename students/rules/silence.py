"""Say how long a class has not reported, and who owes an answer for it: silence stops no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from agencies.rules.calendar import Calendar, dated

# School days without a register after which the duty falls on the principal, and on the bureau.
PRINCIPAL_AFTER, BUREAU_AFTER = 1, 3


@dataclass(frozen=True, slots=True)
class Silence:
    """School days before a day on which no register was taken: since the last one, and all of them this term."""

    since: date | None
    days: int
    missing: int
    # Of the missing days those of which one half was registered.
    half: int = 0

    @property
    def owner(self) -> str:
        """Who owes an answer: empty, `principal` or `bureau`."""
        if self.missing >= BUREAU_AFTER:
            return "bureau"
        return "principal" if self.missing >= PRINCIPAL_AFTER else ""

    @property
    def text(self) -> str:
        """11-09（周一）起2个上课日未报；此前另缺1天; empty where nothing is missing."""
        parts = [f"{dated(self.since)[5:]}起{self.days}个上课日未报"] if self.since else []
        if holes := self.missing - self.days:
            parts.append(f"此前另缺{holes}天" if parts else f"本学期另缺{holes}天")
        if parts and self.half:
            parts.append(f"其中{self.half}天只报了半天")
        return "，".join(parts)


def silence(calendar: Calendar, *, begins: date | None, taken: int, last: date | None, on: date) -> Silence:
    """The silence of a class before the day `on` (that day itself is not over yet).

    `begins`: the first day from which registers are owed (the school's first register, the class's opening), the
    term's first day if None; `taken` registers since then, the `last` of them before `on`.
    """
    term = calendar.term_of(on)
    if term is None:
        return Silence(None, 0, 0)
    first = max(term.first_day, begins or term.first_day)
    owed = calendar.school_days(first, on - timedelta(days=1))
    since = [day for day in owed if last is None or day > last]
    return Silence(since[0] if since else None, len(since), max(len(owed) - taken, len(since)))
