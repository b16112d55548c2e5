"""The models of agencies."""

from agencies.models.account import Deputy, Post, User
from agencies.models.audit import AuditRow, DailySeal
from agencies.models.calendar import CalendarEntry
from agencies.models.duty import UnitDutyDone
from agencies.models.job import Job
from agencies.models.policy import Adoption, PolicyVersion
from agencies.models.unit import Unit

__all__ = [
    "Adoption",
    "AuditRow",
    "CalendarEntry",
    "DailySeal",
    "Deputy",
    "Job",
    "PolicyVersion",
    "Post",
    "Unit",
    "UnitDutyDone",
    "User",
]
