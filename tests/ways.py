"""The table of every address: what it needs, on which object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agencies.choices import Permission, Role
from agencies.rules.roles import PERMISSIONS
from cases.choices import EventKind

P = Permission


@dataclass(frozen=True)
class Way:
    """How an address is reached and who may.

    `needs`: any of these permissions (none = signed in); `also`: all of these besides. `on`: kind of the object;
    `given`: where its key goes, a keyword of the address or `?name` for one of the query. `kwargs`: fixed parts.
    `post`: takes POST only. `public`: answers strangers. `own`: what a permitted person meets; 302 where a page only
    leads on.
    """

    needs: tuple[Permission, ...] = ()
    on: str = ""
    given: str = "pk"
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    post: bool = False
    public: bool = False
    own: tuple[int, ...] = (200,)
    also: tuple[Permission, ...] = ()


def permitted(role: Role, way: Way) -> bool:
    """Whether the role carries any of the needed permissions, and all of those asked besides."""
    held = PERMISSIONS[role]
    return (not way.needs or not held.isdisjoint(way.needs)) and held.issuperset(way.also)


ANY_POST = tuple(P)
KEEPS_UNITS = (P.MANAGE_UNITS, P.MANAGE_CLASSES, P.MANAGE_POSTS)
READS_PLANS = (P.VIEW_CASE, P.VIEW_FIGURES, P.ADOPT_POLICY)
WORKERS = (P.RECORD_SCHOOL_EVENT, P.RECORD_VILLAGE_EVENT, P.RECORD_TOWNSHIP_EVENT, P.RECORD_JUSTICE_EVENT)
FLAGGERS = WORKERS[:3]
READS_UNIT_DUTIES = (P.RECORD_UNIT_DUTY, P.VIEW_FIGURES)
EDITS_HOMES = (P.EDIT_CHILD, P.EDIT_PHONE, P.EDIT_RESIDENCE)
READS_PAPERS = (P.ISSUE_SCHOOL_PAPER, P.DRAFT_ORDER, P.ISSUE_ORDER, P.RECORD_SERVICE)

TABLE: dict[str, Way] = {
    "home": Way(own=(200, 302)),
    # Signing in.
    "agencies:login": Way(public=True, own=(302,)),
    "agencies:demo_login": Way(public=True, post=True, own=(404,)),
    "agencies:logout": Way(public=True, post=True),
    "agencies:password": Way(),
    # Who acts, where, by which rulebook.
    "agencies:accounts": Way((P.MANAGE_ACCOUNTS,)),
    "agencies:account_bulk": Way((P.MANAGE_ACCOUNTS,)),
    "agencies:account_slips": Way((P.MANAGE_ACCOUNTS,), post=True),
    "agencies:account": Way((P.MANAGE_ACCOUNTS,), on="account"),
    "agencies:posts": Way((P.MANAGE_POSTS,)),
    # 403 besides: the head of a township appoints nobody inside a school.
    "agencies:post_new": Way((P.MANAGE_POSTS,), on="unit", given="?unit", own=(200, 403)),
    "agencies:post_end": Way((P.MANAGE_POSTS,), on="post"),
    "agencies:deputy": Way(ANY_POST),
    "agencies:hand_over": Way((P.MANAGE_POSTS,)),
    "agencies:units": Way(KEEPS_UNITS, own=(200, 302)),
    "agencies:unit": Way(KEEPS_UNITS, on="unit"),
    # 403 besides: a school keeps its classes, only the system administrator merges and moves schools.
    "agencies:unit_merge": Way(KEEPS_UNITS, on="unit", own=(200, 403)),
    "agencies:unit_move": Way(KEEPS_UNITS, on="unit", own=(200, 403)),
    "agencies:calendar": Way((P.EDIT_CALENDAR, P.VIEW_ROLL), on="class", given="?unit"),
    "agencies:calendar_remove": Way((P.EDIT_CALENDAR,), on="entry", post=True),
    "agencies:policies": Way(READS_PLANS),
    "agencies:policy": Way(READS_PLANS, on="policy"),
    "agencies:unit_duties": Way(READS_UNIT_DUTIES),
    "agencies:unit_duties_overview": Way(READS_UNIT_DUTIES),
    "agencies:unit_duty_record": Way(READS_UNIT_DUTIES[:1], on="class", kwargs={"key": "class-talk"}),
    "agencies:unit_duty_supersede": Way(READS_UNIT_DUTIES[:1], on="unit_duty"),
    "agencies:audit": Way((P.VIEW_AUDIT,)),
    "agencies:job": Way(on="job"),
    "agencies:job_file": Way(on="job", own=(404,)),
    # Is the child at school.
    "students:roll_mine": Way((P.TAKE_ROLL,), own=(200, 302)),
    "students:roll_class": Way((P.VIEW_ROLL, P.TAKE_ROLL), on="class", given="class_id"),
    "students:roll_extra": Way((P.TAKE_ROLL,), on="class", given="class_id", post=True),
    "students:roll_school": Way((P.VIEW_ROLL,), on="school", given="school_id"),
    "students:roll_suggest": Way((P.TAKE_SCHOOL_ROLL,), on="school", given="school_id"),
    "students:roll_mark": Way((P.TAKE_SCHOOL_ROLL,), on="school", given="school_id", post=True),
    "students:roll_unmark": Way((P.TAKE_SCHOOL_ROLL,), on="school", given="school_id", post=True),
    "students:roll_confirm": Way((P.TAKE_SCHOOL_ROLL,), on="school", given="school_id", post=True),
    "students:leave_new": Way((P.TAKE_ROLL,), on="child", given="?student"),
    "students:leave_end": Way((P.TAKE_ROLL,), on="leave", post=True),
    "students:leave_proofs": Way((P.TAKE_ROLL,), on="leave"),
    "students:proof": Way((P.VIEW_CHILD,), on="proof"),
    "students:proof_small": Way((P.VIEW_CHILD,), on="proof"),
    # 403 besides: a proof is withdrawn by the unit that gave it, here the class.
    "students:proof_withdraw": Way(
        (*WORKERS, P.TAKE_ROLL, P.RECORD_HOME_VISIT, P.RECORD_SERVICE, P.CLOSE_CASE), on="proof", own=(200, 403)
    ),
    "students:corrections": Way((P.CONFIRM_CORRECTION,)),
    "students:correction": Way((P.CONFIRM_CORRECTION,), on="correction", post=True),
    "students:search": Way((P.VIEW_CHILD,)),
    "students:child": Way((P.VIEW_CHILD,), on="child"),
    "students:reveal": Way((P.VIEW_CHILD,), on="child", post=True),
    "students:home": Way(EDITS_HOMES, on="child"),
    "students:siblings": Way((P.VIEW_CHILD,), on="child"),
    "students:household": Way(EDITS_HOMES[::2], on="child", post=True),
    "students:guardian_new": Way((P.EDIT_CHILD,), on="child"),
    "students:guardian": Way(EDITS_HOMES, on="guardian"),
    "students:guardian_end": Way((P.EDIT_CHILD,), on="guardian", post=True),
    "students:homes": Way((P.EDIT_RESIDENCE,)),
    "students:home_teaching": Way((P.RECORD_HOME_VISIT,)),
    "students:visit_new": Way((P.RECORD_HOME_VISIT,), on="child"),
    "students:visit_supersede": Way((P.RECORD_HOME_VISIT,), on="visit"),
    "students:visit_proofs": Way((P.RECORD_HOME_VISIT,), on="visit"),
    "students:imports": Way((P.IMPORT_CHILDREN,)),
    "students:import_new": Way((P.IMPORT_CHILDREN,)),
    "students:import_template": Way((P.IMPORT_CHILDREN,)),
    "students:import": Way((P.IMPORT_CHILDREN,), on="batch"),
    "students:import_faulty": Way((P.IMPORT_CHILDREN,), on="batch"),
    "students:import_answers": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    "students:import_classes": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    "students:import_apply": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    "students:import_undo": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    "students:import_resume": Way((P.IMPORT_CHILDREN,), on="batch", post=True),
    # What is owed to the child.
    "cases:work": Way(WORKERS),
    "cases:queue": Way((P.VIEW_CASE,)),
    "cases:filter_save": Way((P.VIEW_CASE,), post=True),
    "cases:filter_remove": Way((P.VIEW_CASE,), on="filter", post=True),
    "cases:case": Way((P.VIEW_CASE,), on="case"),
    "cases:event_new": Way(FLAGGERS, on="case", kwargs={"kind": EventKind.PHONE_CALL}),
    "cases:event_supersede": Way(FLAGGERS, on="event"),
    "cases:event_proofs": Way(FLAGGERS, on="event"),
    "cases:close": Way((P.CLOSE_CASE, *FLAGGERS), on="case"),
    "cases:plan": Way((P.VIEW_CASE,), on="case"),
    "cases:plan_pdf": Way((P.VIEW_CASE,), on="case"),
    "cases:plan_edit": Way(FLAGGERS, on="case"),
    # 400: no plan stands in the world, so that no measure waits.
    "cases:measure_done": Way(FLAGGERS, on="case", post=True, own=(400,)),
    "cases:assign": Way((P.OPEN_CASE,), on="case"),
    "cases:old_new": Way((P.OPEN_CASE,), on="child", given="?student", own=(200, 302)),
    "cases:begin": Way(FLAGGERS, on="child", kwargs={"kind": EventKind.FLAGGED}, own=(200, 302)),
    "cases:move": Way((P.ADOPT_POLICY,), on="adoption"),
    "cases:rehearsal": Way(READS_PLANS),
    "cases:rehearsal_file": Way(READS_PLANS, post=True),
    # The figures; figures alone give no right to the lists behind them.
    "cases:dashboard": Way((P.VIEW_FIGURES,), on="school", given="?unit"),
    "cases:dashboard_term": Way((P.VIEW_FIGURES,), on="school", given="?unit"),
    "cases:figure_list": Way(
        (P.VIEW_FIGURES,), on="school", given="?unit", kwargs={"key": "absent"}, also=(P.VIEW_CASE,)
    ),
    # The paper that leaves the building: a school's is made by the school, an order served by the township.
    "notices:case_papers": Way((P.VIEW_CASE,), on="case"),
    "notices:draft": Way((P.ISSUE_SCHOOL_PAPER,), on="case", kwargs={"kind": "situation-report"}),
    "notices:notice": Way((P.VIEW_CASE,), on="draft"),
    "notices:issue": Way(READS_PAPERS, on="draft", post=True),
    "notices:void": Way((P.ISSUE_SCHOOL_PAPER,), on="draft"),
    # 403 besides: the scan of a sealed paper is put to it by the unit that issued it.
    "notices:scan": Way(READS_PAPERS, on="paper", own=(200, 403)),
    "notices:pdf": Way(READS_PAPERS, on="paper"),
    "notices:serve": Way((P.RECORD_SERVICE,), on="order"),
    "notices:receive": Way((P.RECORD_TOWNSHIP_EVENT,), on="paper", post=True),
    "notices:service_withdraw": Way((P.RECORD_SERVICE,), on="service"),
    # Corrected and sealed by the unit that issued it: a school's paper by the school.
    "notices:letter": Way((P.ISSUE_SCHOOL_PAPER,), on="paper", kwargs={"kind": "withdrawal"}),
    "notices:seal": Way((P.ISSUE_SCHOOL_PAPER,), on="paper"),
    "notices:seal_strike": Way(READS_PAPERS, on="seal"),
    "notices:seals": Way(READS_PAPERS),
    "notices:seals_file": Way(READS_PAPERS, post=True),
    "notices:register": Way(READS_PAPERS),
    # The letter of a school and its list: read by the school, its township and the bureau, finished by the school.
    "notices:reports": Way(READS_PAPERS),
    "notices:report_pdf": Way(READS_PAPERS, on="report", also=(P.SEE_NAMES,)),
    "notices:report_finish": Way((P.ISSUE_SCHOOL_PAPER,), on="report", post=True),
    "notices:sign": Way((P.ISSUE_ORDER, P.DRAFT_ORDER, P.ISSUE_SCHOOL_PAPER), post=True),
    "notices:ledgers": Way((P.VIEW_LEDGER,)),
    "notices:ledger": Way((P.VIEW_LEDGER,), kwargs={"key": "master"}),
    "notices:ledger_file": Way((P.VIEW_LEDGER,), kwargs={"key": "master", "form": "xlsx"}, post=True),
}
