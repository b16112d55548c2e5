"""What each event asks for: its form fields, who may record it, and which fact is missing for it now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agencies.choices import Permission
from cases.choices import EventKind
from cases.rules.standing import Standing


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event's form. `kind`: text, long_text, choice, date, time, number, yes_no."""

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""


def fields_of(kind: EventKind) -> tuple[Field, ...]:
    """The form fields of an event kind, in the order of the plans' forms."""
    raise NotImplementedError


def permission_for(kind: EventKind) -> Permission:
    """The permission a post needs to record this kind of event."""
    raise NotImplementedError


def refusals(standing: Standing, kind: EventKind, data: Mapping[str, Any]) -> list[str]:
    """Why the case cannot take this event now: one Chinese sentence per missing fact; empty = it can."""
    raise NotImplementedError
