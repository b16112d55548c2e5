"""Units: the tree one level at a time, new units, names, what their papers say of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from agencies.actions import units
from agencies.choices import Permission, UnitKind
from agencies.forms import RenameForm, SettingsForm, UnitForm
from agencies.models import Post, Unit
from agencies.models.unit import UnitQuerySet
from agencies.rules.tree import CHILDREN, PAPER_SETTINGS, shaped_with
from agencies.scope import Actor, current
from agencies.views.posts import appointable
from agencies.web import actor_of, needs, now, one_or_404, today

SEES = (Permission.MANAGE_UNITS, Permission.MANAGE_CLASSES, Permission.MANAGE_POSTS)


def in_sight(actor: Actor) -> UnitQuerySet:
    """Units under the posts that may keep units or give posts."""
    rows = Unit.objects.visible_to(actor, SEES[0])
    for permission in SEES[1:]:
        rows = rows | Unit.objects.visible_to(actor, permission)
    return rows


@needs(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """The units at which one's posts are; a single one opens at once."""
    actor = actor_of(request)
    tops = list(in_sight(actor).filter(pk__in={pk for one in SEES for pk in actor.units(one)}).order_by("path"))
    if len(tops) == 1:
        return redirect("agencies:unit", tops[0].pk)
    return render(request, "agencies/units.html", {"units": tops})


@needs(*SEES)
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit: its place, what stands under it, who holds posts in it, and the acts upon it."""
    actor = actor_of(request)
    shown: Unit = one_or_404(in_sight(actor), pk=pk)
    forms = _forms(request, actor, shown)
    if request.method == "POST":
        answer = _act(request, actor, shown, forms)
        if answer:
            return answer
    context = {
        "unit": shown,
        "above": list(in_sight(actor).filter(pk__in=shown.ancestor_ids[:-1]).order_by("path")),
        "groups": _below(actor, shown),
        "posts": list(
            Post.objects.visible_to(actor, Permission.MANAGE_POSTS)
            .filter(current(today()), unit=shown)
            .select_related("user")
        ),
        "may_appoint": shown.last_day is None and bool(appointable(actor, shown)),
        "successor": _successor(actor, shown),
        **_adjusting(actor, shown),
        **forms,
    }
    return render(request, "agencies/unit.html", context, status=400 if request.method == "POST" else 200)


def _successor(actor: Actor, shown: Unit) -> dict[str, Any] | None:
    """The unit it was merged into, and whether this person may look at it."""
    into = shown.merged_into
    if into is None:
        return None
    return {"pk": into.pk, "name": into.name, "seen": any(actor.can_at(one, into.path) for one in SEES)}


def _adjusting(actor: Actor, shown: Unit) -> dict[str, bool]:
    """Whether this person may merge the unit into another, or put it under another parent."""
    kind = UnitKind(shown.kind)
    may = shown.parent_id is not None and shown.last_day is None and _may_shape(actor, kind, shown.path)
    return {"may_merge": may, "may_move": may and kind != UnitKind.TOWNSHIP}


def _below(actor: Actor, shown: Unit) -> list[dict[str, Any]]:
    rows = in_sight(actor).filter(parent=shown).order_by("grade", "sort_key", "pk")
    groups: dict[str, list[Unit]] = {}
    for row in rows:
        groups.setdefault(row.kind, []).append(row)
    return [{"label": kind.label, "units": groups[kind]} for kind in UnitKind if kind in groups]


def _may_shape(actor: Actor, kind: UnitKind, path: str) -> bool:
    return any(actor.can_at(permission, path) for permission in shaped_with(kind))


def _forms(request: HttpRequest, actor: Actor, shown: Unit) -> dict[str, Form]:
    """The forms this person may send here; the one sent is bound. A closed unit stays as it was."""
    if shown.last_day is not None:
        return {}
    sent = request.POST.get("act", "") if request.method == "POST" else ""

    def data(act: str) -> Any:
        return request.POST if sent == act else None

    kind = UnitKind(shown.kind)
    below = [child for child in UnitKind if child in CHILDREN.get(kind, frozenset())]
    kinds = [child for child in below if _may_shape(actor, child, shown.path)]
    forms: dict[str, Form] = {}
    if kinds:
        forms["add_form"] = UnitForm(data("add"), kinds=kinds, prefix="add")
    if _may_shape(actor, kind, shown.path):
        forms["name_form"] = RenameForm(data("name"), prefix="name", initial={"name": shown.name})
    if actor.can_at(Permission.MANAGE_UNITS, shown.path) and kind not in (UnitKind.CLASS, UnitKind.GRID):
        forms["settings_form"] = SettingsForm(data("settings"), prefix="settings", initial=shown.settings)
    return forms


def _act(request: HttpRequest, actor: Actor, shown: Unit, forms: dict[str, Form]) -> HttpResponse | None:
    """Carry out the one form sent; None when it has to be shown again."""
    act = request.POST.get("act", "")
    form = forms.get(f"{act}_form")
    if form is None:
        raise PermissionDenied("您的岗位不能变更这个单位。")
    if not form.is_valid():
        return None
    try:
        messages.success(request, _done(actor, shown, act, form.cleaned_data))
    except ValueError as error:
        form.add_error("name" if "name" in form.fields else None, str(error))
        return None
    return redirect("agencies:unit", shown.pk)


def _done(actor: Actor, shown: Unit, act: str, data: dict[str, Any]) -> str:
    if act == "add":
        extra = {"grade": data.get("grade"), "code": data["code"], "first_day": today()}
        made = units.create_unit(
            by=actor, parent=shown, kind=UnitKind(data["kind"]), name=data["name"], now=now(), **extra
        )
        return f"已在{shown.name}之下建立{made.get_kind_display()}“{made.name}”。"
    if act == "name":
        units.rename_unit(by=actor, unit=shown, name=data["name"], now=now())
        return f"已更名为“{shown.name}”；已签发的文书仍用旧名。"
    changed = {key: data[key] for key in PAPER_SETTINGS}
    units.change_settings(by=actor, unit=shown, settings=changed, now=now())
    return "文书信息已保存，今后签发的文书按此印制。"
