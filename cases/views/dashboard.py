"""The figures of a unit: the roll of a day, its cases today, rates with their formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from agencies.choices import Permission, Role, UnitKind
from agencies.models import Unit
from agencies.rules.calendar import dated
from agencies.scope import Actor
from agencies.web import actor_of, needs, one_or_404, today
from cases.choices import Cause, Outcome
from cases.queries import case_figures as cases
from cases.queries import figures
from cases.queries.case_figures import CaseFigures
from cases.queries.clusters import clusters_in_sight
from cases.queries.figures import Ground, Reporting
from cases.rules import indicators
from cases.rules.indicators import RUN_CHOICES, TERM_DAYS, Rate
from cases.rules.privacy import cause_choices, outcome_choices
from students.choices import AbsenceReason
from students.web import asked_day

# Rows of a table of schools, classes or owners; the rest is counted in one line. Townships and villages all stand.
ROWS_SHOWN = 15
ROWS_UNFOLDED = 8
WHOLE = frozenset({"township", "village"})
CHILD_KINDS = (UnitKind.TOWNSHIP, UnitKind.SCHOOL, UnitKind.VILLAGE, UnitKind.GRID)
Link = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its words; `url` is empty where the reader may not see the list behind it."""

    label: str
    value: int
    url: str
    note: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a table."""

    value: int
    url: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of numbers and the picture drawn from it."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, list[Cell]]]
    chart: str = "bar"
    rest: str = ""

    @property
    def long(self) -> bool:
        """Too many rows to stand unfolded on a phone."""
        return len(self.rows) > ROWS_UNFOLDED

    @property
    def total(self) -> list[int]:
        """The sums of the columns."""
        return [sum(cells[i].value for _, cells in self.rows) for i in range(len(self.heads) - 1)]


def asked_ground(request: HttpRequest, actor: Actor) -> Ground:
    """The unit and day of the address line: the reader's own unit and today unless given; 404 outside his reach."""
    day = asked_day(request)
    if day > today():
        raise Http404(f"{dated(day)}还没有到，请选今天或以前的日期。")
    rows = Unit.objects.visible_to(actor, Permission.VIEW_FIGURES)
    asked = request.GET.get("unit") or _own_unit(actor)
    unit: Unit = one_or_404(rows, pk=asked)
    if unit.kind == UnitKind.AGENCY and unit.parent:
        # A member agency has no children of its own: its liaison reads the figures of the government it belongs to.
        unit = unit.parent
    if unit.kind not in figures.KINDS:
        raise Http404("统计到学校和村（社区）为止；班级的情况请看班级点名页。")
    return figures.ground_of(unit, day, today())


def _own_unit(actor: Actor) -> int:
    """The unit of the first post that may read figures."""
    return next(post.unit_id for post in actor.posts if post.unit_id in actor.units(Permission.VIEW_FIGURES))


@needs(Permission.VIEW_FIGURES)
def dashboard(request: HttpRequest) -> HttpResponse:
    """The dashboard; counts only, no child is named on it."""
    actor = actor_of(request)
    ground = asked_ground(request, actor)
    link = _linker(ground, linked=actor.can_at(Permission.VIEW_CASE, ground.unit.path))
    reporting = None if ground.at_home else figures.reporting_of(ground)
    counted = cases.case_figures(ground)
    reasons = _reasons(ground, link)
    later = ground.unit.kind == UnitKind.COUNTY
    context = {
        "ground": ground,
        "title": f"{ground.unit.label}统计",
        "day_label": dated(ground.on),
        "closed_because": ground.calendar.why_closed(ground.on),
        "units": _unit_choices(actor, ground),
        "past": ground.on < ground.today,
        "roll": _roll_figures(ground, reporting, reasons.total[0], link),
        "later_url": _later_url(ground) if later else "",
        "term": [] if later else _term_figures(ground, link),
        "reasons": reasons,
        "case_parts": _case_figures(ground, counted, link),
        "tables": _tables(ground, counted, link, knows=actor.can(Permission.SEE_RESTRICTED)),
        "stale": counted.stale,
        "clusters": _clusters(actor, ground),
        "rates": _rates(ground, reporting, counted),
    }
    return render(request, "cases/dashboard.html", context)


@needs(Permission.VIEW_FIGURES)
def dashboard_term(request: HttpRequest) -> HttpResponse:
    """The figures that look through a whole term: a part of a county's page that follows by itself."""
    actor = actor_of(request)
    ground = asked_ground(request, actor)
    link = _linker(ground, linked=actor.can_at(Permission.VIEW_CASE, ground.unit.path))
    context = {"items": _term_figures(ground, link), "ground": ground}
    part = request.headers.get("HX-Request")
    return render(request, "cases/dashboard_figures.html" if part else "cases/dashboard_term.html", context)


def _clusters(actor: Actor, ground: Ground) -> int:
    """On the county's page, for the bureau: in how many classes several children came out of school at once."""
    if ground.unit.kind != UnitKind.COUNTY or not actor.can_at(Permission.INQUIRE, ground.unit.path):
        return 0
    return len(clusters_in_sight(actor, ground.today))


def _address(ground: Ground) -> dict[str, str]:
    """Unit and day as they stand in an address; today's needs no day."""
    day = {} if ground.on == ground.today else {"day": ground.on.isoformat()}
    return {"unit": str(ground.unit.pk), **day}


def _later_url(ground: Ground) -> str:
    return f"{reverse('cases:dashboard_term')}?{urlencode(_address(ground))}"


def _linker(ground: Ground, *, linked: bool) -> Link:
    """Makes the address of the list behind a figure; empty for a reader of figures alone."""
    base = urlencode(_address(ground))
    # Some three hundred figures have an address, of a dozen lists.
    list_url = cache(lambda key: f"{reverse('cases:figure_list', args=[key])}?{base}")

    def link(key: str, **narrow: object) -> str:
        if not linked:
            return ""
        return list_url(key) + "".join(f"&{name}={quote_plus(str(value))}" for name, value in narrow.items())

    return link


def _unit_choices(actor: Actor, ground: Ground) -> list[dict[str, Any]]:
    """The units to choose from, in groups: one's own, those above in reach, those directly below (2 queries)."""
    reach = Unit.objects.visible_to(actor, Permission.VIEW_FIGURES)
    above = {*ground.unit.ancestor_ids, *actor.units(Permission.VIEW_FIGURES)}
    line = list(reach.filter(pk__in=above, kind__in=figures.KINDS).order_by("path"))
    below = reach.filter(parent=ground.unit, kind__in=CHILD_KINDS, last_day__isnull=True)
    groups: dict[str, list[Unit]] = {"本级和上级": line}
    for unit in below.order_by("kind", "path"):
        groups.setdefault(str(unit.get_kind_display()), []).append(unit)
    return [{"label": label, "units": units} for label, units in groups.items()]


def _roll_figures(ground: Ground, reporting: Reporting | None, absent: int, link: Link) -> list[Figure]:
    """The numbers of the day's roll."""
    found: list[Figure] = []
    if reporting is not None:
        found = [
            Figure("已点名班级", reporting.reported, link("reported"), f"应点名{reporting.owed}个班"),
            Figure("未点名班级", reporting.unreported, link("unreported"), "当日还没有点名记录"),
        ]
    runs = [
        Figure(f"连续无故{days}天", n, link("in-a-row", n=days), "及以上，未到校")
        for days, n in figures.counts_in_a_row(ground, RUN_CHOICES).items()
    ]
    return [*found, Figure("当日缺勤", absent, link("absent"), "学生，含请假"), *runs]


def _term_figures(ground: Ground, link: Link) -> list[Figure]:
    """The numbers that look back through the term: silent classes, children often absent."""
    found: list[Figure] = []
    if not ground.at_home:
        silent = figures.silent_by_owner(ground)
        found = [
            Figure(
                "缺报待校长答复",
                silent["principal"],
                link("silent", owner="principal"),
                "班级，此前缺报1至2个上课日",
                late=True,
            ),
            Figure(
                "缺报待教育局核查",
                silent["bureau"],
                link("silent", owner="bureau"),
                "班级，此前缺报3个上课日及以上",
                late=True,
            ),
        ]
    often = len(figures.absent_in_term(ground, TERM_DAYS))
    note = f"及以上，含请假，{dated(ground.first_day)}起"
    return [*found, Figure(f"累计缺勤{TERM_DAYS}天", often, link("in-term"), note)]


def _reasons(ground: Ground, link: Link) -> Table:
    """Absent children of the day by reason."""
    counted = figures.absent_by_reason(ground)
    rows = [
        (str(reason.label), [Cell(counted.get(reason, 0), link("absent", reason=reason.value))])
        for reason in AbsenceReason
    ]
    return Table("absent", "当日缺勤学生（按原因）", ("原因", "人数"), rows)


def _case_figures(ground: Ground, counted: CaseFigures, link: Link) -> list[Figure]:
    """The numbers of the cases today."""
    since = f"{dated(ground.first_day)}起"
    return [
        Figure("在办个案", counted.open, link("open"), "尚未销号"),
        Figure("尚未返校", counted.still_out, link("open", out=1), "在办，不含安置期内"),
        Figure("逾期事项", counted.overdue_by.total(), link("overdue"), "到期未办", late=True),
        Figure("本学期返校", counted.returned, link("returned"), f"观察中或已销号，{since}"),
        Figure("本学期销号", counted.closed_by.total(), link("closed"), since),
        Figure("反复", counted.relapsed, link("open", relapsed=1), "返校后又缺勤"),
    ]


def _tables(ground: Ground, counted: CaseFigures, link: Link, *, knows: bool) -> list[Table]:
    stages = [
        (str(stage.label), [Cell(counted.by_stage[stage], link("open", stage=stage.value))])
        for stage in cases.OPEN_STAGES
    ]
    # A count of a restricted cause or ending names nobody; the list behind it would.
    open_causes, open_outcomes = dict(cause_choices(knows=knows)), dict(outcome_choices(knows=knows))
    causes = [
        (str(cause.label), [Cell(counted.by_cause[cause], link("open", cause=cause) if cause in open_causes else "")])
        for cause in Cause
        if counted.by_cause[cause]
    ]
    outcomes = [
        (str(end.label), [Cell(counted.closed_by[end], link("closed", outcome=end) if end in open_outcomes else "")])
        for end in Outcome
        if counted.closed_by[end]
    ]
    return [
        Table("stage", "在办个案（按阶段）", ("阶段", "件数"), stages),
        Table("cause", "在办个案（按原因）", ("原因", "件数"), causes),
        *_overdue_tables(counted, link),
        *_place_tables(ground, link),
        Table("closed", "本学期销号（按结果）", ("结果", "件数"), outcomes),
    ]


def _place_tables(ground: Ground, link: Link) -> Iterable[Table]:
    """Open cases by the units below, each by stage."""
    heads = tuple(str(stage.label) for stage in cases.OPEN_STAGES)
    places = {name: cases.by_place(ground, name) for name, _ in cases.PLACES[UnitKind(ground.unit.kind)]}
    most = {
        name: sorted(found.items(), key=lambda item: (-item[1].total(), item[0] or 0))
        for name, found in places.items()
    }
    cut = {name: found if name in WHOLE else found[:ROWS_SHOWN] for name, found in most.items()}
    units = cases.units_named({pk for shown in cut.values() for pk, _ in shown if pk})
    for name, label in cases.PLACES[UnitKind(ground.unit.kind)]:
        found, shown = most[name], cut[name]
        rows = [
            (
                units[pk].label if pk else f"未定{label}",
                [
                    Cell(count[stage], link("open", **{name: pk or "none", "stage": stage}))
                    for stage in cases.OPEN_STAGES
                ],
            )
            for pk, count in shown
        ]
        rest = sum(count.total() for _, count in found) - sum(count.total() for _, count in shown)
        words = f"另有{len(found) - len(shown)}个{label}共{rest}件，未在表中列出" if rest else ""
        yield Table(name, f"在办个案（按{label}）", (label, *heads), rows, "stack", words)


def _overdue_tables(counted: CaseFigures, link: Link) -> Iterable[Table]:
    """Overdue duties by role, and by the units that owe most."""
    roles: dict[str, int] = {}
    for (role, _), n in counted.overdue_by.items():
        roles[role] = roles.get(role, 0) + n
    by_role = [
        (str(Role(role).label), [Cell(n, link("overdue", role=role))])
        for role, n in sorted(roles.items(), key=lambda item: -item[1])
    ]
    yield Table("overdue", "逾期事项（按岗位）", ("岗位", "件数"), by_role)
    owners = counted.overdue_by.most_common(ROWS_SHOWN)
    units = cases.units_named({pk for (_, pk), _ in owners if pk})
    rows = [
        (
            f"{_long_name(units[pk]) if pk else '未定单位'} {Role(role).label}",
            [Cell(n, link("overdue", role=role, owner=pk or "none"))],
        )
        for (role, pk), n in owners
    ]
    others = counted.overdue_by.total() - sum(n for _, n in owners)
    rest = f"其余{len(counted.overdue_by) - ROWS_SHOWN}个责任单位共{others}件" if others else ""
    yield Table("owner", "逾期事项（按责任单位）", ("责任单位", "件数"), rows, "", rest)


def _long_name(unit: Unit) -> str:
    """A class is named with its school."""
    return f"{unit.parent.label} {unit.label}" if unit.kind == UnitKind.CLASS and unit.parent else unit.label


def _rates(ground: Ground, reporting: Reporting | None, counted: CaseFigures) -> list[Rate]:
    """The rates that can be told from what is on record."""
    targets = cases.targets_of(ground.unit, ground.on)
    found = []
    if reporting is not None:
        found = [
            indicators.reporting(reporting.reported, reporting.owed),
            indicators.attendance(reporting.expected - reporting.absent, reporting.expected),
        ]
    return [
        *found,
        indicators.return_rate(counted.returned, counted.still_out, targets.get("return")),
        indicators.dropout_rate(counted.still_out, figures.enrolled_count(ground), targets.get("dropout")),
        indicators.timely(*cases.timely_duties(ground)),
    ]
