"""A case opens by itself when the roll says so, or is entered from an old list at its present step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import BooleanField, F, IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.hooks import Write
from agencies.models import AuditRow
from agencies.queries.kept import KeptQuery
from agencies.queries.policies import policy_of
from agencies.rules.policy_dates import asks_age, asks_event
from agencies.rules.refusals import FieldSentence
from agencies.scope import Actor
from cases.actions.caches import Had, save_caches, save_duties
from cases.actions.events import EventRefusedError, NewEvent, event_of, require_sight
from cases.actions.proofs import attach
from cases.actions.refresh import derive, duty_rows, fill, mark_stale, refresh_cases, with_units
from cases.choices import CaseOrigin, EventKind, Outcome
from cases.models import Case
from cases.queries.facts import (
    ChildPlace,
    Known,
    events_of,
    known_of_cases,
    known_of_children,
    places_of,
    since_after,
    teaching_of,
)
from cases.rules import facts
from cases.rules.entering import ServedOrder, order_mistake, steps_to_enter
from cases.rules.standing import Standing
from cases.rules.transitions import permissions_for, refusals
from students.models import Student
from students.queries.roll import RollNews
from students.rules.attendance import RollFacts

# By hand: asked at the saving of every register, and put together by Django each costs half a millisecond.
HAS_EVENTS = "EXISTS (SELECT 1 FROM cases_event act WHERE act.case_id = cases_case.id)"
HAS_VISITS = "EXISTS (SELECT 1 FROM students_homevisit visit WHERE visit.student_id = cases_case.student_id)"
DUTIES = "(SELECT count(*) FROM cases_dutyrow duty WHERE duty.case_id = cases_case.id)"
LAST_DUTY = "(SELECT max(duty.id) FROM cases_dutyrow duty WHERE duty.case_id = cases_case.id)"


def on_child_facts(student_ids: list[int], by: Actor, now: datetime, news: RollNews | None = None) -> Write:
    """Hook of the roll: refresh the open cases of these children, open one where the plan now asks for it.

    With `news` everything is decided at once, and the writing raises FactsMovedError where a case has moved meanwhile;
    without, all of it waits for the writing.
    """
    if news is None:
        return lambda: _bring_up(by=by, student_ids=student_ids, now=now)()
    return _bring_up(by=by, student_ids=student_ids, now=now, news=news)


@KeptQuery
def _cases_of(student_ids: list[int]) -> QuerySet[Case]:
    """All cases of these children, with what is asked of each beside it."""
    return (
        Case.objects.filter(student_id__in=student_ids)
        .select_related("policy", "school")
        .defer("policy__content")
        .order_by("closed_on", "id")
        .annotate(
            has_events=RawSQL(HAS_EVENTS, (), output_field=BooleanField()),  # noqa: S611 - a constant
            has_visits=RawSQL(HAS_VISITS, (), output_field=BooleanField()),  # noqa: S611 - a constant
            duty_count=RawSQL(DUTIES, (), output_field=IntegerField()),  # noqa: S611 - a constant
            last_duty=RawSQL(LAST_DUTY, (), output_field=IntegerField()),  # noqa: S611 - a constant
            born_on=F("student__birth_date"),
        )
    )


def _bring_up(*, by: Actor, student_ids: list[int], now: datetime, news: RollNews | None = None) -> Write:
    on = now.date()
    rows = _cases_of(student_ids=student_ids)
    ended = [case for case in rows if case.closed_on and case.outcome != Outcome.HELP_ENDED]
    closed = {case.student_id: case.closed_on for case in ended if case.closed_on}
    standing = [case for case in rows if case.closed_on is None]
    eventful = [case.pk for case in standing if cast(Any, case).has_events]
    seen = {case.pk: case.version for case in standing}
    events = events_of(eventful) if news and eventful else {}
    known = _known_from(standing, events, news, closed, on) if news else known_of_cases(with_units(seen), on)
    standings = derive(standing, on, now, known)
    free = sorted(set(student_ids) - {case.student_id for case in standing})
    if news:
        # A child without a case who was there today can lose days by this roll, never gain any.
        free = [pk for pk in free if pk in news.touched and news.rolls[pk].marks]
    due = _due(free, on, news, closed)
    opening = [_opened(*row, on, now) for row in due]

    def write() -> list[AuditRow]:
        with transaction.atomic(savepoint=False):
            save_caches(by=by, cases=standing, as_seen=news is not None)
            mark_stale(by=by, closed=_closed_among(rows, news), on=on)
            if opening:
                Case.objects.bulk_create(opening)
            duties = [row for case in standing for row in duty_rows(case, standings[case.pk])]
            duties += [row for case, (*_, how) in zip(opening, due, strict=True) for row in duty_rows(case, how)]
            save_duties(by=by, rows=duties, of=[case.pk for case in standing], had=_had(standing) if news else None)
        return _told(by=by, opened=opening, now=now, numbers=news.numbers if news else None)

    return write


def _had(cases: list[Case]) -> Had:
    """The duty rows of these cases as they were read with them."""
    read = [cast(Any, case) for case in cases]
    return Had(sum(case.duty_count for case in read), max((case.last_duty or 0 for case in read), default=0))


def _closed_among(cases: Iterable[Case], news: RollNews | None) -> list[int]:
    """Ids of the closed cases whose child's own facts have changed; a corrected old day may change what they were."""
    touched = [case for case in cases if news is None or case.student_id in news.touched]
    return [case.pk for case in touched if case.closed_on is not None]


def _known_from(
    cases: list[Case],
    events: Mapping[int, tuple[facts.Event, ...]],
    news: RollNews,
    closed: dict[int, date],
    on: date,
) -> dict[int, Known]:
    """What is known of these cases: from what the roll has read where it reaches back far enough, else read anew.

    Visits are read beside it where a plan asks for them and the child has any.
    """
    if any(case.opened_on < news.since or case.school_class_id != news.school_class.pk for case in cases):
        had = {case.pk: events.get(case.pk, ()) for case in cases}
        read = known_of_cases(with_units([case.pk for case in cases]), on, events=had)
        return {case.pk: _with_news(read[case.pk], news, news.rolls[case.student_id]) for case in cases}
    plans = {case.student_id: policy_of(case.policy) for case in cases}
    births = {case.student_id: cast(Any, case).born_on for case in cases if asks_age(plans[case.student_id])}
    visited = [case.student_id for case in cases if cast(Any, case).has_visits]
    taught = teaching_of({pk for pk in visited if asks_event(plans[pk], EventKind.HOME_TEACHING)})
    return {
        case.pk: Known(
            plans[case.student_id],
            news.calendar,
            news.rolls[case.student_id],
            (*events.get(case.pk, ()), *taught.get(case.student_id, ())),
            since_after(closed.get(case.student_id)),
            births.get(case.student_id),
        )
        for case in cases
    }


def _with_news(known: Known, news: RollNews, roll: RollFacts) -> Known:
    """What is on record before the roll's school year, and the roll as it will stand from then on."""
    taken, halves = {**known.roll.taken, **roll.taken}, {**known.roll.halves, **roll.halves}
    before = tuple(mark for mark in known.roll.marks if mark.day < news.since)
    return replace(known, roll=RollFacts(before + roll.marks, taken, halves))


def _due(
    student_ids: list[int], on: date, news: RollNews | None, closed: dict[int, date]
) -> list[tuple[ChildPlace, Known, Standing]]:
    """Those of these children (none of whom has a case) whose standing asks for one."""
    if not student_ids:
        return []
    if news:
        places = places_of(student_ids, on, homes=news.homes, school_class=news.school_class)
        known = {
            pk: Known(policy_of(place.version), news.calendar, news.rolls[pk], (), since_after(closed.get(pk)))
            for pk, place in places.items()
            if place.version
        }
    else:
        places = places_of(student_ids, on)
        known = known_of_children(places.values(), on)
    found = [(places[pk], fact, fact.standing(on)) for pk, fact in known.items()]
    return [row for row in found if row[2].opens_case]


def _new_case(place: ChildPlace, standing: Standing | None, on: date, now: datetime, origin: CaseOrigin) -> Case:
    assert place.version is not None  # noqa: S101 - callers leave out children without a plan
    return Case(
        student_id=place.student_id,
        policy=place.version,
        origin=origin,
        school=place.school,
        school_class=place.school_class,
        village=place.village,
        township=place.township,
        opened_on=min(standing.started_on or on, on) if standing else on,
        opened_at=now,
    )


def _opened(place: ChildPlace, known: Known, standing: Standing, on: date, now: datetime) -> Case:
    """The case the roll opens for a child, with its caches (not saved)."""
    case = _new_case(place, standing, on, now, CaseOrigin.ROLL)
    fill(case, known, standing, now)
    return case


def _told(*, by: Actor, opened: list[Case], now: datetime, numbers: Mapping[int, str] | None = None) -> list[AuditRow]:
    """The audit rows of cases just opened, the caller's to write; the children's numbers are read where not given."""
    if opened and numbers is None:
        numbers = numbers_of(opened)
    return [
        audit.row_of(
            by=by,
            verb=Verb.CASE_OPENED,
            kind="case",
            now=now,
            object_id=case.pk,
            child=(numbers or {})[case.student_id],
            unit_path=case.school_class.path if case.school_class else "",
            detail={"policy": case.policy.key, "version": case.policy.version},
        )
        for case in opened
    ]


def numbers_of(cases: Iterable[Case]) -> dict[int, str]:
    """The children's internal numbers by their id, as the audit trail names them (1 query)."""
    return dict(Student.objects.filter(pk__in=[case.student_id for case in cases]).values_list("pk", "number"))


def enter_old_case(
    *,
    by: Actor,
    student: Student,
    step: str,
    started_on: date,
    data: dict[str, str],
    now: datetime,
    order: ServedOrder | None = None,
) -> Case:
    """Enter an open case from an old list at its present step (a step key of the governing plan).

    `started_on` is the first day out of school on the old list, `order` the 限期通知书 served before. Raises
    ValueError where the child has an open case, no plan governs it, the step is none to enter at, or a day makes no
    sense.
    """
    require_sight(by=by, student_id=student.pk, permissions=(Permission.OPEN_CASE,))
    place = _governed(student, now.date())
    policy = policy_of(place.version) if place.version else None
    if policy is None or step not in {one.key for one in steps_to_enter(policy)}:
        raise ValueError(FieldSentence("所选步骤不在本方案中，请重新选择。", "step"))
    if order and (mistake := order_mistake(policy, step, order, started_on, now.date())):
        raise ValueError(mistake)
    event = NewEvent(EventKind.FLAGGED, started_on, {**data, "from_old_list": True}, step=step)
    told = {**order.said, "from_old_list": True} if order else {}
    also = [NewEvent(EventKind.NOTICE_SERVED, order.served_on, told)] if order else []
    return _enter(by, student, place, CaseOrigin.OLD_LIST, event, now, also)


# What a person may begin a case with though no roll misses the child.
BEGINNINGS = {
    EventKind.FLAGGED: CaseOrigin.FLAG,
    EventKind.HELP_BEGUN: CaseOrigin.HELP,
    EventKind.NOT_REGISTERED: CaseOrigin.FLAG,
    EventKind.NOT_ENROLLED: CaseOrigin.SURVEY,
    EventKind.APPLIED: CaseOrigin.APPLICATION,
    EventKind.CATEGORY_DECIDED: CaseOrigin.SURVEY,
}


def begin_case(*, by: Actor, student: Student, event: NewEvent, now: datetime) -> Case:
    """A person reports 辍学倾向, 未报到, 未入学 or a class of the plan, or hands in an application: a case opens.

    With 帮扶开始 a record opens that climbs no ladder (`Stage.HELP`), for a child on the books of a school.

    `event`: of a kind of BEGINNINGS, with its proofs; it is checked as in a case that stands. Raises ValueError
    where the child has an open case already, no plan governs it, the plan has no such class, the day makes no sense,
    or the entry is refused (EventRefusedError).
    """
    require_sight(by=by, student_id=student.pk, permissions=permissions_for(event.kind))
    place = _governed(student, now.date())
    if event.kind == EventKind.CATEGORY_DECIDED and not _is_of_plan(place, str(event.data.get("category"))):
        raise ValueError(FieldSentence("所选类别不在本方案中，请重新选择。", "category"))
    if event.kind == EventKind.HELP_BEGUN and place.school is None:
        raise ValueError("该生没有在校登记，不能登记帮扶；未入学的请登记未入学。")
    standing = known_of_children([place], now.date())[student.pk].standing(now.date())
    if sentences := refusals(standing, event.kind, event.data):
        raise EventRefusedError(sentences)
    return _enter(by, student, place, BEGINNINGS[event.kind], event, now)


def _is_of_plan(place: ChildPlace, category: str) -> bool:
    return place.version is not None and policy_of(place.version).category(category) is not None


def _governed(student: Student, on: date) -> ChildPlace:
    place = places_of([student.pk], on)[student.pk]
    if place.version is None:
        raise ValueError("该生所在单位尚未采用任何方案，请先由县教育局或乡镇采用方案。")
    return place


def _enter(
    by: Actor,
    student: Student,
    place: ChildPlace,
    origin: CaseOrigin,
    event: NewEvent,
    now: datetime,
    also: Iterable[NewEvent] = (),
) -> Case:
    happened_on = event.happened_on
    if happened_on > now.date() or (student.birth_date and happened_on <= student.birth_date):
        field = "started_on" if origin == CaseOrigin.OLD_LIST else "happened_on"
        raise ValueError(FieldSentence("日期不合理：不能晚于今天，也不能早于出生日期，请检查年份。", field))
    with transaction.atomic():
        case = _new_case(place, None, happened_on, now, origin)
        try:
            # The constraint alone can tell: a register or another person may open one in this very moment.
            with transaction.atomic():
                case.save()
        except IntegrityError as error:
            raise ValueError("该生已有未销号的个案，请直接在个案中登记。") from error
        row = event_of(by, case, event, now)
        row.save(force_insert=True)
        attach(by=by, case=case, event=row, new=event.proofs, now=now)
        for earlier in also:
            event_of(by, case, earlier, now).save(force_insert=True)
        audit.record(
            by=by,
            verb=Verb.CASE_OPENED,
            kind="case",
            object_id=case.pk,
            child=student.number,
            now=now,
            detail={"origin": origin, "step": event.step, "policy": case.policy.key},
        )
        refresh_cases(by=by, cases=with_units([case.pk]), on=now.date(), now=now)
    return case
