"""A unit is merged into another or put under another parent: chosen, looked at beforehand, done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from agencies import hooks
from agencies.actions import mergers, units
from agencies.choices import UnitKind
from agencies.forms import UnitMoveForm
from agencies.models import Unit
from agencies.models.unit import UnitQuerySet
from agencies.queries.mergers import (
    below,
    lives_by_other_days,
    loses_its_plan,
    may_stand_above,
    may_take_in,
    names_changing,
    place_of,
    posts_to_end,
)
from agencies.rules.calendar import ONE_DAY
from agencies.rules.mergers import day_refusal, merge_refusal, move_refusal
from agencies.scope import Actor
from agencies.views.units import SEES, in_sight
from agencies.web import actor_of, day_label, needs, now, one_or_404, say_refused, today


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the two acts differ on the page: merger closes the unit, a move keeps it."""

    title: str
    label: str
    closes: bool
    offered: Callable[[Unit, UnitQuerySet], list[tuple[int, str]]]


_MERGER = _Kind("撤并", "并入", True, may_take_in)
_MOVE = _Kind("划转", "划转到", False, may_stand_above)


@needs(*SEES)
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge a unit into another of its kind (撤点并校)."""
    return _page(request, pk, _MERGER)


@needs(*SEES)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a unit under another parent (划转)."""
    return _page(request, pk, _MOVE)


def _page(request: HttpRequest, pk: int, kind: _Kind) -> HttpResponse:
    actor = actor_of(request)
    unit: Unit = one_or_404(in_sight(actor), pk=pk)
    units.require_shaping(by=actor, kind=UnitKind(unit.kind), path=unit.path)
    if answer := _sent_twice(request, unit, kind):
        return answer
    if unit.last_day is not None or not (unit.parent_id and (kind.closes or unit.kind != UnitKind.TOWNSHIP)):
        raise Http404(f"“{unit.name}”已经撤并，或这类单位不能{kind.title}。")
    staff = posts_to_end(unit, today()) if kind.closes else []
    form = UnitMoveForm(
        request.POST or None,
        to=kind.offered(unit, in_sight(actor)),
        staff=[(post.pk, f"{post.get_role_display()}：{post.user.name}") for post in staff],
        label=kind.label,
        initial={"on": today()},
    )
    context: dict[str, Any] = {"unit": unit, "form": form, "kind": kind}
    if request.method == "POST" and form.is_valid():
        to = in_sight(actor).select_related("parent").get(pk=form.cleaned_data["to"])
        if "sure" in request.POST and _done(request, actor, unit, to, form, kind):
            return redirect("agencies:unit", to.pk)
        unit.refresh_from_db()
        if answer := _sent_twice(request, unit, kind):
            return answer
        if not form.errors:
            context |= _preview(unit, to, form, kind)
    return render(request, "agencies/unit_move.html", context, status=400 if form.errors else 200)


def _sent_twice(request: HttpRequest, unit: Unit, kind: _Kind) -> HttpResponse | None:
    """Where the same confirmation came a second time: to the page that shows what the first one did."""
    to = unit.merged_into if kind.closes else unit.parent
    if "sure" not in request.POST or to is None or request.POST.get("to") != str(to.pk):
        return None
    messages.info(request, f"已办理：{unit.name}已{kind.label}{to.name}，不必再次提交。")
    return redirect("agencies:unit", to.pk)


def _done(request: HttpRequest, actor: Actor, unit: Unit, to: Unit, form: UnitMoveForm, kind: _Kind) -> bool:
    said = form.cleaned_data
    try:
        if kind.closes:
            mergers.merge_unit(
                by=actor,
                unit=unit,
                into=to,
                on=said["on"],
                number=said["number"],
                now=now(),
                staying=said.get("staying", ()),
            )
        else:
            mergers.move_unit(by=actor, unit=unit, parent=to, on=said["on"], number=said["number"], now=now())
    except ValueError as error:
        say_refused(form, error)
        return False
    messages.success(
        request, f"{unit.name}已自{day_label(said['on'])}起{kind.label}{to.name}；已签发的文书仍用原名称。"
    )
    return True


def _preview(unit: Unit, to: Unit, form: UnitMoveForm, kind: _Kind) -> dict[str, Any]:
    """What the act would change, and why it cannot be done (yet)."""
    said = form.cleaned_data
    refusal = (merge_refusal if kind.closes else move_refusal)(place_of(unit), place_of(to))
    held = hooks.all_held(unit)
    under = below(unit)
    staff = posts_to_end(unit, today()) if kind.closes else []
    renamed = names_changing(under if kind.closes else [unit], to, unit.label if kind.closes else _origin(unit))
    staying = set(said.get("staying", ()))
    return {
        "to": to,
        "said": [
            *(("to", to.pk), ("on", said["on"].isoformat()), ("number", said["number"])),
            *(("staying", pk) for pk in sorted(staying)),
        ],
        "on_label": day_label(said["on"]),
        "ends_label": day_label(said["on"] - ONE_DAY),
        "refusal": refusal or day_refusal(said["on"], today(), unit.first_day),
        "other_days": kind.closes and lives_by_other_days(unit, to, said["on"]),
        "no_plan": loses_its_plan(unit, to, said["on"]),
        "under": under,
        "renamed": [{"was": row.name, "now": name} for row, name in renamed],
        "moving": [row for row in held if row.moves],
        "keeping": [row for row in held if not row.moves],
        "ending": [(post, hooks.duties_held(post.user_id)) for post in staff if post.pk not in staying],
        "going": [post for post in staff if post.pk in staying],
    }


def _origin(unit: Unit) -> str:
    return unit.parent.label if unit.parent else ""
