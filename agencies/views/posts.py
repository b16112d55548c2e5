"""Posts: given and ended, deputies for some days, all duties of one person handed to another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from agencies import hooks
from agencies.actions import posts
from agencies.choices import Permission, Role
from agencies.filters import PostFilter, filter_context
from agencies.forms import DeputyForm, EndForm, HandOverForm, PostForm
from agencies.models import Deputy, Post, Unit, User
from agencies.queries.people import active_user, colleague_accounts, colleagues_of, deputies_of, open_posts, own_posts
from agencies.rules.roles import UNIT_KINDS
from agencies.scope import Actor, current
from agencies.web import actor_of, day_label, needs, now, one_or_404, page_of, say_refused, today

MAY = Permission.MANAGE_POSTS


def appointable(actor: Actor, unit: Unit) -> list[Role]:
    """The roles this person may give at the unit."""
    return [role for role in Role if unit.kind in UNIT_KINDS[role] and actor.may_appoint(role, unit.path)]


@needs(MAY)
def index(request: HttpRequest) -> HttpResponse:
    """The posts held today under one's own units."""
    rows = Post.objects.visible_to(actor_of(request), MAY).filter(current(today()))
    found = PostFilter(request.GET or None, queryset=rows.select_related("user", "unit__parent"))
    page = page_of(request, found.qs)
    context = {"page": page, "filter": filter_context(found, reverse("agencies:posts"))}
    return render(request, "agencies/posts.html", context)


@needs(MAY)
def post_new(request: HttpRequest) -> HttpResponse:
    """Give a post at a unit (?unit=)."""
    actor = actor_of(request)
    open_units = Unit.objects.visible_to(actor, MAY).filter(last_day__isnull=True)
    unit = one_or_404(open_units, pk=request.GET.get("unit") or 0)
    roles = appointable(actor, unit)
    if not roles:
        raise PermissionDenied(f"您在“{unit.name}”没有可任命的岗位。")
    form = PostForm(request.POST or None, roles=roles, initial={"first_day": today()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        posts.give_post(
            by=actor, user=data["user"], unit=unit, role=Role(data["role"]), first_day=data["first_day"], now=now()
        )
        messages.success(request, f"已任命{data['user'].name}为{unit.name}{Role(data['role']).label}。")
        return redirect("agencies:unit", unit.pk)
    return _form(request, form, f"任命：{unit.name}", reverse("agencies:unit", args=[unit.pk]), "任命")


@needs(MAY)
def post_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a post; what is open in it passes to the head of the unit."""
    actor = actor_of(request)
    post = one_or_404(Post.objects.visible_to(actor, MAY).select_related("unit", "user"), pk=pk)
    form = EndForm(request.POST or None, initial={"last_day": today()})
    if request.method == "POST" and form.is_valid():
        try:
            posts.end_post(by=actor, post=post, last_day=form.cleaned_data["last_day"], now=now())
        except ValueError as error:
            form.add_error("last_day", str(error))
        else:
            messages.success(
                request, f"{post.user.name}的{post}任职到{day_label(post.last_day)}止，未办职责归本单位负责人。"
            )
            return redirect("agencies:posts")
    note = "结束后此人不再看到该单位的学生；未办的职责由本单位负责人接手。要指定接任人，请改用“移交职责”。"
    return _form(request, form, f"结束岗位：{post.user.name} {post}", reverse("agencies:posts"), "结束岗位", note)


@needs(*Permission)
def deputy(request: HttpRequest) -> HttpResponse:
    """The holder of a post names somebody for some days; an appointing head does it for others (?post=)."""
    actor = actor_of(request)
    choices = _deputy_posts(request, actor)
    shown = deputies_of(actor, [post.pk for post in choices], today())
    if request.method == "POST" and "withdraw" in request.POST:
        return _withdraw(request, actor, shown)
    form = DeputyForm(
        request.POST or None,
        posts=[(post.pk, f"{post.user.name} · {post}") for post in choices],
        colleagues=colleagues_of(actor, today()),
        initial={"first_day": today(), "last_day": today()},
    )
    if request.method == "POST" and form.is_valid() and _named(actor, form, choices):
        messages.success(request, "已指定代理人；代理期内双方都能办理，代理结束自动收回。")
        return redirect(request.get_full_path())
    standing = [{"row": row, "days": f"{day_label(row.first_day)}至{day_label(row.last_day)}"} for row in shown]
    status = 400 if request.method == "POST" else 200
    return render(request, "agencies/deputy.html", {"form": form, "standing": standing}, status=status)


def _withdraw(request: HttpRequest, actor: Actor, shown: list[Deputy]) -> HttpResponse:
    """Take one of the deputies the page shows back; pressed twice it is simply gone."""
    row = next((row for row in shown if str(row.pk) == request.POST["withdraw"]), None)
    if row is None:
        messages.warning(request, "这项代理已经收回或结束。")
    else:
        name = row.user.name
        posts.end_deputy(by=actor, deputy=row, now=now())
        messages.success(request, f"已收回{name}的代理，即时生效；其已办的事项保留。")
    return redirect(request.get_full_path())


def _deputy_posts(request: HttpRequest, actor: Actor) -> list[Post]:
    """One's own posts; with ?post= one of a subordinate instead."""
    asked = request.GET.get("post")
    if asked and actor.can(MAY):
        return [one_or_404(Post.objects.visible_to(actor, MAY).select_related("unit", "user"), pk=asked)]
    return own_posts(actor)


def _named(actor: Actor, form: DeputyForm, choices: list[Post]) -> bool:
    data = form.cleaned_data
    user = data["username"] or active_user(data["user"])
    post = next(post for post in choices if post.pk == data["post"])
    if user is None:
        form.add_error("user", "此人的账号已停用，请另选一人。")
        return False
    try:
        posts.name_deputy(
            by=actor,
            post=post,
            user=user,
            first_day=data["first_day"],
            last_day=data["last_day"],
            why=data["why"],
            now=now(),
        )
    except ValueError as error:
        say_refused(form, error)
        return False
    return True


@needs(MAY)
def hand_over(request: HttpRequest) -> HttpResponse:
    """All open duties of one person to another: first what passes, then the act."""
    actor = actor_of(request)
    initial = {"giver": request.GET.get("giver", ""), "on": today()}
    form = HandOverForm(request.POST or None, initial=initial)
    context: dict[str, Any] = {"form": form, "accounts": colleague_accounts(actor, today())}
    if request.method != "POST":
        return render(request, "agencies/hand_over.html", context)
    if not form.is_valid():
        return render(request, "agencies/hand_over.html", context, status=400)
    giver, taker, on = form.cleaned_data["giver"], form.cleaned_data["taker"], form.cleaned_data["on"]
    preview = _preview(actor, giver)
    ready = bool(preview["passing"]) and not preview["refused"]
    if ready and request.POST.get("sure"):
        try:
            made = posts.hand_over(by=actor, giver=giver, taker=taker, on=on, now=now())
        except ValueError as error:  # somebody else was quicker
            messages.error(request, str(error))
        else:
            messages.success(
                request, f"{giver.name}的{len(made)}个岗位自{day_label(on)}起由{taker.name}接手，未办职责随岗位转交。"
            )
        return redirect("agencies:posts")
    context |= preview | {
        "giver": giver,
        "taker": taker,
        "on": on,
        "on_label": day_label(on),
        "later": on > today(),
        "ready": ready,
    }
    return render(request, "agencies/hand_over.html", context, status=200 if ready else 400)


def _preview(actor: Actor, giver: User) -> dict[str, Any]:
    """Which posts pass, which this person may not give away, and what else passes with them."""
    visible = set(Post.objects.visible_to(actor, MAY).filter(user=giver).values_list("pk", flat=True))
    held = open_posts(giver)
    passing = [post for post in held if post.pk in visible and actor.may_appoint(Role(post.role), post.unit.path)]
    refused = [post for post in held if post not in passing]
    return {
        "passing": passing,
        # A stranger's posts are not shown by name, only that there are some.
        "refused": [str(post) if post.pk in visible else "职责范围以外的岗位" for post in refused],
        "duties": hooks.duties_held(giver.pk) if passing else [],
    }


def _form(request: HttpRequest, form: Any, title: str, cancel: str, submit: str, note: str = "") -> HttpResponse:
    context = {"form": form, "title": title, "cancel_url": cancel, "submit": submit, "note": note}
    if "user" in form.fields:
        context["accounts"] = colleague_accounts(actor_of(request), today())
    return render(request, "agencies/form.html", context, status=400 if request.method == "POST" else 200)
