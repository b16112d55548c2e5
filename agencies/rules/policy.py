"""Reads a plan from its TOML data into a `Policy`, reporting every mistake at once."""

from typing import Any

from agencies.rules.policy_schema import (
    AbsenceTrigger,
    Ages,
    Basis,
    Clock,
    Closing,
    Contradiction,
    Counting,
    Deadline,
    EventTrigger,
    FlaggedTrigger,
    Mistake,
    Observation,
    Policy,
    Span,
    Step,
    Trigger,
    WaitTrigger,
)

__all__ = [
    "AbsenceTrigger",
    "Ages",
    "Basis",
    "Clock",
    "Closing",
    "Contradiction",
    "Counting",
    "Deadline",
    "EventTrigger",
    "FlaggedTrigger",
    "Mistake",
    "Observation",
    "Policy",
    "Span",
    "Step",
    "Trigger",
    "WaitTrigger",
    "load_policy",
]


def load_policy(data: dict[str, Any], source: str, text: str = "") -> tuple[Policy | None, list[Mistake]]:
    """The plan, or None with all its mistakes. `source` names the file, `text` (optional) gives line numbers."""
    raise NotImplementedError
