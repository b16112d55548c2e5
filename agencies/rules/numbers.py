"""Reads a whole number out of what somebody sent."""

from typing import Final

# As many digits as every database keeps in a key.
MOST_DIGITS: Final = 18


def whole(text: str, digits: int = MOST_DIGITS) -> int | None:
    """The number of at most so many plain digits; None for anything else: a sign, a letter, ², ٣, thirty nines."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
