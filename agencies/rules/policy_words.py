"""The closed vocabulary of plan files; words of higher apps are repeated here and held equal by a test."""

from agencies.choices import DayType, Role

DAY_TYPES = frozenset(DayType.values)
ROLES = frozenset(Role.values)
STAGES = frozenset({"school", "village", "township", "county", "judicial", "placed", "returned"})
EVENTS = frozenset(
    {
        "flagged",
        "not_registered",
        "not_enrolled",
        "help_begun",
        "phone_call",
        "home_visit",
        "village_verification",
        "category_decided",
        "companion_named",
        "support_plan",
        "plan_reviewed",
        "measure_done",
        "advice_sent",
        "report_sent",
        "report_received",
        "reported_up",
        "persuasion",
        "joint_persuasion",
        "admonition",
        "criticism",
        "notice_issued",
        "notice_served",
        "service_failed",
        "justice_assistance",
        "judicial_handover",
        "route_chosen",
        "suit_filed",
        "demand_served",
        "enforcement_applied",
        "court_result",
        "penalty",
        "police_reported",
        "whereabouts_found",
        "police_conclusion",
        "evaluated",
        "inquired",
        "dropout_confirmed",
        "applied",
        "application_decided",
        "home_teaching",
        "place_confirmed",
        "paused",
        "resumed",
        "returned",
        "return_confirmed",
        "enrolment_restored",
        "placed",
        "left_scope",
        "closed",
        "paper_withdrawn",
        "paper_corrected",
        "note",
    }
)
ABSENCE_REASONS = frozenset({"unexcused", "sick", "personal", "whereabouts_unknown", "other"})
# Posts that may say 辍学: those that answer for a school, a township or the county's schools.
CONFIRMERS = frozenset(
    {
        *("registrar", "moral_education", "principal"),
        *("township_officer", "township_deputy", "township_head", "bureau_officer", "bureau_head"),
    }
)
SPECIAL_GROUPS = frozenset(
    {
        "left_behind",
        "orphan",
        "de_facto_unattended",
        "disabled",
        "poverty",
        "low_income",
        "poor",
        "outside",
        "no_hukou",
        "prisoner_child",
        "migrant_child",
        "returned",
        "single_parent",
        "involved",
        "harmed",
        "mentally_ill",
    }
)
CALL_RESULTS = frozenset({"connected", "no_answer", "refused", "empty_number"})

CATEGORIES = frozenset(
    {
        "no_status_here",
        "no_status_elsewhere",
        "postponed",
        "abroad",
        "ill",
        "disabled",
        "unable",
        "household_register",
        "missing",
        "weary",
        "moved_away",
        "over_age",
    }
)
APPLICATIONS = frozenset(
    {"postponement", "suspension", "resumption", "abroad", "home_teaching", "exemption", "vocational"}
)
OUTCOMES = frozenset(
    {
        "returned",
        "enrolled",
        "status_made",
        "studies_elsewhere",
        "transferred",
        "postponed",
        "suspended",
        "in_class",
        "home_taught",
        "special_school",
        "remote",
        "vocational",
        "abroad",
        "exempted",
        "register_corrected",
        "missing",
        "died",
        "over_age",
        "mistake",
    }
)

TRIGGERS = frozenset(
    {
        "absence",
        "flagged",
        "wait",
        "event",
        "returned",
        "not_registered",
        "leave",
        "term_day",
        "fixed_date",
        "cycle",
        "category",
        "lapse",
        "age",
    }
)
PERIODS = frozenset({"week", "month", "quarter", "term"})
# How often units owe a duty; kinds of what they owe.
RHYTHMS = PERIODS | {"year", "once"}
DUTY_KINDS = frozenset(
    {
        "survey",
        "ledger",
        "report",
        "meeting",
        "inspection",
        "publicity",
        "campaign",
        "letter",
        "handover",
        "review",
    }
)
DURING = frozenset({"away", "placed"})
FIRST_PERIODS = frozenset({"this", "next"})
BREAKS = frozenset({"skip", "keep"})
COUNTS = frozenset({"in_a_row", "in_window"})
COMPARISONS = frozenset({"at_least", "more_than"})
WAITS = frozenset({"done", "due", "served", "received", "deadline"})
OPENS = frozenset({"last_day", "next_day"})
HALF_DAYS = frozenset({"half", "whole", "none"})
EXCUSED = frozenset({"ends", "pauses", "counts"})
UNKNOWN = frozenset({"pauses", "ends", "counts"})
TERM_BREAKS = frozenset({"pauses", "ends"})
CHARGES = frozenset({"known", "due"})
RECIPIENTS = frozenset({"township", "bureau", "county"})
DATE_ROLLS = frozenset({"none", "back", "forward"})
DOCUMENTS = frozenset(
    {"school_record", "township_record", "enrolment_record", "report", "entry_notice", "order", "receipt", "criticism"}
)

# Which closed list each switch of a plan file takes its word from; also what the mutation test varies.
SWITCHES = {
    "absence": COUNTS,
    "count": COUNTS,
    "half_day": HALF_DAYS,
    "excused": EXCUSED,
    "unknown": UNKNOWN,
    "term_break": TERM_BREAKS,
    "comparison": COMPARISONS,
    "since": WAITS,
    "opens": OPENS,
    "day_type": DAY_TYPES,
    "roll": DAY_TYPES,
    "charge": CHARGES,
    "stage": STAGES,
    "fixed_date_roll": DATE_ROLLS,
    "every": PERIODS,
    "during": DURING,
    "first": FIRST_PERIODS,
    "breaks": BREAKS,
    "kind": TRIGGERS,
}
