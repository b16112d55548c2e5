"""The words a roll page and the server exchange about a child: what was seen, and what is wanted now."""

from __future__ import annotations

from students.choices import AbsenceReason, PartOfDay
from students.rules.roll import Value

LONGEST_NOTE = 100


def plain(text: str) -> str:
    """A typed remark without the characters nobody sees (a NUL breaks PostgreSQL), no spaces at the ends."""
    return "".join(char for char in text if char.isprintable()).strip()


def as_sent(value: Value) -> str:
    """A value as the page carries it: empty for present, else `reason:part:note`."""
    return f"{value.reason}:{value.part}:{value.note}" if value.reason else ""


def read_sent(text: str) -> Value | None:
    """The value of such a text; None where it is none (a page somebody tampered with, or a very old one)."""
    if not text:
        return Value()
    reason, _, rest = text.partition(":")
    part, _, note = rest.partition(":")
    return read_value(reason, part, note)


def read_value(reason: str, part: str, note: str) -> Value | None:
    """The value of three fields; an empty reason is present whatever the others say. None outside the closed lists."""
    if not reason:
        return Value()
    if reason not in AbsenceReason.values or (part or PartOfDay.DAY) not in PartOfDay.values:
        return None
    return Value(reason, part or PartOfDay.DAY, plain(note))
