"""Whose duty is it: the open duties of a person's posts, of vacant posts below, and of cases in one's charge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from agencies.choices import Permission, Role, UnitKind
from agencies.models import PolicyVersion, Post
from agencies.queries.policies import policy_of
from agencies.rules.roles import HEADS, may
from agencies.scope import Actor, HeldPost, current
from cases.choices import DutyState, EventKind
from cases.models import Case, DutyRow, Event
from cases.rules.standing import WAITING
from cases.rules.wording import CLOSABLE, SEEN
from students.models import Guardian, Sight, Student

HEAD_ROLES = frozenset(role for roles in HEADS.values() for role in roles)
# A vacant post's duties climb at most from a class over school and township to the county.
LEVELS_UP = 4
# One page of work; who has more finds the rest in the queue.
LIMIT = 60


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A case on somebody's list: his waiting duties on it (none where he is only in charge), and why it is his."""

    case: Case
    duties: tuple[DutyRow, ...]
    why: str = ""


def _filled(on: date, unit: str, roles: Iterable[Role] | OuterRef) -> Exists:
    posts = Post.objects.filter(current(on), unit_id=OuterRef(unit), user__is_active=True)
    return Exists(posts.filter(role=roles) if isinstance(roles, OuterRef) else posts.filter(role__in=list(roles)))


def _own(posts: Iterable[HeldPost]) -> Q:
    condition = Q(pk__in=[])
    for post in posts:
        condition |= Q(owner_unit_id=post.unit_id, owner_role=post.role)
    return condition


def _vacant(posts: Iterable[HeldPost], on: date) -> Q:
    """Duties of empty posts under the units this person heads; the first filled role of HEADS is the head."""
    condition = Q(pk__in=[])
    for post in posts:
        heads = HEADS.get(post.unit_kind, ())
        if post.role not in heads:
            continue
        before = heads[: heads.index(post.role)]
        first = ~Q(
            Exists(Post.objects.filter(current(on), unit_id=post.unit_id, role__in=before, user__is_active=True))
        )
        under, headless = Q(pk__in=[]), Q()
        unit = "owner_unit"
        for _ in range(LEVELS_UP):
            under |= Q(**{f"{unit}_id": post.unit_id}) & headless
            headless &= ~Q(_filled(on, f"{unit}_id", HEAD_ROLES))
            unit = f"{unit}__parent"
        condition |= first & under
    if condition == Q(pk__in=[]):
        return condition
    return ~Q(_filled(on, "owner_unit_id", OuterRef("owner_role"))) & condition


def _shared(actor: Actor, versions: Iterable[PolicyVersion]) -> Q:
    """Duties whose step names one of the person's roles as a further owner (会同), for children in its sight."""
    condition = Q(pk__in=[])
    for version in versions:
        for step in policy_of(version).steps:
            for post in actor.posts:
                if post.role in step.also_owners:
                    seen = Sight.objects.filter(
                        unit_id=post.unit_id, student_id=OuterRef("case__student_id"), may_write=True
                    )
                    condition |= Q(case__policy_id=version.pk, step=step.key) & Q(Exists(seen))
    return condition


def charged(actor: Actor, on: date, versions: Iterable[PolicyVersion]) -> Q:
    """Condition on DutyRow: owed by this person's posts, alone or with others, or by an empty post he heads."""
    return _own(actor.posts) | _vacant(actor.posts, on) | _shared(actor, versions)


def versions_at_work() -> list[PolicyVersion]:
    """The plan versions that govern any case (1 query)."""
    return list(PolicyVersion.objects.filter(Exists(Case.objects.filter(policy_id=OuterRef("pk")))).defer("content"))


def charged_steps(actor: Actor, case: Case, on: date) -> set[tuple[str, int]]:
    """(step, round) of the waiting duties of one case that are this person's (1 query)."""
    mine = DutyRow.objects.filter(case=case, state__in=WAITING).filter(charged(actor, on, [case.policy]))
    return set(mine.values_list("step", "round"))


def owes_duty(actor: Actor, student_id: int, on: date) -> bool:
    """Whether this person must act on the child now, by a post or as the person in charge (3 queries)."""
    cases = Case.objects.visible_to(actor, Permission.SEE_NAMES).filter(student_id=student_id, closed_on__isnull=True)
    case = cases.select_related("policy").defer("policy__content").first()
    if case is None:
        return False
    return bool(charged_steps(actor, case, on)) or (
        case.person_id == actor.user_id and DutyRow.objects.filter(case=case, state__in=WAITING).exists()
    )


def stale_in_sight(actor: Actor, on: date, limit: int) -> list[int]:
    """Ids of open cases in the actor's sight whose cached standing has run out (1 query)."""
    rows = Case.objects.visible_to(actor, Permission.VIEW_CASE).filter(closed_on__isnull=True, changes_on__lte=on)
    return list(rows.order_by("changes_on", "id").values_list("pk", flat=True)[:limit])


def _cases(ids: Iterable[int]) -> dict[int, Case]:
    rows = Case.objects.filter(pk__in=list(ids)).select_related(
        "policy", "school", "school_class", "village", "township", "student", "person"
    )
    return {case.pk: case for case in rows.defer("policy__content")}


def _to_note(actor: Actor) -> Q:
    """Cases that wait for a record, not for a duty: a report to take in, a child back by the roll, a closing."""
    schools = [p.unit_id for p in actor.posts if may(p.role, Permission.RECORD_SCHOOL_EVENT)]
    units = {p.unit_id for p in actor.posts}
    seen = Q(sentence__startswith=SEEN) & (Q(school_class_id__in=schools) | Q(school_id__in=schools))
    closable = Q(sentence__startswith=CLOSABLE) & (
        Q(school_id__in=units) | Q(village_id__in=units) | Q(township_id__in=units) | _county(actor)
    )
    return seen | closable | (Q(township_id__in=_receiving(actor)) & Q(Exists(_unreceived())))


def _receiving(actor: Actor) -> set[int]:
    """The townships at which this person takes in the schools' reports."""
    permission = Permission.RECORD_TOWNSHIP_EVENT
    return {p.unit_id for p in actor.posts if p.unit_kind == UnitKind.TOWNSHIP and may(p.role, permission)}


def _unreceived() -> QuerySet[Event]:
    """The school's reports after which nothing was taken in; for a case given by the outer query."""
    valid = Event.objects.filter(superseded_at__isnull=True)
    later = valid.filter(
        kind=EventKind.REPORT_RECEIVED, case_id=OuterRef("case_id"), recorded_at__gte=OuterRef("recorded_at")
    )
    return valid.filter(~Exists(later), kind=EventKind.REPORT_SENT, case_id=OuterRef("pk"))


def receives(actor: Actor, case: Case) -> bool:
    """Whether this person takes in the school's report on the case."""
    return case.township_id in _receiving(actor)


def _county(actor: Actor) -> Q:
    condition = Q(pk__in=[])
    for post in actor.posts:
        if post.unit_kind == UnitKind.COUNTY:
            condition |= Q(school__path__startswith=post.unit_path) | Q(township__path__startswith=post.unit_path)
    return condition


def work_rows(
    actor: Actor, on: date, limit: int = LIMIT, *, besides: Iterable[int] = (), first: Iterable[int] = ()
) -> tuple[list[WorkRow], bool]:
    """What this person must see to, overdue first, then by due date; and whether there is more (4 queries).

    `besides` are cases that are on the list for another reason (a support plan to look at again), `first` those that
    stand above everything else; both in this person's sight.
    """
    duties = (
        DutyRow.objects.visible_to(actor, Permission.VIEW_CASE)
        .filter(case__closed_on__isnull=True, state__in=WAITING)
        .filter(charged(actor, on, versions_at_work()))
        .order_by(F("due_on").asc(nulls_last=True), "case_id", "id")
    )
    grouped: dict[int, list[DutyRow]] = {}
    ordered = list(duties[: limit * 3])
    for duty in sorted(ordered, key=lambda row: row.state != DutyState.OVERDUE):
        grouped.setdefault(duty.case_id, []).append(duty)
    others = Case.objects.visible_to(actor, Permission.VIEW_CASE).filter(
        Q(person_id=actor.user_id) | Q(pk__in=list(besides)) | _to_note(actor), closed_on__isnull=True
    )
    extra = others.exclude(pk__in=grouped).order_by("next_due_on", "id").values_list("pk", flat=True)[: limit + 1]
    wanted = list(dict.fromkeys([*first, *grouped, *extra]))
    cases = _cases(wanted[:limit])
    rows = [
        WorkRow(cases[pk], tuple(grouped.get(pk, ())), _why(actor, cases[pk], grouped.get(pk, [])))
        for pk in wanted[:limit]
    ]
    return rows, len(wanted) > limit or len(ordered) == limit * 3


def _why(actor: Actor, case: Case, duties: list[DutyRow]) -> str:
    """Why a case is on the list where that is not plain: a vacant post, a shared duty, being in charge."""
    own = {(post.unit_id, post.role) for post in actor.posts}
    roles = {post.role for post in actor.posts}
    if duties and not any((duty.owner_unit_id, duty.owner_role) in own for duty in duties):
        owner = Role(duties[0].owner_role)
        shared = any(
            roles & set(step.also_owners) for step in policy_of(case.policy).steps if step.key == duties[0].step
        )
        return f"会同{owner.label}办理" if shared else f"{owner.label}岗位空缺，由您代为办理"
    if not duties and case.person_id == actor.user_id:
        return "您是责任人"
    return ""


def guardians_of(student_ids: Iterable[int]) -> dict[int, list[Guardian]]:
    """The people to call about each child, in the order on record (1 query)."""
    found: dict[int, list[Guardian]] = {}
    for row in Guardian.objects.filter(student_id__in=list(student_ids), ended_on__isnull=True):
        found.setdefault(row.student_id, []).append(row)
    return found


def named_children(actor: Actor, student_ids: Iterable[int]) -> set[int]:
    """Which of these children the actor may see by name (no query unless posts differ in it)."""
    ids = set(student_ids)
    if actor.system or actor.units(Permission.SEE_NAMES) == actor.units(Permission.VIEW_CASE):
        return ids
    rows = Student.objects.visible_to(actor, Permission.SEE_NAMES).filter(pk__in=ids)
    return set(rows.values_list("pk", flat=True))
