"""Whose support plans (一生一策) have something due: those made by one's units, and those of cases in one's charge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q

from agencies.choices import Permission, UnitKind
from agencies.rules.roles import may
from agencies.scope import Actor
from cases.choices import EventKind
from cases.models import Case, Event
from cases.queries.facts import as_fact
from cases.rules import facts as facts_of
from cases.rules.support_plan import KINDS, Reminder, SupportPlan, reminders, support_plan, without_plan
from cases.rules.transitions import permissions_for
from students.models import Sight

# Who made the plan, or began the help it is made for, looks after it.
MAKING = (EventKind.SUPPORT_PLAN, EventKind.HELP_BEGUN)


def plans_due(actor: Actor, on: date) -> dict[int, tuple[Reminder, ...]]:
    """What is due today or late by the plans of this person's open cases, by case id (2 queries, 1 without plans).

    The unit that made the plan that stands looks at it again, as long as it may write about the child; so does the
    person in charge of the case. Below the county, whoever is named for a measure is told of that measure. Worked
    out from the events on each reading, in natural days.
    """
    reviewers = permissions_for(EventKind.PLAN_REVIEWED)
    posts = [post for post in actor.posts if any(may(post.role, wanted) for wanted in reviewers)]
    if not posts:
        return {}
    units = {post.unit_id for post in posts}
    near = {post.unit_id for post in posts if post.unit_kind != UnitKind.COUNTY}
    made = Event.objects.filter(case=OuterRef("pk"), kind__in=MAKING, superseded_at__isnull=True)
    seen = Sight.objects.filter(student_id=OuterRef("student_id"), may_write=True)
    ours = Exists(made.filter(unit_id__in=units)) & Exists(seen.filter(unit_id__in=units))
    others = Exists(made) & (Q(person_id=actor.user_id) | Exists(seen.filter(unit_id__in=near)))
    rows = Case.objects.visible_to(actor, Permission.VIEW_CASE).filter(closed_on__isnull=True).filter(ours | others)
    mine = {pk: person == actor.user_id for pk, person in rows.order_by().values_list("pk", "person_id")}
    if not mine:
        return {}
    return {pk: found for pk, found in _due(mine, units, actor.name, on) if found}


def plan_before(actor: Actor, case: Case, on: date) -> SupportPlan | None:
    """The plan of the child's last case that is closed, to begin a new one with (1 query); None without one."""
    rows = Event.objects.visible_to(actor, Permission.VIEW_CASE).filter(
        case__student_id=case.student_id, case__closed_on__isnull=False, kind__in=KINDS, superseded_at__isnull=True
    )
    facts: dict[int, list[facts_of.Event]] = {}
    for row in rows.order_by("case_id"):
        facts.setdefault(row.case_id, []).append(as_fact(row))
    plans = [plan for events in facts.values() if (plan := support_plan(events, on))]
    return plans[-1] if plans else None


def _due(mine: dict[int, bool], units: set[int], name: str, on: date) -> Iterable[tuple[int, tuple[Reminder, ...]]]:
    events: dict[int, list[Event]] = {}
    for event in Event.objects.filter(case_id__in=mine, kind__in=KINDS, superseded_at__isnull=True):
        events.setdefault(event.case_id, []).append(event)
    for pk, rows in events.items():
        facts = [as_fact(row) for row in rows]
        plan = support_plan(facts, on)
        wanted = plan.event_id if plan else next((r.pk for r in rows if r.kind == EventKind.HELP_BEGUN), None)
        by = next((row.unit_id for row in rows if row.pk == wanted), None)
        whole = mine[pk] or by in units
        yield (
            pk,
            tuple(
                reminder
                for reminder in (reminders(plan, on) if plan else without_plan(facts, on))
                if whole or reminder.person == name
            ),
        )
