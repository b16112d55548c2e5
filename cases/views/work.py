"""My work today: what this person's posts owe, overdue first, each with one sentence and one tap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from agencies.choices import Permission
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, now, today
from cases.actions.refresh import refresh_cases, with_units
from cases.actions.viewing import note_phones_shown
from cases.choices import Cause, EventKind, Stage
from cases.models import Case
from cases.queries.alarms import urgent_of
from cases.queries.facts import Known, known_of_cases
from cases.queries.named_posts import acts_as
from cases.queries.support_plans import plans_due
from cases.queries.worklists import WorkRow, guardians_of, named_children, receives, stale_in_sight, work_rows
from cases.rules.closing import approver_of
from cases.rules.safeguard import Alarm
from cases.rules.standing import Duty, Standing
from cases.rules.support_plan import Reminder
from cases.rules.transitions import permissions_for
from cases.rules.wording import advice_of, today_sentence
from cases.web import act_link, alarms_of, beside_cases, contacts, names_for
from students.models import Absence, Guardian
from students.rules.masks import mask_name

# Caches that ran out because a night was missed are brought up to date before the list is drawn, this many at most.
REFRESH_AT_MOST = 100
SECTIONS = (
    ("alarm", "立即办理"),
    ("late", "已逾期"),
    ("today", "今天到期"),
    ("ahead", "待办"),
    ("note", "待签收、待登记、待销号"),
    ("mine", "由您负责"),
)
WORKERS = (
    Permission.RECORD_SCHOOL_EVENT,
    Permission.RECORD_VILLAGE_EVENT,
    Permission.RECORD_TOWNSHIP_EVENT,
    Permission.RECORD_JUSTICE_EVENT,
)


@needs(*WORKERS)
def work(request: HttpRequest) -> HttpResponse:
    """The list a village secretary opens in the morning."""
    actor, on, moment = actor_of(request), today(), now()
    if stale := stale_in_sight(actor, on, REFRESH_AT_MOST):
        refresh_cases(by=actor, cases=with_units(stale), on=on, now=moment)
    plans = plans_due(actor, on)
    alarms, lost = _alarms(actor, on, moment)
    rows, more = work_rows(actor, on, besides=plans, first=alarms)
    cases = [row.case for row in rows]
    known = known_of_cases(cases, on)
    people = guardians_of([row.case.student_id for row in rows if row.duties or row.case.pk in alarms])
    names = names_for(actor, cases)
    read = Read(actor, on, known, names, people, plans, alarms)
    items = [*lost, *(item for row in rows if (item := _item(read, row)))]
    shown = [item["pk"] for item in items if any(contact.tel for contact in item["contacts"])]
    note_phones_shown(by=actor, page="work", cases=shown, now=moment)
    sections = [
        {"key": key, "title": title, "items": [i for i in items if i["section"] == key]} for key, title in SECTIONS
    ]
    context = {
        "sections": [section for section in sections if section["items"]],
        "count": len(items),
        "late": sum(item["is_late"] for item in items),
        "more": more,
        "beside": [door for tell in beside_cases for door in tell(actor)],
    }
    return render(request, "cases/work.html", context)


@dataclass(frozen=True, slots=True)
class Read:
    """What the list was drawn from, by case id (`people` by child)."""

    actor: Actor
    on: date
    known: dict[int, Known]
    names: dict[int, str]
    people: dict[int, list[Guardian]]
    plans: dict[int, tuple[Reminder, ...]]
    alarms: dict[int, list[Alarm]]


def _alarms(actor: Actor, on: date, moment: datetime) -> tuple[dict[int, list[Alarm]], list[dict[str, Any]]]:
    """What must be done at once, by case id; and the lines of missing children who have no case yet."""
    found: dict[int, list[Alarm]] = {}
    lost: list[tuple[Absence, Alarm]] = []
    for row in urgent_of(actor, on):
        rows = alarms_of(actor, row.roll, row.events, moment, since=row.since)
        told = [alarm for alarm in rows if row.is_near or alarm.is_harm]
        if told and row.case:
            found[row.case] = told
        elif told and row.mark:
            lost.append((row.mark, told[0]))
    named = named_children(actor, [mark.student_id for mark, _ in lost]) if lost else set()
    return found, [_lost(mark, alarm, named=mark.student_id in named) for mark, alarm in lost]


def _lost(mark: Absence, alarm: Alarm, *, named: bool) -> dict[str, Any]:
    """A missing child for whom the plan opens no case yet: one is begun by hand, so that the call has its place."""
    child, school = mark.student, mark.school_class.parent
    begin = reverse("cases:begin", args=[child.pk, EventKind.FLAGGED])
    return {
        "pk": None,
        "name": child.name if named else mask_name(child.name),
        "url": reverse("students:child", args=[child.pk]),
        "place": " ".join(unit.label for unit in (school, mark.school_class) if unit),
        "section": "alarm",
        "alarms": [alarm],
        "is_late": alarm.late,
        "sentence": "还没有个案：先立案，再登记电话联系和报警求助。",
        "acts": [{"label": "立案登记去向不明", "url": f"{begin}?{urlencode({'cause': Cause.MISSING})}"}],
        "contacts": [],
    }


def _item(read: Read, row: WorkRow) -> dict[str, Any] | None:
    case, known, on = row.case, read.known[row.case.pk], read.on
    standing, plans = known.standing(on), read.plans.get(case.pk, ())
    mine = {(duty.step, duty.round) for duty in row.duties}
    duties = tuple(duty for duty in standing.waiting if (duty.step_key, duty.round) in mine)
    kinds = _kinds(known, standing, duties, case, read.actor)
    alarms = read.alarms.get(case.pk, [])
    if not kinds and not duties and not plans and not alarms and case.person_id != read.actor.user_id:
        return None
    first = duties[0] if duties else None
    section = "alarm" if alarms else _section(_first_due(first, plans), on, bool(kinds), bool(duties))
    calls = bool(duties) or (
        any(EventKind.PHONE_CALL in alarm.kinds for alarm in alarms) and read.names[case.pk] == case.student.name
    )
    kinds = list(dict.fromkeys([*(kind for alarm in alarms for kind in alarm.kinds), *kinds]))
    sentence = today_sentence(
        replace(standing, duties=duties or standing.duties), known.events, advice_of(known.policy, standing)
    )
    if kinds == [EventKind.REPORT_RECEIVED] and not duties:
        sentence = f"学校已送报告单，请签收；{sentence}"
    acts = [act_link(case, standing, kind, reverse("cases:work")) for kind in kinds]
    if standing.stage == Stage.HELP and plans:
        sentence, plans, door = _help_owed(read.actor, standing, plans)
        acts += [act_link(case, standing, kind, reverse("cases:work")) for kind in door]
    return {
        "pk": case.pk,
        "name": read.names[case.pk],
        "url": reverse("cases:case", args=[case.pk]),
        "place": " ".join(unit.label for unit in (case.school, case.school_class) if unit),
        "home": case.village.label if case.village else "",
        "sentence": sentence,
        "section": section,
        "alarms": alarms,
        "is_late": section == "late" or any(alarm.late for alarm in alarms),
        "plans": [reminder.text for reminder in plans],
        "plan_url": reverse("cases:plan", args=[case.pk]) if plans else "",
        "due": day_label(first.due_on) if first and first.due_on else "",
        "late_days": (on - first.due_on).days if first and first.due_on and first.due_on < on else 0,
        "why": row.why,
        "days": standing.counted,
        "contacts": [c for c in contacts(read.people.get(case.student_id, []), whole=True) if c.tel][:2]
        if calls
        else [],
        "acts": acts,
    }


def _help_owed(
    actor: Actor, standing: Standing, plans: tuple[Reminder, ...]
) -> tuple[str, tuple[Reminder, ...], list[EventKind]]:
    """Of a helped child (帮扶): what is owed said once, and the form for a plan that is still to be made."""
    if standing.planned:
        return "按一生一策帮扶", plans, []
    able = any(actor.can(permission) for permission in permissions_for(EventKind.SUPPORT_PLAN))
    return plans[0].text, (), [EventKind.SUPPORT_PLAN] if able else []


def _kinds(known: Known, standing: Standing, duties: tuple[Duty, ...], case: Case, actor: Actor) -> list[EventKind]:
    """What to record now: the return the roll shows, the closing that is ready, what fulfils the first duty, else the
    school's report that nobody has taken in.
    """
    if standing.closable and acts_as(actor, case, approver_of(known.policy, standing)):
        return [EventKind.CLOSED]
    if standing.seen_on and standing.return_recorded_on is None and actor.can(Permission.RECORD_SCHOOL_EVENT):
        return [EventKind.RETURNED]
    if duties:
        return [EventKind(kind) for kind in duties[0].step.done_by[:2]]
    waits = EventKind.REPORT_SENT in standing.recorded and EventKind.REPORT_RECEIVED not in standing.recorded
    return [EventKind.REPORT_RECEIVED] if waits and receives(actor, case) else []


def _first_due(duty: Duty | None, plans: tuple[Reminder, ...]) -> date | None:
    """The earliest day on which something of the case is (was) due."""
    owed = [duty.due_on] if duty and duty.due_on else []
    return min([*owed, *(reminder.due_on for reminder in plans)], default=None)


def _section(due: date | None, on: date, acts: bool, owed: bool) -> str:
    if due is not None:
        return "late" if due < on else "today" if due == on else "ahead"
    if owed:
        return "ahead"
    return "note" if acts else "mine"
