"""Which special groups and which events only a post with the restricted permission sees."""

from collections.abc import Mapping
from typing import Any

from cases.choices import Application, EventKind
from students.choices import SpecialGroup

# Disability and children of prisoners (残疾人教育条例 art. 20; 未成年人保护法 art. 4).
RESTRICTED_GROUPS = frozenset({SpecialGroup.DISABLED, SpecialGroup.PRISONER_CHILD})
# Granted for illness or disability (义务教育法 art. 11; 残疾人教育条例 art. 20): the reason says which.
MEDICAL_APPLICATIONS = frozenset(
    {Application.POSTPONEMENT, Application.SUSPENSION, Application.HOME_TEACHING, Application.EXEMPTION}
)


def restricted_title(kind: EventKind, data: Mapping[str, Any], title: str) -> str:
    """The heading of an event whose content tells of illness or disability; empty where it tells of neither."""
    if kind == EventKind.EVALUATED:
        return "专家委员会评估（限制信息）"
    if kind == EventKind.APPLIED and data.get("application") in MEDICAL_APPLICATIONS:
        return f"{title}（限制信息）"
    return ""
