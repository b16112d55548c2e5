"""The models of students."""

from students.models.batch import ImportBatch, ImportRow
from students.models.enrolment import Enrolment
from students.models.household import Apart, Guardian, HomeChange, Household, HouseholdMember
from students.models.leave import Leave
from students.models.proof import LeaveProof, Proof, VisitProof
from students.models.roll import Absence, Correction, RollCall, Spell
from students.models.sight import Sight
from students.models.student import GroupMembership, Student
from students.models.visit import HomeVisit

__all__ = [
    "Absence",
    "Apart",
    "Correction",
    "Enrolment",
    "GroupMembership",
    "Guardian",
    "HomeChange",
    "HomeVisit",
    "Household",
    "HouseholdMember",
    "ImportBatch",
    "ImportRow",
    "Leave",
    "LeaveProof",
    "Proof",
    "RollCall",
    "Sight",
    "Spell",
    "Student",
    "VisitProof",
]
