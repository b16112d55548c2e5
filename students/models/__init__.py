"""The models of students."""

from students.models.batch import ImportBatch, ImportRow
from students.models.enrolment import Enrolment
from students.models.household import Guardian, Household
from students.models.leave import Leave
from students.models.roll import Absence, Correction, RollCall, Spell
from students.models.sight import Sight
from students.models.student import GroupMembership, Student

__all__ = [
    "Absence",
    "Correction",
    "Enrolment",
    "GroupMembership",
    "Guardian",
    "Household",
    "ImportBatch",
    "ImportRow",
    "Leave",
    "RollCall",
    "Sight",
    "Spell",
    "Student",
]
