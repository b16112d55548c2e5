"""When a step opens and by when it is due: the closed vocabulary of triggers and limits of a plan."""

from dataclasses import dataclass

from agencies.choices import DayType

# Fields of an event and the values of which each must have one.
Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A number of days of one type, or of months; `roll` moves an end on a closed day to the next day of that type.

    A span of months ends on the day of the same number, else on the month's last day (民法典 art. 202); a day earlier
    where the first day counts.
    """

    days: int
    day_type: DayType = DayType.NATURAL
    count_first: bool = False
    roll: DayType | None = None
    months: int = 0

    @property
    def same_day(self) -> bool:
        """当日: it ends on the day it begins."""
        return not (self.days or self.months)


@dataclass(frozen=True, slots=True)
class TermDay:
    """The n-th day of a term (开学后15日), the term's first day not counted unless `count_first`.

    As a due date: of the term in which the duty opens or, in a break, of the next; where that day is already past,
    `late` runs from the opening.
    """

    day: int
    day_type: DayType
    count_first: bool = False
    late: Span | None = None


@dataclass(frozen=True, slots=True)
class FixedDate:
    """A date of every year (8月31日) or, without `month`, of every month (每月25日); 「前」 includes the day.

    On a rest day it moves as `Policy.fixed_date_roll` says. In a shorter month the last day stands for it.
    """

    day: int
    month: int | None = None


Limit = Span | TermDay | FixedDate


@dataclass(frozen=True, slots=True)
class AbsenceTrigger:
    """Opens on the day the counted absence reaches the threshold and every step in `needs` is done or overdue."""

    halves: int
    comparison: str
    count: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlaggedTrigger:
    """Opens on the day a person flags the child (有辍学倾向)."""


@dataclass(frozen=True, slots=True)
class WaitTrigger:
    """Opens when `span` has run since an earlier step and the child is still not seen at school.

    `since`: done (an overdue step counts at its due date where the plan says so), due, received (receipt of the
    report), served, deadline (the guardian's time after service). `opens`: last_day of the span or next_day.
    `where` asks the fulfilling event for a field with one of these values.
    """

    after: str
    since: str
    span: Span
    opens: str = "last_day"
    where: Where = ()


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """Opens on the day an event of this kind happened whose fields have the values of `where`."""

    event: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class ReturnedTrigger:
    """Opens on the day the child's return is confirmed."""


@dataclass(frozen=True, slots=True)
class NotRegisteredTrigger:
    """Opens when a child did not come at the start of a term (未按时报到).

    On the day that is recorded, or on the day the absence that began with the term's first school day reaches
    `halves`, whichever is earlier.
    """

    halves: int


@dataclass(frozen=True, slots=True)
class LeaveTrigger:
    """Opens on the day on which leave in a row has reached (at_least) or passed (more_than) so many days.

    School days are those on leave; natural and working days run from the first day on leave to the last.
    """

    days: int
    comparison: str
    day_type: DayType


@dataclass(frozen=True, slots=True)
class TermDayTrigger:
    """Opens on the first such day of a term on or after the round's first day, the child still being away."""

    at: TermDay


@dataclass(frozen=True, slots=True)
class FixedDateTrigger:
    """Opens on the first such date on or after the round's first day, the child still being away."""

    at: FixedDate


@dataclass(frozen=True, slots=True)
class CycleTrigger:
    """Opens anew in every week (from Monday), month, quarter or term, and asks for the step's acts in each.

    `during`: away (from the round's first day, or from the doing of step `after`, until the child is back) or placed
    (while an approved application of the kinds `applications` runs). `first`: whether the period in which it begins
    counts (this) or the one after (next). `breaks`: a period without a school day is left out (skip) or kept.
    """

    every: str
    during: str
    first: str
    breaks: str
    after: str = ""
    applications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryTrigger:
    """Opens on the day the child is decided to belong to one of these categories (归类认定)."""

    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LapseTrigger:
    """Opens `before` an approved application of these kinds runs out, so that the child comes into view in time."""

    applications: tuple[str, ...]
    before: Span


@dataclass(frozen=True, slots=True)
class AgeTrigger:
    """Opens on the birthday on which the child reaches `years` full years (at once where it lies behind)."""

    years: int


Trigger = (
    AbsenceTrigger
    | FlaggedTrigger
    | WaitTrigger
    | EventTrigger
    | ReturnedTrigger
    | NotRegisteredTrigger
    | LeaveTrigger
    | TermDayTrigger
    | FixedDateTrigger
    | CycleTrigger
    | CategoryTrigger
    | LapseTrigger
    | AgeTrigger
)
