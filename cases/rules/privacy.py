"""Which causes and events only a post with the restricted permission sees."""

from collections.abc import Mapping
from typing import Any

from cases.choices import Application, Category, Cause, EventKind, Outcome
from cases.rules.event_fields import POLICE

# Granted for illness or disability (义务教育法 art. 11; 残疾人教育条例 art. 20): the reason says which.
MEDICAL_APPLICATIONS = frozenset(
    {Application.POSTPONEMENT, Application.SUSPENSION, Application.HOME_TEACHING, Application.EXEMPTION}
)
# Causes that tell what `students.rules.privacy.RESTRICTED_GROUPS` tells. Several stand under one word: of a single one
# the word would be another name.
RESTRICTED_CAUSES = frozenset({Cause.DISABILITY, Cause.MENTAL_ILLNESS, Cause.HARMED, Cause.INVOLVED})
# Whom the plans lead to the expert committee, and what only its evaluation gives (残疾人教育条例 arts. 17,
# 20). 送教上门 and 免予入学 are given for illness too, as `MEDICAL_APPLICATIONS`: their names stay.
RESTRICTED_CATEGORIES = frozenset({Category.DISABLED, Category.UNABLE})
RESTRICTED_OUTCOMES = frozenset({Outcome.IN_CLASS, Outcome.SPECIAL_SCHOOL, Outcome.REMOTE})
COVERED = "限制信息"


def cause_words(cause: str, *, knows: bool) -> str:
    """The cause as this reader may know it: 限制信息 in place of a restricted one; a word of none of ours stays."""
    if cause in RESTRICTED_CAUSES and not knows:
        return COVERED
    return str(Cause(cause).label) if cause in Cause.values else cause


def outcome_words(outcome: str, *, knows: bool) -> str:
    """The ending as this reader may know it: 限制信息 in place of one that tells of disability; empty without one."""
    if outcome in RESTRICTED_OUTCOMES and not knows:
        return COVERED
    return str(Outcome(outcome).label) if outcome in Outcome.values else outcome


def cause_choices(*, knows: bool) -> list[tuple[str, str]]:
    """The causes a reader may narrow a list of children by."""
    return [(cause.value, str(cause.label)) for cause in Cause if knows or cause not in RESTRICTED_CAUSES]


def outcome_choices(*, knows: bool) -> list[tuple[str, str]]:
    """The endings a reader may narrow a list of children by."""
    return [(end.value, str(end.label)) for end in Outcome if knows or end not in RESTRICTED_OUTCOMES]


def tells_restricted_cause(data: Mapping[str, Any]) -> bool:
    """Whether the entry names a cause that only some may know."""
    return data.get("cause") in RESTRICTED_CAUSES


def with_cause_covered(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the entry says, 限制信息 in the place of such a cause."""
    return {**data, "cause": COVERED} if tells_restricted_cause(data) else data


def restricted_title(kind: EventKind, data: Mapping[str, Any], title: str) -> str:
    """The heading of an event that tells of illness, disability, harm or whom the bureau inquired of; else empty."""
    if kind == EventKind.EVALUATED:
        return "专家委员会评估（限制信息）"
    if kind == EventKind.POLICE_REPORTED:
        # A missing child is for the police alone; any other authority is told of harm (未成年人保护法 art. 11).
        return "" if data.get("authority", POLICE) in (POLICE, "") else "已报有关部门"
    if kind == EventKind.APPLIED and data.get("application") in MEDICAL_APPLICATIONS:
        return f"{title}（限制信息）"
    return f"{kind.label}（限制信息）" if _tells_by_its_choice(kind, data) else ""


def _tells_by_its_choice(kind: EventKind, data: Mapping[str, Any]) -> bool:
    """Whether the very heading would say it: the class decided, placement, ending, that there was an inquiry."""
    if kind == EventKind.INQUIRED:
        return True
    return data.get("category") in RESTRICTED_CATEGORIES or data.get("outcome") in RESTRICTED_OUTCOMES
