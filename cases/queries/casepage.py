"""Everything one case page shows, read once: facts, people, groups, and what the reader may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from agencies.choices import Permission, UnitKind
from agencies.models import Post
from agencies.rules.roles import may
from agencies.scope import Actor, current
from cases.choices import EventKind
from cases.models import Case, Event, EventProof
from cases.models.event import EventQuerySet
from cases.queries.facts import Known, as_fact, known_of_cases
from cases.queries.named_posts import confirms_dropout
from cases.queries.worklists import guardians_of
from cases.rules.transitions import permissions_for
from students.models import Guardian, Proof, Sight

VISITS = (EventKind.HOME_VISIT, EventKind.VILLAGE_VERIFICATION)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case with its events (superseded ones too) and what the ladder is asked with."""

    case: Case
    events: list[Event]
    known: Known

    @property
    def valid(self) -> list[Event]:
        """The events that stand, oldest first."""
        return [event for event in self.events if event.superseded_at is None]


def facts_of(case: Case, on: date, *, history: bool = False) -> CaseFacts:
    """Events and roll of one case (6 queries); with `history` the ladder is told what was superseded."""
    proven = Exists(EventProof.objects.filter(event=OuterRef("pk")))
    events = Event.objects.filter(case=case).annotate(has_proofs=proven).select_related("unit")
    rows = list(events.order_by("happened_on", "id"))
    told = tuple(as_fact(row) for row in rows if history or row.superseded_at is None)
    known = known_of_cases([case], on, history=history, events={case.pk: told})[case.pk]
    return CaseFacts(case, rows, known)


def proofs_of_events(event_ids: Iterable[int]) -> dict[int, list[Proof]]:
    """The proofs of events already in sight, the withdrawn ones too, oldest first (1 query)."""
    return _by_event(EventProof.objects.filter(event_id__in=list(event_ids)))


def proofs_of_case(facts: CaseFacts) -> dict[int, list[Proof]]:
    """The proofs of all events of a case in sight, by event (1 query, none where the case has no proof)."""
    if not any(getattr(event, "has_proofs", True) for event in facts.events):
        return {}
    return _by_event(EventProof.objects.filter(event__case=facts.case))


def _by_event(links: QuerySet[EventProof]) -> dict[int, list[Proof]]:
    found: dict[int, list[Proof]] = {}
    for link in links.select_related("proof__unit"):
        found.setdefault(link.event_id, []).append(link.proof)
    return found


def guardians(case: Case) -> list[Guardian]:
    """The people to call about the child (1 query)."""
    return guardians_of([case.student_id]).get(case.student_id, [])


def writable_units(actor: Actor, case: Case) -> set[int]:
    """The actor's units that see the child with the right to write (1 query)."""
    units = {post.unit_id for post in actor.posts}
    rows = Sight.objects.filter(student_id=case.student_id, unit_id__in=units, may_write=True)
    return set(rows.values_list("unit_id", flat=True))


def recordable(actor: Actor, units: set[int], case: Case) -> list[EventKind]:
    """The kinds of events this person's posts at `units` may record of a case, in the order of the list of kinds."""
    held = [post.role for post in actor.posts if post.unit_id in units]
    kinds = [kind for kind in EventKind if any(may(role, p) for p in permissions_for(kind) for role in held)]
    return [kind for kind in kinds if kind != EventKind.DROPOUT_CONFIRMED or confirms_dropout(actor, case)]


def visits_of(events: Iterable[Event]) -> list[tuple[date, str, str]]:
    """Visits already made: day, by whom, what."""
    return [
        (
            row.happened_on,
            str(row.data.get("by") or row.data.get("people") or row.recorded_name),
            str(row.get_kind_display()),
        )
        for row in events
        if row.kind in VISITS and row.superseded_at is None
    ]


def possible_persons(case: Case, on: date) -> list[Post]:
    """Who may be put in charge, a post each: posts that see cases, below the county, in the child's sight."""
    units = Sight.objects.filter(student_id=case.student_id, may_write=True).exclude(unit__kind=UnitKind.COUNTY)
    posts = Post.objects.filter(current(on), unit_id__in=units.values("unit_id"), user__is_active=True)
    rows = posts.select_related("user", "unit").order_by("-unit__path", "id")
    found = {post.user_id: post for post in rows if may(post.role, Permission.VIEW_CASE)}
    return list(found.values())


def events_in_sight(actor: Actor) -> EventQuerySet:
    """Events of cases in the actor's sight, with what correcting one needs."""
    rows = Event.objects.visible_to(actor, Permission.VIEW_CASE).select_related(
        "case__student", "case__policy", "case__school", "case__school_class", "case__village", "case__township"
    )
    return rows.defer("case__policy__content")
