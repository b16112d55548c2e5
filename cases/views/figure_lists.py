"""The list behind a figure: classes, children, cases or duties, as many as the figure says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from agencies.choices import Permission, Role
from agencies.rules.calendar import dated
from agencies.rules.numbers import whole
from agencies.scope import Actor
from agencies.web import actor_of, needs
from cases.choices import Outcome
from cases.queries import figure_lists as lists
from cases.queries.case_figures import OPEN_STAGES, units_named
from cases.queries.figure_lists import Chosen
from cases.queries.figures import Ground
from cases.rules.indicators import RUN_CHOICES, TERM_DAYS
from cases.rules.privacy import cause_choices, outcome_choices
from cases.views import figure_rows as rows
from cases.views.dashboard import asked_ground
from students.choices import AbsenceReason

SIZE = 50
# A cell of so many characters (a name, a date with its weekday) is not broken across lines.
WHOLE = 14
LAST_PAGE = 2000
# A choice of ids: any number, or "none".
IDS: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of list: its title, what it may be narrowed by, its rows and how they are told."""

    title: str
    heads: tuple[str, ...]
    find: Callable[[Ground, Chosen], Any]
    tell: Callable[[rows.Reader, list[Any]], list[rows.Row]]
    narrow: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tabs: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    by_day: bool = True
    # Which tabs have rows, where they are too many to offer all; None offers all.
    present: Callable[[Ground], Collection[str]] | None = None


@needs(Permission.VIEW_FIGURES)
def figure_list(request: HttpRequest, key: str) -> HttpResponse:
    """A page of the rows behind a figure; figures alone (县领导) give no right to it."""
    actor = actor_of(request)
    listing = LISTINGS.get(key)
    if listing is None:
        raise Http404("没有这个统计清单。")
    listing = _open_to(actor, listing)
    ground = asked_ground(request, actor)
    actor.require_at(Permission.VIEW_CASE, ground.unit.path)
    chosen = _chosen(request, listing)
    found = listing.find(ground, chosen)
    total = len(found) if isinstance(found, list) else found.count()
    page = _page(request, total)
    shown = listing.tell(rows.Reader(actor, ground), list(found[page * SIZE : (page + 1) * SIZE]))
    for row in shown:
        row["told"] = [(h, text, len(text) <= WHOLE) for h, text in zip(listing.heads[1:], row["cells"], strict=True)]
    keep: dict[str, str] = {k: request.GET[k] for k in ("unit", "day", *listing.narrow) if request.GET.get(k)}
    context = {
        "key": key,
        "title": listing.title,
        "ground": ground,
        "sub": _sub(ground, listing),
        "words": _words(listing, chosen),
        "heads": listing.heads,
        "rows": shown,
        "total": total,
        "tabs": _tabs(listing, chosen, keep, ground),
        "up_url": f"{reverse('cases:dashboard')}?{urlencode([(k, keep[k]) for k in ('unit', 'day') if k in keep])}",
        "earlier_url": f"?{urlencode({**keep, 'page': page})}" if page else "",
        "later_url": f"?{urlencode({**keep, 'page': page + 2})}" if (page + 1) * SIZE < total else "",
    }
    return render(request, "cases/figures.html", context)


def _open_to(actor: Actor, listing: Listing) -> Listing:
    """The list as this reader may narrow it: not down to the children whose cause or ending is restricted."""
    knows = actor.can(Permission.SEE_RESTRICTED)
    open_choices = {"cause": cause_choices(knows=knows), "outcome": outcome_choices(knows=knows)}
    narrow = {name: dict(open_choices[name]) if name in open_choices else c for name, c in listing.narrow.items()}
    return replace(listing, narrow=narrow)


def _chosen(request: HttpRequest, listing: Listing) -> dict[str, str]:
    """The narrowing of the address line; a word that is no choice is a 404 with a sentence."""
    chosen = dict(listing.defaults)
    for name, choices in listing.narrow.items():
        value = request.GET.get(name, "")
        if not value:
            continue
        an_id = choices is IDS and (value == lists.NONE or whole(value) is not None)
        if not an_id and value not in choices:
            raise Http404(f"没有“{value[:20]}”这个选项，请从统计页的数字进入清单。")
        chosen[name] = value
    return chosen


def _page(request: HttpRequest, total: int) -> int:
    """The page asked for, counted from 0 and kept inside the list."""
    number = whole(request.GET.get("page", ""), 5)
    return max(0, min(1 if number is None else number, LAST_PAGE, -(-total // SIZE)) - 1)


def _sub(ground: Ground, listing: Listing) -> str:
    day = dated(ground.on if listing.by_day else ground.today)
    return f"{ground.unit.label} · {day}"


def _words(listing: Listing, chosen: Chosen) -> list[str]:
    """The narrowing in words, the tabs' own left out (1 query where a unit was chosen)."""
    ids = {int(value) for name, value in chosen.items() if listing.narrow[name] is IDS and value != lists.NONE}
    units = units_named(ids) if ids else {}
    found = []
    for name, value in chosen.items():
        if listing.narrow[name] is IDS:
            unit = units.get(int(value)) if value != lists.NONE else None
            found.append(unit.label if unit else "未定单位")
        elif name != listing.tabs:
            found.append(listing.narrow[name][value])
    return found


def _tabs(listing: Listing, chosen: Chosen, keep: Mapping[str, str], ground: Ground) -> list[dict[str, Any]]:
    if not listing.tabs:
        return []
    choices = dict(listing.narrow[listing.tabs])
    if listing.present:
        wanted = {*listing.present(ground), chosen.get(listing.tabs, "")}
        choices = {value: label for value, label in choices.items() if value in wanted}
    if listing.tabs not in listing.defaults:
        choices = {"": "全部", **choices}
    rest = {name: value for name, value in keep.items() if name != listing.tabs}
    return [
        {
            "label": label,
            "url": f"?{urlencode({**rest, listing.tabs: value} if value else rest)}",
            "active": chosen.get(listing.tabs, "") == value,
        }
        for value, label in choices.items()
    ]


_PLACES = dict.fromkeys(("township", "village", "school", "school_class"), IDS)
_RUNS = {str(days): f"连续{days}天及以上" for days in RUN_CHOICES}
LISTINGS: dict[str, Listing] = {
    "unreported": Listing("未点名班级", ("班级", "最近点名", "班主任"), lists.unreported, rows.tell_unreported),
    "silent": Listing(
        "此前缺报的班级",
        ("班级", "最近点名", "缺报情况", "应由谁答复", "班主任"),
        lists.silent,
        rows.tell_silent,
        {"owner": rows.OWNERS},
        "owner",
    ),
    "reported": Listing("已点名班级", ("班级", "应到", "缺勤", "点名人"), lists.reported, rows.tell_reported),
    "absent": Listing(
        "当日缺勤学生",
        ("学生", "班级", "原因", "在办个案"),
        lists.absent,
        rows.tell_absent,
        {"reason": dict(AbsenceReason.choices)},
        "reason",
    ),
    "in-a-row": Listing(
        "连续无故缺勤学生",
        ("学生", "班级", "连续", "自", "在办个案"),
        lists.in_a_row,
        rows.tell_runs,
        {"n": _RUNS},
        "n",
        {"n": str(RUN_CHOICES[0])},
    ),
    "in-term": Listing(
        f"本学期累计缺勤{TERM_DAYS}天及以上学生",
        ("学生", "班级", "累计缺勤", "其中无故", "在办个案"),
        lists.in_term,
        rows.tell_in_term,
        {"n": {str(TERM_DAYS): f"{TERM_DAYS}天及以上"}},
        "",
        {"n": str(TERM_DAYS)},
    ),
    "open": Listing(
        "在办个案",
        ("学生", "班级", "居住村", "阶段", "原因", "当前事项", "到期"),
        lists.open_cases,
        rows.tell_open,
        {
            "stage": {stage.value: str(stage.label) for stage in OPEN_STAGES},
            "cause": dict(cause_choices(knows=True)),
            "relapsed": {"1": "反复"},
            "out": {"1": "尚未返校"},
            **_PLACES,
        },
        "stage",
        by_day=False,
    ),
    "overdue": Listing(
        "逾期事项",
        ("学生", "班级", "居住村", "事项", "责任", "到期", "已逾期"),
        lists.overdue,
        rows.tell_overdue,
        {"role": dict(Role.choices), "owner": IDS},
        by_day=False,
    ),
    "closed": Listing(
        "本学期销号个案",
        ("学生", "班级", "居住村", "结果", "销号日期"),
        lists.closed,
        rows.tell_ended,
        {"outcome": dict(Outcome.choices)},
        "outcome",
        by_day=False,
        present=lists.outcomes,
    ),
    "returned": Listing(
        "本学期返校学生",
        ("学生", "班级", "居住村", "情况", "销号日期"),
        lists.returned,
        rows.tell_ended,
        by_day=False,
    ),
}
