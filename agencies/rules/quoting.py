"""Cites a plan: its words in quotation marks, and the plan they are taken over from."""

from typing import Final

_INNER: Final = str.maketrans("“”", "‘’")


def quoted(words: str) -> str:
    """“…” around the words, and ‘…’ where they have marks of their own (GB/T 15834)."""
    return f"“{words.translate(_INNER)}”"


def taken_over(source: str, overlays: str = "") -> str:
    """沿用《…》 of what an overlay left as the other plan has it; 本方案 of its own rules; empty in any other plan.

    `source` is that of the rule (a file of law is named otherwise), `overlays` that of the whole plan.
    """
    if source.startswith("《"):
        return f"沿用{source}"
    return "本方案" if overlays and not source else ""
