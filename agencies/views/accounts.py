"""Accounts: the list, one account, many at once from a table, slips printed anew."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.actions import accounts, bulk
from agencies.choices import Permission
from agencies.filters import AccountFilter, filter_context
from agencies.forms import BulkForm
from agencies.imports.table import to_text
from agencies.models import User
from agencies.queries.people import known_phones, places, posts_on
from agencies.rules.accounts import COLUMNS, MOST_PEOPLE, People, judge, phones_in
from agencies.rules.numbers import whole
from agencies.scope import Actor
from agencies.web import actor_of, needs, now, one_or_404, page_of, sent_word, today

MAY = Permission.MANAGE_ACCOUNTS


@needs(MAY)
def index(request: HttpRequest) -> HttpResponse:
    """The accounts in sight, with their posts and whether they have signed in yet."""
    found = AccountFilter(request.GET or None, queryset=User.objects.visible_to(actor_of(request), MAY))
    page = page_of(request, found.qs)
    posts = posts_on(page.rows, today())
    rows = [
        {
            "pk": user.pk,
            "name": user.name,
            "username": user.username,
            "posts": "；".join(f"{post.unit.name} {post.get_role_display()}" for post in posts.get(user.pk, [])),
            "state": _state(user),
        }
        for user in page.rows
    ]
    context = {"rows": rows, "page": page, "filter": filter_context(found, reverse("agencies:accounts"))}
    return render(request, "agencies/accounts.html", context | {"token": secrets.token_hex(8)})


def _state(user: User) -> str:
    if not user.is_active:
        return "已停用"
    return "尚未登录" if user.must_change_password else "在用"


@needs(MAY)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its posts, and the acts upon it."""
    actor = actor_of(request)
    user = one_or_404(User.objects.visible_to(actor, MAY), pk=pk)
    if request.method == "POST":
        return _act(request, actor, user)
    return render(request, "agencies/account.html", _account_page(user))


def _account_page(user: User) -> dict[str, Any]:
    day = today()
    posts = list(user.posts.select_related("unit__parent").order_by("-first_day", "-id"))
    return {
        "user_shown": user,
        "state": _state(user),
        "phone": f"{user.phone[:3]}****{user.phone[-4:]}" if len(user.phone) == 11 else "",
        "posts": [post for post in posts if post.last_day is None or post.last_day >= day],
        "past": [post for post in posts if post.last_day is not None and post.last_day < day],
    }


def _act(request: HttpRequest, actor: Actor, user: User) -> HttpResponse:
    if request.POST.get("act") == "reset":
        slip = accounts.reset_account(by=actor, user=user, now=now())
        # Shown once and stored nowhere: this answer is the slip, so there is no redirect.
        context = {"slip": slip, "site": request.build_absolute_uri("/"), "user_shown": user}
        return render(request, "agencies/account_slip.html", context)
    if request.POST.get("act") == "close":
        try:
            accounts.close_account(by=actor, user=user, now=now())
            messages.success(request, f"{user.name}的账号已停用，正在使用的登录已失效。")
        except ValueError as error:
            messages.error(request, str(error))
    return redirect("agencies:account", user.pk)


@needs(MAY)
def account_bulk(request: HttpRequest) -> HttpResponse:
    """A table of people: everything wrong at once, or a preview, or the start of the work."""
    actor = actor_of(request)
    form = BulkForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "columns": COLUMNS, "most": MOST_PEOPLE}
    if request.method != "POST":
        return render(request, "agencies/account_bulk.html", context)
    if not form.is_valid():
        return render(request, "agencies/account_bulk.html", context, status=400)
    table = form.cleaned_data["table"]
    wanted, faults = judge(table, _people(actor, table))
    if faults:
        return render(request, "agencies/account_bulk.html", context | {"faults": faults}, status=400)
    token = sent_word(request, "token", 32)
    if token and not request.FILES:
        site = request.build_absolute_uri("/")
        job = bulk.start_accounts(by=actor, rows=wanted, token=token, site=site, now=now())
        return redirect("agencies:job", job.pk)
    preview = {
        "rows": wanted,
        "fresh": len({(row.name, row.phone or row.row) for row in wanted if not row.user_id}),
        "standing": sum(1 for row in wanted if row.user_id),
        "table": to_text(table),
        "token": secrets.token_hex(8),
    }
    return render(request, "agencies/account_preview.html", preview)


def _people(actor: Actor, table: list[list[str]]) -> People:
    return People(
        places=places(actor, MAY),
        known=known_phones(phones_in(table)),
        may_appoint=actor.may_appoint,
    )


@require_POST
@needs(MAY)
def account_slips(request: HttpRequest) -> HttpResponse:
    """New first passwords and slips for the accounts ticked in the list."""
    actor = actor_of(request)
    ticked = [pk for pk in map(whole, request.POST.getlist("user")) if pk is not None][:MOST_PEOPLE]
    users = list(User.objects.visible_to(actor, MAY).filter(pk__in=ticked).order_by("pk"))
    if not users:
        messages.error(request, "请先在名单中勾选人员，再打印账号条。")
        return redirect("agencies:accounts")
    token = sent_word(request, "token", 32) or secrets.token_hex(8)
    site = request.build_absolute_uri("/")
    job = bulk.start_slips(by=actor, users=users, token=token, site=site, now=now())
    return redirect("agencies:job", job.pk)
