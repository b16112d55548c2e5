"""Say which opened duties a change of the roll would take away."""

from __future__ import annotations

from cases.rules.standing import Standing


def duties_lost(before: Standing, after: Standing) -> frozenset[tuple[str, int]]:
    """(step, round) of duties opened in `before` that are not opened in `after`; source: clauses 10."""
    opened = {(duty.step_key, duty.round) for duty in before.duties if duty.opened_on is not None}
    still = {(duty.step_key, duty.round) for duty in after.duties if duty.opened_on is not None}
    return frozenset(opened - still)
