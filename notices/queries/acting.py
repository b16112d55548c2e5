"""Which unit acts on a paper now: its own, what that was merged into, or the township that took the case over."""

from __future__ import annotations

from agencies.choices import UnitKind
from agencies.models import Unit
from agencies.scope import Actor
from cases.models import Case
from cases.queries.mergers import units_of_today
from notices.models import Notice


def acting_unit(notice: Notice, actor: Actor) -> Unit:
    """The unit for which this person voids, withdraws or corrects a paper; no query but where the two differ.

    The township that answers for the case now (划转 of the child's village) took over the powers of the one that
    issued the paper, and so its orders. The former one acts only while it still stands above the child's school; else
    it goes on reading. A school's report stays its own whoever teaches the child now.
    """
    unit, case = notice.unit.successor, notice.case
    if unit.kind != UnitKind.TOWNSHIP or unit.pk == case.township_id:
        return unit
    now = (units_of_today(case)["township"] if case.closed_on else case.township) or unit
    takes_over = any(post.unit_id == now.pk for post in actor.posts)
    return now if takes_over or not _stands_above(unit, case) else unit


def _stands_above(unit: Unit, case: Case) -> bool:
    line = (case.school_class, case.school, case.village, case.township)
    return any(unit.pk in one.ancestor_ids for one in line if one)


def whose(notice: Notice, actor: Actor) -> str:
    """In whose name a paper left, and who acts on it now where that is another, as a refusal says it."""
    acting = acting_unit(notice, actor)
    now = "该单位" if acting in (notice.unit, notice.unit.successor) else f"现在承办的{acting.name}"
    return f"这份文书以{notice.unit.name}名义出具，须由{now}有权人员"
