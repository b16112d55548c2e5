"""The shape of what a plan asks of units beside the single child: duties, data, letters, groups, consequences."""

from dataclasses import dataclass

from agencies.choices import Role, UnitKind
from agencies.rules.policy_schema import Basis, Contradiction
from agencies.rules.policy_triggers import Limit


@dataclass(frozen=True, slots=True)
class Handover:
    """Data one agency hands over: to whom, how often (empty = the plan names no time), by when in the period."""

    data: str
    to: str
    every: str
    due: Limit | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Agency:
    """One member unit of the plan with its duties in short and the data it hands over."""

    key: str
    name: str
    unit: UnitKind
    duties: tuple[str, ...]
    hands_over: tuple[Handover, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class UnitDuty:
    """A duty that units of one kind owe in each period, recorded as done with proof.

    `due` lies in the period (None = its end). `breaks`: a week, month or quarter without a school day is left out
    (skip) or owed like any other (keep). `agency` names the member unit where the owner is one. `every` is week,
    month, quarter, term, year or once (within the plan's validity).
    """

    key: str
    name: str
    kind: str
    owner_unit: UnitKind
    owner_role: Role
    agency: str
    every: str
    due: Limit | None
    to: str
    document: str
    proof: str
    basis: Basis
    contradiction: Contradiction | None = None
    breaks: str = "keep"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of responsibility: who gives it to whom, and the goals it names."""

    key: str
    name: str
    from_unit: UnitKind
    to_unit: UnitKind
    goals: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Consequence:
    """One grade of accountability, in the plan's order; recorded only as the act of the competent body."""

    name: str
    against: str
    by: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a group: the role in it and the post that holds it; never a person."""

    role: str
    post: str


@dataclass(frozen=True, slots=True)
class Group:
    """领导小组, 专班 or a school's group: its seats by post."""

    name: str
    unit: UnitKind
    posts: tuple[Seat, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """Everything a plan says of units, in its order."""

    agencies: tuple[Agency, ...] = ()
    duties: tuple[UnitDuty, ...] = ()
    letters: tuple[Letter, ...] = ()
    accountability: tuple[Consequence, ...] = ()
    groups: tuple[Group, ...] = ()

    def duty(self, key: str) -> UnitDuty | None:
        """The duty of this key, or None."""
        return next((d for d in self.duties if d.key == key), None)
