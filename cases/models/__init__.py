"""The models of cases."""

from cases.models.case import Case
from cases.models.event import DutyRow, Event, SavedFilter

__all__ = ["Case", "DutyRow", "Event", "SavedFilter"]
