"""Plays the tales: what each owner records on a day, decided from the case's own standing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agencies.choices import Role
from agencies.rules.policy_schema import Policy
from agencies.scope import Actor
from cases.actions.events import NewEvent
from cases.choices import EventKind
from cases.models import Case
from cases.rules.standing import Standing
from cases.rules.units import place_of
from config.demo.absences import Told
from config.demo.data import words
from config.demo.places import Staff

# Who writes an event down.
RECORDER: Mapping[EventKind, Role] = {
    EventKind.PHONE_CALL: Role.CLASS_TEACHER,
    EventKind.HOME_VISIT: Role.CLASS_TEACHER,
    EventKind.VILLAGE_VERIFICATION: Role.VILLAGE_SECRETARY,
    EventKind.REPORT_SENT: Role.PRINCIPAL,
    EventKind.REPORT_RECEIVED: Role.TOWNSHIP_OFFICER,
    EventKind.PERSUASION: Role.TOWNSHIP_OFFICER,
    EventKind.CRITICISM: Role.TOWNSHIP_OFFICER,
    EventKind.NOTICE_ISSUED: Role.TOWNSHIP_HEAD,
    EventKind.NOTICE_SERVED: Role.TOWNSHIP_OFFICER,
    EventKind.JUSTICE_ASSISTANCE: Role.JUSTICE_OFFICE,
    EventKind.RETURNED: Role.CLASS_TEACHER,
    EventKind.ENROLMENT_RESTORED: Role.REGISTRAR,
}
# An order is served only after these, whether the plan asks for each of them or not.
BEFORE_SERVICE = (EventKind.PERSUASION, EventKind.CRITICISM, EventKind.NOTICE_ISSUED, EventKind.NOTICE_SERVED)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: the tales' children by id, the staff, the guardians' names, the school days."""

    told: dict[int, Told]
    staff: Staff
    guardians: dict[int, str]
    days: list[date]
    system: Actor
    # Whether reports and orders are made as papers, or only put on record as events.
    papers: bool = False

    def actor(self, case: Case, role: Role) -> Actor:
        """Whoever holds the role at the case's unit; the system where the post is vacant."""
        return self.staff.actor(role, getattr(case, f"{place_of(role)}_id", None)) or self.system


def next_kind(one: Told, policy: Policy, standing: Standing, day: date, days: list[date]) -> EventKind | None:
    """What is recorded next in this tale on `day`; None = nobody does anything more today."""
    tale = one.tale
    if tale.returns is not None and day == one.day(tale.returns, days):
        return EventKind.RETURNED if standing.return_recorded_on is None else None
    if EventKind.REPORT_SENT in standing.recorded and EventKind.REPORT_RECEIVED not in standing.recorded:
        return EventKind.REPORT_RECEIVED if EventKind.REPORT_RECEIVED in tale.does else None
    for duty in standing.waiting:
        step = policy.step(duty.step_key)
        owed = step.done_by if step else ()
        if EventKind.NOTICE_SERVED in owed:
            return next((k for k in BEFORE_SERVICE if k in tale.does and k not in standing.recorded), None)
        if kind := next((EventKind(k) for k in owed if k in tale.does), None):
            return kind
    return None


def new_event(one: Told, kind: EventKind, case: Case, by: Actor, cast: Cast, day: date) -> NewEvent:
    """The form of an event as somebody would fill it in."""
    names = {"recorder": by.name, "guardian": cast.guardians.get(case.student_id, "监护人")}
    data: dict[str, Any] = {name: text.format(**names) for name, text in words()[kind].items()}
    if kind == EventKind.PHONE_CALL:
        data["result"] = one.tale.call
        if one.tale.call != "connected":
            data.update(spoke_with="", note="")
    if kind in (EventKind.HOME_VISIT, EventKind.PHONE_CALL, EventKind.VILLAGE_VERIFICATION) and one.tale.cause:
        data["cause"] = one.tale.cause
    if kind == EventKind.VILLAGE_VERIFICATION:
        data.setdefault("cause", "not_known")
    if kind in (EventKind.REPORT_SENT, EventKind.NOTICE_ISSUED):
        data["number"] = f"〔{day.year}〕{case.pk}号"
    return NewEvent(kind=kind, happened_on=day, data=data, token=f"demo-{kind}-{day}-{case.pk}"[:40])
