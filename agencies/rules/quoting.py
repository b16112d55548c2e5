"""Puts words of a plan in quotation marks: those already in them become the inner ones (GB/T 15834)."""

from typing import Final

_INNER: Final = str.maketrans("“”", "‘’")


def quoted(words: str) -> str:
    """“…” around the words, and ‘…’ where they have marks of their own."""
    return f"“{words.translate(_INNER)}”"
