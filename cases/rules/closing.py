"""What must be on record before a case is closed (销号), and who approves it."""

from dataclasses import dataclass

from agencies.choices import Role
from agencies.rules.policy import Policy
from cases.choices import Outcome
from cases.rules.standing import Standing


@dataclass(frozen=True, slots=True)
class ClosingCheck:
    """Whether the case may be closed with this outcome, what is missing (sentences), and the approving post."""

    allowed: bool
    missing: tuple[str, ...]
    approver: Role
    proof: str


def check_closing(policy: Policy, standing: Standing, outcome: Outcome, proof: str = "") -> ClosingCheck:
    """The check for one outcome; `proof` is what the user names or attaches for outcomes other than return."""
    raise NotImplementedError
