"""The shape of a county's plan: frozen, complete, with clause and quotation at every number.

Words that belong to higher apps (event kinds, stages, absence reasons) are plain strings from the closed lists of
`policy_words`; a test holds these lists equal to the choices of those apps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from agencies.choices import Role
from agencies.rules.policy_triggers import EventTrigger, Limit, Span, Trigger, Where


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a rule comes from: clause and quotation of the plan, or an assumption with its reason (本方案未规定).

    `source` names the other plan whose clause and quotation these are, where the rule is taken over from it.
    """

    clause: str = ""
    quote: str = ""
    assumed: bool = False
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A second reading inside the same plan, kept visible beside the chosen one."""

    other: str
    clause: str
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: who owes what, when it opens, by when it is due, what fulfils it, and which clause says so.

    `charge`: "known" charges delay from the later of due date and the day the facts were recorded, "due" from the
    due date alone (for a step whose owner writes the roll). `done_results` are the results of a phone call that
    fulfil it (empty = any); `done_where` asks the fulfilling event for fields with these values. `times` is how often
    it must be done (in each period of a cycle). `only_after`: the step does not open before such an event. `due_since`
    names the step whose wait, once over, begins the limit instead of this one's opening, whenever either opens.
    `help_counts`: what was done while the child was helped (帮扶), before it came onto the ladder, still does it.
    `source` names the file of law it is from, or the plan it is taken over from. `beside`: it runs beside the ladder,
    moves the case to no stage, and outlives the round.
    """

    key: str
    name: str
    stage: str
    owner: Role
    triggers: tuple[Trigger, ...]
    due: Limit | None
    done_by: tuple[str, ...]
    clause: str
    quote: str
    advice: str
    also_owners: tuple[Role, ...] = ()
    done_results: tuple[str, ...] = ()
    early_counts: bool = False
    help_counts: bool = False
    charge: str = "known"
    document: str = ""
    assumed: bool = False
    assumed_reason: str = ""
    contradiction: Contradiction | None = None
    times: int = 1
    done_where: Where = ()
    only_after: EventTrigger | None = None
    due_since: str = ""
    source: str = ""
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """One class of children and its handling path (虎林 五（三）).

    `holds_ladder`: while the child belongs to it, the steps of the ladder stand back and only the path's own steps
    run. `needs` are the events that must be on record before the case ends, `outcomes` the endings it may have.
    """

    key: str
    name: str
    holds_ladder: bool
    needs: tuple[str, ...]
    outcomes: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Application:
    """What a guardian may apply for, who decides, and for how long at most.

    `deciders` are posts of 乡镇人民政府 or the county education department (义务教育法 art. 11); `longest` is counted
    from the first day of the approved time. `needs` are events (e.g. the committee's evaluation) that must be on
    record before approval.
    """

    key: str
    name: str
    deciders: tuple[Role, ...]
    longest: Span | None
    needs: tuple[str, ...]
    basis: Basis
    contradiction: Contradiction | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """How absence is counted: in_a_row or in_window, and what half, excused, unknown days and term breaks do."""

    absence: str
    half_day: str
    excused: str
    unknown: str
    term_break: str
    unexcused: frozenset[str]
    window_days: int | None = None
    basis: Basis = field(default_factory=Basis)


@dataclass(frozen=True, slots=True)
class Clock:
    """How the ladder's clocks run: overdue steps, business hours of a receipt, unsigned receipts."""

    overdue_opens_next: bool
    cut_off_hour: int | None
    unsigned_receipt: Span | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Deadline:
    """The guardian's time to bring the child back, running from service of the order."""

    span: Span
    basis: Basis


@dataclass(frozen=True, slots=True)
class Observation:
    """School days watched after a confirmed return; absence of `relapse_halves` half days starts the ladder anew."""

    span: Span
    relapse_halves: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Closing:
    """What 销号 needs and who approves it; `early_approver` for cases that never left the school's stage."""

    observation_over: bool
    enrolment_restored: bool
    approver: Role
    early_approver: Role
    basis: Basis


@dataclass(frozen=True, slots=True)
class Dropout:
    """Who says that a child suspected of having dropped out (疑似辍学) has: the post, or its superior in the unit."""

    confirmer: Role
    basis: Basis


@dataclass(frozen=True, slots=True)
class Clusters:
    """So many cases of one class within so many natural days are a sign the bureau looks into."""

    cases: int
    days: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Ages:
    """Ages of the plan's children in full years, both included."""

    first: int
    last: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Policy:
    """One plan, resolved and complete. Immutable once adopted. `overlays` names the plan it was written on top of."""

    key: str
    title: str
    document_number: str
    issuer: str
    valid_from: date
    valid_to: date
    counting: Counting
    clock: Clock
    deadline: Deadline
    observation: Observation
    closing: Closing
    ages: Ages
    steps: tuple[Step, ...]
    report_recipients: tuple[str, ...] = ()
    fixed_date_roll: str = "none"
    groups: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[Category, ...] = ()
    applications: tuple[Application, ...] = ()
    clusters: Clusters | None = None
    dropout: Dropout | None = None
    overlays: str = ""

    def step(self, key: str) -> Step | None:
        """The step of this key, or None."""
        return next((s for s in self.steps if s.key == key), None)

    def category(self, key: str) -> Category | None:
        """The category of this key, or None."""
        return next((c for c in self.categories if c.key == key), None)

    def application(self, key: str) -> Application | None:
        """The application of this key, or None where the plan knows no such."""
        return next((a for a in self.applications if a.key == key), None)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a county file: where, what, and what to do, in Chinese."""

    source: str
    place: str
    message: str
    remedy: str
    line: int | None = None

    def __str__(self) -> str:
        line = f" 第{self.line}行" if self.line else ""
        return f"{self.source}{line} {self.place}：{self.message}。{self.remedy}"
