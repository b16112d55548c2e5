"""The models of cases."""

from cases.models.case import Case
from cases.models.event import DutyRow, Event, EventProof, SavedFilter

__all__ = ["Case", "DutyRow", "Event", "EventProof", "SavedFilter"]
