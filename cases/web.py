"""What the case views share: the case in sight, fresh caches, names as the reader may see them, places."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from agencies.choices import Permission, Role
from agencies.queries.policies import policy_of
from agencies.rules.calendar import Calendar
from agencies.scope import Actor, system
from agencies.web import one_or_404, today
from cases.actions.refresh import refresh_cases
from cases.choices import Cause, Difficulty, EventKind, Stage
from cases.models import Case, Event
from cases.queries.facts import Known, as_fact, known_of_cases
from cases.queries.queue import visible_cases
from cases.queries.worklists import named_children, owes_duty
from cases.rules.facts import Event as FactOfCase
from cases.rules.picture import event_title
from cases.rules.privacy import (
    cause_words,
    outcome_words,
    restricted_title,
    tells_restricted_cause,
    with_cause_covered,
)
from cases.rules.safeguard import Alarm, alarms
from cases.rules.standing import Standing
from cases.rules.support_plan import rest_day_hint
from cases.rules.transitions import PAPER_OF, caution, is_made_by_paper, permissions_for
from cases.rules.units import COUNTY, place_of
from cases.rules.wording import awaits_service
from students.models import Guardian, Student
from students.rules.attendance import RollFacts
from students.rules.identity import age_on
from students.rules.masks import mask_address, mask_name, mask_phone
from students.web import RecordOfChild

# How a duty stands, in colour; always shown with its word.
DUTY_TONES = {"open": "warn", "overdue": "danger", "done": "good", "done_late": "warn"}
# How a page offers to begin a case with one of these.
BEGIN_WORDS = {
    EventKind.FLAGGED: "上报辍学倾向",
    EventKind.HELP_BEGUN: "开始帮扶（未缺课，不进入劝返流程）",
    EventKind.NOT_REGISTERED: "登记未报到",
    EventKind.NOT_ENROLLED: "登记未入学",
    EventKind.APPLIED: "登记监护人申请",
    EventKind.CATEGORY_DECIDED: "归类认定",
}
# The same acts in the record of a child who is helped and not absent.
WHILE_HELPED = {EventKind.FLAGGED: "上报辍学倾向（转入劝返）", EventKind.CLOSED: "结束帮扶"}
SHORT = {
    EventKind.REPORT_SENT: "出具报告单",
    EventKind.REPORT_RECEIVED: "签收报告单",
    EventKind.NOTICE_ISSUED: "办理通知书",
    EventKind.NOTICE_SERVED: "办理通知书",
    EventKind.RETURNED: "登记返校",
    EventKind.CLOSED: "办理销号",
    EventKind.HOME_TEACHING: "登记送教",
    EventKind.SUPPORT_PLAN: "定一生一策",
    EventKind.PLAN_REVIEWED: "登记复查",
}


# What waits for a person beside the cases, told by higher apps: {label, count, measure, url}, none where none waits.
beside_cases: list[Callable[[Actor], list[dict[str, Any]]]] = []


# What a higher app knows for the form of an entry: values by field name, none where it knows nothing.
entry_values: list[Callable[[Case, EventKind, date], dict[str, str]]] = []


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call: who, the number as shown, and whole where this reader may dial it."""

    pk: int
    name: str
    relation: str
    is_guardian: bool
    masked: str
    tel: str = ""
    url: str = ""

    @property
    def field(self) -> str:
        """How the child's page names this number when it is asked for whole, with a reason."""
        return f"phone-{self.pk}"

    @property
    def label(self) -> str:
        """What is covered."""
        return "电话"


def permit(actor: Actor, kind: EventKind) -> None:
    """PermissionDenied, in words, unless one of the person's posts may record this kind of event."""
    wanted = permissions_for(kind)
    if not any(actor.can(permission) for permission in wanted):
        raise PermissionDenied(f"您的岗位没有“{wanted[0].label}”权限，不能登记“{kind.label}”。")


def case_or_404(actor: Actor, pk: int) -> Case:
    """The case where the actor sees the child, else 404."""
    found: Case = one_or_404(visible_cases(actor), pk=pk)
    return found


def fresh(cases: Iterable[Case], on: date, now: datetime, known: dict[int, Known] | None = None) -> dict[int, Known]:
    """Bring the stale caches among these cases up to date; returns what is known of the refreshed ones."""
    stale = [case for case in cases if case.changes_on and case.changes_on <= on]
    if not stale:
        return {}
    facts = {case.pk: known[case.pk] for case in stale} if known else known_of_cases(stale, on)
    refresh_cases(by=system("自动刷新"), cases=stale, on=on, now=now, known=facts)
    return facts


def names_for(actor: Actor, cases: Iterable[Case]) -> dict[int, str]:
    """The children's names by case id, covered where the reader may not see them."""
    rows = list(cases)
    seen = named_children(actor, [case.student_id for case in rows])
    return {case.pk: case.student.name if case.student_id in seen else mask_name(case.student.name) for case in rows}


def contacts(guardians: Iterable[Guardian], *, whole: bool, named: bool = True) -> list[Contact]:
    """The people to call, legal guardians first; numbers whole only with a standing right (an open duty)."""
    rows = sorted(guardians, key=lambda row: not row.is_guardian)
    return [
        Contact(
            pk=row.pk,
            name=row.name if named else mask_name(row.name),
            relation=row.relation,
            is_guardian=row.is_guardian,
            masked=mask_phone(row.phone),
            tel=row.phone if whole else "",
            url=reverse("students:reveal", args=[row.student_id]),
        )
        for row in rows
    ]


def address_of(student: Student, *, whole: bool, named: bool) -> dict[str, Any]:
    """Where the child lives, as parts of the child's page show a covered value; whole with a standing right."""
    return {
        "field": "residence_address",
        "label": "现住址",
        "masked": mask_address(student.residence_address),
        "whole": student.residence_address if whole else "",
        "is_phone": False,
        "url": reverse("students:reveal", args=[student.pk]) if named else "",
    }


def may_know(actor: Actor, event: Event) -> bool:
    """Whether illness and disability in this entry are for this reader: its writer, or a post that may see such."""
    return event.recorded_by_id == actor.user_id or actor.can(Permission.SEE_RESTRICTED)


def alarms_of(
    actor: Actor, roll: RollFacts, events: Iterable[Event], moment: datetime, *, since: date | None = None
) -> list[Alarm]:
    """What these entries and the roll ask for at once; a cause this reader may not know leaves no trace."""
    rows = {event.pk: event for event in events}

    def knows(event: FactOfCase) -> bool:
        return not tells_restricted_cause(event.data) or may_know(actor, rows[event.id])

    return alarms(roll, [as_fact(row) for row in rows.values()], moment, knows=knows, since=since)


def title_for(actor: Actor, event: Event, title: str = "") -> str:
    """The heading of an entry (`title` where it has one of its own), covered for readers who may not know."""
    kind, knows = EventKind(event.kind), may_know(actor, event)
    whole = title or event_title(kind, event.data if knows else with_cause_covered(event.data))
    return whole if knows else restricted_title(kind, event.data, whole) or whole


def cause_of(actor: Actor, case: Case, events: Iterable[Event] = ()) -> str:
    """The cause of a case for this reader; who recorded it (among `events`) reads what he wrote.

    A child who is helped for no cause of the list is helped for 有辍学倾向.
    """
    if case.stage == Stage.HELP and case.cause == Cause.NOT_KNOWN:
        return str(Difficulty.INCLINED.label)
    knows = actor.can(Permission.SEE_RESTRICTED)
    wrote = any(e.recorded_by_id == actor.user_id for e in events if e.data.get("cause") == case.cause)
    return cause_words(case.cause, knows=knows or wrote)


def outcome_of(actor: Actor, case: Case, events: Iterable[Event] = ()) -> str:
    """How a case ended, for this reader; who recorded it (among `events`) reads what he wrote."""
    wrote = any(e.recorded_by_id == actor.user_id for e in events if e.data.get("outcome") == case.outcome)
    return outcome_words(case.outcome, knows=wrote or actor.can(Permission.SEE_RESTRICTED))


def owner_label(case: Case, role: str) -> str:
    """Who owes a duty, with the unit: 柳树村 村（社区）书记."""
    label = Role(role).label if role in Role.values else role
    place = place_of(Role(role)) if role in Role.values else COUNTY
    unit = getattr(case, place, None) if place != COUNTY else None
    return f"{unit.label} {label}" if unit else str(label)


def elsewhere(case: Case, kind: EventKind) -> str:
    """The page where an event is made in place of a form: its paper, closing, visit, plan; "" = it has a form."""
    pages = {
        EventKind.CLOSED: ("cases:close", case.pk),
        EventKind.HOME_TEACHING: ("students:visit_new", case.student_id),
        EventKind.SUPPORT_PLAN: ("cases:plan_edit", case.pk),
        EventKind.MEASURE_DONE: ("cases:plan", case.pk),
    }
    if kind in pages:
        name, pk = pages[kind]
        return reverse(name, args=[pk])
    if is_made_by_paper(policy_of(case.policy), kind):
        return reverse("notices:case_papers", args=[case.pk])
    return ""


def event_link(case: Case, kind: EventKind, back_to: str = "") -> dict[str, str]:
    """The door to the form of an event kind: label and address."""
    label, url = SHORT.get(kind) or str(kind.label), elsewhere(case, kind)
    if not url:
        label = str(kind.label) if kind in PAPER_OF else label
        url = reverse("cases:event_new", args=[case.pk, kind])
        url = f"{url}?{urlencode({'next': back_to})}" if back_to else url
    return {"label": label, "url": url, "kind": kind}


def act_link(case: Case, standing: Standing, kind: EventKind, back_to: str = "") -> dict[str, str]:
    """`event_link` as the case stands: an order that is signed is served, not prepared; help has words of its own."""
    link = event_link(case, kind, back_to)
    if standing.stage == Stage.HELP and kind in WHILE_HELPED:
        return link | {"label": WHILE_HELPED[kind]}
    return link | {"label": "登记送达"} if kind == EventKind.NOTICE_SERVED and awaits_service(standing) else link


def caution_of(
    case: Case, standing: Standing, kind: EventKind, kinds: Iterable[EventKind], back_to: str = ""
) -> dict[str, Any] | None:
    """What should come before this act, with the door to it for whoever may record it and the way back to the act."""
    text = caution(standing, kind)
    if not text:
        return None
    door = event_link(case, EventKind.CRITICISM, back_to or event_link(case, kind)["url"])
    return {"text": text, "door": door if EventKind.CRITICISM in kinds else None}


def own_page(request: HttpRequest, default: str) -> str:
    """The page to go back to: `next` where it is one of ours."""
    target = request.GET.get("next") or request.POST.get("next") or ""
    fit = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if fit and len(target) < 500 else default


def head_of(case: Case, name: str) -> dict[str, Any]:
    """The line that says which child a form is about: class, village, age (for who may know the name) and stage."""
    place = " ".join(unit.label for unit in (case.school, case.school_class) if unit)
    home = case.village.label if case.village else ""
    age = age_words(case.student, today()) if name == case.student.name else ""
    more = [age, case.stage_words]
    url = reverse("cases:case", args=[case.pk])
    return {"name": name, "place": place, "home": home, "more": [part for part in more if part], "url": url}


def age_words(student: Student, on: date) -> str:
    """The child's age in full years, as a line about it says it; "" where the birth date is not known."""
    return f"{age_on(student.birth_date, on)}周岁" if student.birth_date else ""


def say_rest_day(request: HttpRequest, calendar: Calendar, chosen: date | None) -> None:
    """Tell whoever chose a review day that it is a rest day; the day stays as chosen."""
    if chosen and (hint := rest_day_hint(calendar, chosen)):
        messages.warning(request, hint)


def sees_phone(actor: Actor, student_id: int) -> bool:
    """Standing right to the guardians' numbers: an open duty on the child (filled into `students.web` by config)."""
    return owes_duty(actor, student_id, today())


def record_of(actor: Actor, student_id: int) -> RecordOfChild | None:
    """What the actor may read of this child's cases, closed ones too (1 query; `students.web` asks it by config)."""
    if not actor.can(Permission.VIEW_CASE):
        return None
    rows = Case.objects.visible_to(actor, Permission.VIEW_CASE).filter(student_id=student_id)
    found = list(rows.values_list("pk", "stage", "closed_on"))
    runs = next(((pk, stage) for pk, stage, closed in found if closed is None), None)
    if runs is None:
        return RecordOfChild() if found else None
    pk, stage = runs
    return RecordOfChild(reverse("cases:case", args=[pk]), "看帮扶记录" if stage == Stage.HELP else "看在办个案")


def may_assign(actor: Actor) -> bool:
    """Whether the actor may name persons in charge and enter old cases."""
    return actor.can(Permission.OPEN_CASE)
