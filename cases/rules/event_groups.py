"""Under which heading each kind of event is offered, so that nobody reads forty buttons to find one."""

from collections.abc import Iterable

from cases.choices import EventKind as K

# In the order of the work; every kind stands under one heading.
GROUPS: tuple[tuple[str, tuple[K, ...]], ...] = (
    (
        "联系与核查",
        (
            *(K.PHONE_CALL, K.HOME_VISIT, K.VILLAGE_VERIFICATION, K.FLAGGED, K.NOT_REGISTERED, K.NOT_ENROLLED),
            *(K.POLICE_REPORTED, K.WHEREABOUTS_FOUND, K.POLICE_CONCLUSION),
        ),
    ),
    ("劝返", (K.PERSUASION, K.JOINT_PERSUASION, K.CRITICISM, K.ADMONITION)),
    (
        "报告与文书",
        (
            *(K.ADVICE_SENT, K.REPORT_SENT, K.REPORT_RECEIVED, K.REPORTED_UP),
            *(K.NOTICE_ISSUED, K.NOTICE_SERVED, K.SERVICE_FAILED, K.PAPER_WITHDRAWN, K.PAPER_CORRECTED),
        ),
    ),
    (
        "认定与申请",
        (K.CATEGORY_DECIDED, K.DROPOUT_CONFIRMED, K.INQUIRED, K.EVALUATED, K.APPLIED, K.APPLICATION_DECIDED),
    ),
    (
        "一生一策与送教",
        (K.HELP_BEGUN, K.SUPPORT_PLAN, K.PLAN_REVIEWED, K.MEASURE_DONE, K.COMPANION_NAMED, K.HOME_TEACHING),
    ),
    (
        "司法",
        (
            *(K.JUSTICE_ASSISTANCE, K.JUDICIAL_HANDOVER, K.ROUTE_CHOSEN, K.SUIT_FILED, K.DEMAND_SERVED),
            *(K.ENFORCEMENT_APPLIED, K.COURT_RESULT, K.PENALTY),
        ),
    ),
    (
        "返校与安置",
        (
            *(K.RETURNED, K.RETURN_CONFIRMED, K.ENROLMENT_RESTORED, K.PLACE_CONFIRMED, K.PLACED),
            *(K.LEFT_SCOPE, K.CLOSED),
        ),
    ),
    ("其他", (K.PAUSED, K.RESUMED, K.NOTE)),
)


def grouped(kinds: Iterable[K], later: Iterable[K] = ()) -> list[tuple[str, list[K]]]:
    """These kinds under their headings, in the order of the work; those of `later` last; no empty heading."""
    wanted, last = frozenset(kinds), frozenset(later)
    found = [(title, sorted(wanted & {*own}, key=lambda k: (k in last, own.index(k)))) for title, own in GROUPS]
    return [(title, kept) for title, kept in found if kept]
