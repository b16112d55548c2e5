"""Which causes and events only a post with the restricted permission sees."""

from collections.abc import Mapping
from typing import Any

from cases.choices import Application, Cause, EventKind

# Granted for illness or disability (义务教育法 art. 11; 残疾人教育条例 art. 20): the reason says which.
MEDICAL_APPLICATIONS = frozenset(
    {Application.POSTPONEMENT, Application.SUSPENSION, Application.HOME_TEACHING, Application.EXEMPTION}
)
# Causes that tell what `students.rules.privacy.RESTRICTED_GROUPS` tells. Several stand under one word: of a single one
# the word would be another name.
RESTRICTED_CAUSES = frozenset({Cause.DISABILITY, Cause.MENTAL_ILLNESS, Cause.HARMED, Cause.INVOLVED})
COVERED = "限制信息"


def cause_words(cause: str, *, knows: bool) -> str:
    """The cause as this reader may know it: 限制信息 in place of a restricted one; a word of none of ours stays."""
    if cause in RESTRICTED_CAUSES and not knows:
        return COVERED
    return str(Cause(cause).label) if cause in Cause.values else cause


def cause_choices(*, knows: bool) -> list[tuple[str, str]]:
    """The causes a reader may narrow a list of children by."""
    return [(cause.value, str(cause.label)) for cause in Cause if knows or cause not in RESTRICTED_CAUSES]


def tells_restricted_cause(data: Mapping[str, Any]) -> bool:
    """Whether the entry names a cause that only some may know."""
    return data.get("cause") in RESTRICTED_CAUSES


def with_cause_covered(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the entry says, 限制信息 in the place of such a cause."""
    return {**data, "cause": COVERED} if tells_restricted_cause(data) else data


def restricted_title(kind: EventKind, data: Mapping[str, Any], title: str) -> str:
    """The heading of an event that tells of illness, disability or whom the bureau inquired of; else empty."""
    if kind == EventKind.EVALUATED:
        return "专家委员会评估（限制信息）"
    if kind == EventKind.INQUIRED:
        return f"{kind.label}（限制信息）"
    if kind == EventKind.APPLIED and data.get("application") in MEDICAL_APPLICATIONS:
        return f"{title}（限制信息）"
    return ""
