"""A case opens by itself when the roll says so, or is entered from an old list at its present step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.queries.policies import policy_of
from agencies.rules.policy_dates import asks_age, asks_event
from agencies.scope import Actor
from cases.actions.events import require_sight
from cases.actions.refresh import duty_rows, fill, refresh_cases, save_duties, with_units
from cases.choices import CaseOrigin, EventKind
from cases.models import Case, Event
from cases.queries.facts import ChildPlace, Known, events_of, known_of_children, places_of
from cases.rules.standing import Standing
from cases.rules.transitions import permissions_for
from students.models import Student
from students.queries.roll import RollNews


def on_child_facts(student_ids: list[int], by: Actor, now: datetime, news: RollNews | None = None) -> None:
    """Hook of the roll: refresh the open cases of these children, open one where the plan now asks for it."""
    on = now.date()
    closed: dict[int, date] = {}
    standing: list[Case] = []
    rows = Case.objects.filter(student_id__in=student_ids).select_related(
        "policy", "school", "school_class", "village", "township"
    )
    for case in rows.defer("policy__content").order_by("closed_on", "id"):
        if case.closed_on is None:
            standing.append(case)
        else:
            closed[case.student_id] = case.closed_on
    if standing:
        known = _known_from_news(standing, news, closed) if news else None
        refresh_cases(by=by, cases=standing, on=on, now=now, known=known)
    free = sorted(set(student_ids) - {case.student_id for case in standing})
    if news:
        # A child without a case who was there today can lose days by this roll, never gain any.
        free = [pk for pk in free if pk in news.touched and news.rolls[pk].marks]
    if free:
        open_where_due(by=by, student_ids=free, on=on, now=now, news=news, closed=closed)


def _known_from_news(cases: list[Case], news: RollNews, closed: dict[int, date]) -> dict[int, Known] | None:
    """Use what the roll has read where it reaches back far enough; else None, and everything is read anew."""
    if any(case.opened_on < news.since or case.school_class_id != news.school_class.pk for case in cases):
        return None
    plans = [policy_of(case.policy) for case in cases]
    if any(asks_age(plan) or asks_event(plan, EventKind.HOME_TEACHING) for plan in plans):
        return None
    events = events_of([case.pk for case in cases])
    return {
        case.pk: Known(
            policy_of(case.policy),
            news.calendar,
            news.rolls[case.student_id],
            events[case.pk],
            since_after(closed.get(case.student_id)),
        )
        for case in cases
    }


def since_after(ended: date | None) -> date | None:
    """First day whose roll counts for a new case: the day after the one before ended."""
    return date.fromordinal(ended.toordinal() + 1) if ended else None


def _places(student_ids: list[int], on: date, news: RollNews | None) -> dict[int, ChildPlace]:
    if news is None:
        return places_of(student_ids, on)
    return places_of(student_ids, on, students=news.students, school_class=news.school_class)


def open_where_due(
    *,
    by: Actor,
    student_ids: Iterable[int],
    on: date,
    now: datetime,
    news: RollNews | None = None,
    closed: dict[int, date] | None = None,
) -> list[Case]:
    """Open a case for each of these children (none of whom has one) whose standing asks for it."""
    places = _places(list(student_ids), on, news)
    if news:
        known = {
            pk: Known(policy_of(place.version), news.calendar, news.rolls[pk], (), since_after((closed or {}).get(pk)))
            for pk, place in places.items()
            if place.version
        }
    else:
        known = known_of_children(places.values(), on)
    asked = {pk: standing for pk, fact in known.items() if (standing := fact.standing(on)).opens_case}
    return _open(by=by, places=places, known=known, standings=asked, on=on, now=now)


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


def _open(
    *,
    by: Actor,
    places: dict[int, ChildPlace],
    known: dict[int, Known],
    standings: dict[int, Standing],
    on: date,
    now: datetime,
) -> list[Case]:
    if not standings:
        return []
    cases = []
    for pk, standing in standings.items():
        case = _new_case(places[pk], standing, on, now, CaseOrigin.ROLL)
        fill(case, known[pk], standing, now)
        cases.append(case)
    with transaction.atomic(savepoint=False):
        Case.objects.bulk_create(cases)
        save_duties(by=by, rows=[row for case in cases for row in duty_rows(case, standings[case.student_id])], had={})
        audit.record_many(
            by=by,
            verb=Verb.CASE_OPENED,
            kind="case",
            now=now,
            rows=(
                {
                    "object_id": case.pk,
                    "unit_path": case.school_class.path if case.school_class else "",
                    "detail": {"policy": case.policy.key, "version": case.policy.version},
                }
                for case in cases
            ),
        )
    return cases


def enter_old_case(
    *, by: Actor, student: Student, step: str, started_on: date, data: dict[str, str], now: datetime
) -> Case:
    """Enter an open case from an old list at its present step (a step key of the governing plan).

    `started_on` is the first day out of school on the old list. Raises ValueError where the child has an open case,
    no plan governs it, the step is unknown, or the day makes no sense.
    """
    require_sight(by=by, student_id=student.pk, permissions=(Permission.OPEN_CASE,))
    place = _governed(student, now.date())
    if place.version is None or policy_of(place.version).step(step) is None:
        raise ValueError("所选步骤不在本方案中，请重新选择。")
    facts = {**data, "from_old_list": True}
    return _enter(by, student, place, CaseOrigin.OLD_LIST, started_on, step, facts, now)


# What a person may begin a case with though no roll misses the child.
BEGINNINGS = {
    EventKind.FLAGGED: CaseOrigin.FLAG,
    EventKind.NOT_REGISTERED: CaseOrigin.FLAG,
    EventKind.NOT_ENROLLED: CaseOrigin.SURVEY,
    EventKind.APPLIED: CaseOrigin.APPLICATION,
}


def begin_case(
    *, by: Actor, student: Student, kind: EventKind, happened_on: date, data: dict[str, Any], now: datetime
) -> Case:
    """A person reports 辍学倾向, 未报到 or 未入学, or hands in a guardian's application: a case opens with it.

    Raises ValueError where the child has an open case already, no plan governs it, or the day makes no sense.
    """
    require_sight(by=by, student_id=student.pk, permissions=permissions_for(kind))
    place = _governed(student, now.date())
    return _enter(by, student, place, BEGINNINGS[kind], happened_on, "", data, now, kind=kind)


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
    happened_on: date,
    step: str,
    data: Mapping[str, Any],
    now: datetime,
    *,
    kind: EventKind = EventKind.FLAGGED,
) -> Case:
    if happened_on > now.date() or (student.birth_date and happened_on <= student.birth_date):
        raise ValueError("日期不合理：不能晚于今天，也不能早于出生日期，请检查年份。")
    with transaction.atomic():
        if Case.objects.filter(student=student, closed_on__isnull=True).exists():
            raise ValueError("该生已有未销号的个案，请直接在个案中登记。")
        case = _new_case(place, None, happened_on, now, origin)
        case.save()
        Event.objects.create(
            case=case,
            kind=kind,
            happened_on=happened_on,
            recorded_at=now,
            recorded_by_id=by.user_id,
            recorded_name=by.name,
            step=step,
            data=dict(data),
        )
        audit.record(
            by=by,
            verb=Verb.CASE_OPENED,
            kind="case",
            object_id=case.pk,
            child=student.number,
            now=now,
            detail={"origin": origin, "step": step, "policy": case.policy.key},
        )
        refresh_cases(by=by, cases=with_units([case.pk]), on=now.date(), now=now)
    return case
