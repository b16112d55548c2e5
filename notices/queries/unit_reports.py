"""What a school reports together: its children with open cases, its figures of the day, the letters already sent."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from agencies.choices import Permission, UnitKind
from agencies.models import Unit
from agencies.queries.policies import adoptions_reaching
from agencies.scope import Actor
from cases.choices import Stage
from cases.models import Case
from cases.queries.figures import Ground, absent_by_reason, enrolled_count, reporting_of
from notices.choices import NoticeState
from notices.models import Notice, UnitReport
from notices.queries.ledger_children import UNEXCUSED
from notices.queries.papers import READERS, forms_of
from notices.rules.report_letter import SchoolCounts
from notices.rules.reporting import letter_form
from students.choices import EnrolmentStatus
from students.models import Enrolment

# Children who are not out of school: settled for the time, or helped without a case (帮扶) while they come.
_NOT_OUT = (Stage.HELP, Stage.RETURNED, Stage.PLACED, Stage.CLOSED)


def reporting_schools(actor: Actor) -> list[Unit]:
    """The schools in whose name this person signs papers (1 query)."""
    own = actor.units(Permission.ISSUE_SCHOOL_PAPER)
    rows = Unit.objects.visible_to(actor, Permission.ISSUE_SCHOOL_PAPER)
    return list(rows.filter(pk__in=own, kind=UnitKind.SCHOOL, last_day__isnull=True).order_by("path"))


def reports_together(actor: Actor, on: date) -> bool:
    """Whether a plan that reaches this person's units has its schools report children in one letter (1 query)."""
    paths = tuple({path for permission in READERS for path in actor.paths(permission)})
    return any(letter_form(forms_of(row.version)) for row in adoptions_reaching(paths, on))


def reportable_cases(actor: Actor, school: Unit) -> list[Case]:
    """Open cases of the school whose plan reports them in one letter, by class and name (1 query)."""
    rows = Case.objects.visible_to(actor, Permission.ISSUE_SCHOOL_PAPER)
    rows = rows.filter(school=school, closed_on__isnull=True).exclude(stage__in=_NOT_OUT)
    rows = rows.select_related("student", "policy", "school", "school_class", "village", "township")
    rows = rows.order_by("school_class__path", "student__sort_key", "pk")
    return [case for case in rows if letter_form(forms_of(case.policy))]


def school_counts(ground: Ground) -> SchoolCounts:
    """What the figures of the letter are made of, for one school on a day (9 queries)."""
    school, roll = ground.unit, reporting_of(ground)
    reasons = absent_by_reason(ground)
    standings = Enrolment.objects.filter(school=school, last_day__isnull=True).order_by()
    by_status = dict(standings.values_list("status").annotate(n=Count("pk")))
    cases = Case.objects.filter(school=school, closed_on__isnull=True).exclude(stage__in=_NOT_OUT)
    out = cases.aggregate(
        suspected=Count("pk", filter=Q(dropped_out_on__isnull=True)),
        dropped_out=Count("pk", filter=Q(dropped_out_on__isnull=False)),
    )
    return SchoolCounts(
        enrolled=enrolled_count(ground),
        expected=roll.expected if roll.reported else None,
        absent=roll.absent,
        unexcused=sum(reasons.get(reason, 0) for reason in UNEXCUSED),
        suspended=by_status.get(EnrolmentStatus.SUSPENDED, 0),
        postponed=by_status.get(EnrolmentStatus.POSTPONED, 0),
        home_taught=by_status.get(EnrolmentStatus.HOME_TAUGHT, 0),
        **out,
    )


def reports_seen(actor: Actor) -> QuerySet[UnitReport]:
    """The letters this person may open, newest first, without their bytes; `waiting` = not finished yet.

    `gone` = children whose sheet was taken back or voided since.
    """
    found = UnitReport.objects.none()
    for permission in READERS:
        if actor.can(permission):
            found |= UnitReport.objects.visible_to(actor, permission)
    gone = Count("sheets", filter=Q(sheets__state__in=[NoticeState.VOID, NoticeState.WITHDRAWN]))
    found = found.annotate(waiting=_unfinished(), gone=gone)
    return found.distinct().select_related("unit", "township").defer("pdf", "facts").order_by("-pk")


def unfinished() -> QuerySet[UnitReport]:
    """Letters numbered and not rendered, or with a sheet that was not signed out."""
    return UnitReport.objects.filter(_unfinished())


def _unfinished() -> Q:
    undone = [NoticeState.DRAFT, NoticeState.NUMBERED]
    sheets = Notice.objects.filter(report_id=OuterRef("pk"), state__in=undone)
    return Q(state=NoticeState.NUMBERED) | Q(Exists(sheets))
