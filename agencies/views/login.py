"""Signing in and out, changing the password, lock-out."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agencies.actions import accounts
from agencies.forms import LoginForm
from agencies.models import User
from agencies.queries.people import actor_for, by_username, demo_accounts
from agencies.rules.roles import session_hours
from agencies.scope import system
from agencies.web import actor_of, back, now, sent_word, today


def _signed_in(request: HttpRequest, user: User, *, own_device: bool) -> HttpResponse:
    # The last of the backends knows accounts; those before it only guard the door.
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    actor = actor_for(user, today())
    hours = session_hours([post.role for post in actor.posts], own_device=own_device)
    request.session.set_expiry(timedelta(hours=hours))
    accounts.note_login(by=actor, now=now(), own_device=own_device)
    return back(request, "home")


def sign_in(request: HttpRequest) -> HttpResponse:
    """The login page; five failures lock the account at that address for half an hour (django-axes)."""
    if request.user.is_authenticated:
        return redirect("home")
    form = LoginForm(request, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        assert isinstance(user, User)  # noqa: S101 - narrows Django's abstract user for the type checker
        return _signed_in(request, user, own_device=bool(request.POST.get("own_device")))
    if request.method == "POST":
        _note_failure(request, form)
    context = {
        "form": form,
        "next": request.GET.get("next", request.POST.get("next", "")),
        "own_device": bool(request.POST.get("own_device")),
        "demo_accounts": demo_accounts(today()) if settings.DEMO else [],
        "demo_login_url": reverse("agencies:demo_login"),
    }
    return render(request, "agencies/login.html", context, status=400 if request.method == "POST" else 200)


def _note_failure(request: HttpRequest, form: LoginForm) -> None:
    """Known accounts only: an unknown name may be a password typed into the wrong box."""
    user = by_username(form.cleaned_data.get("username", ""))
    if user and not getattr(request, "axes_locked_out", False):
        accounts.note_failed_login(by=system("登录页"), user=user, now=now())


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One click per role; exists only with the demo setting."""
    if not settings.DEMO:
        raise Http404
    user = by_username(sent_word(request, "username"))
    if user is None:
        raise Http404("没有这个演示账号，请重新载入演示数据。")
    return _signed_in(request, user, own_device=False)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave; back to the login page."""
    if getattr(request, "actor", None):
        accounts.note_logout(by=actor_of(request), now=now())
    logout(request)
    return redirect("agencies:login")


@login_required
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; required at the first sign-in."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - narrows Django's abstract user for the type checker
    form = PasswordChangeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        accounts.change_password(
            by=actor_of(request), user=user, password=form.cleaned_data["new_password1"], now=now()
        )
        update_session_auth_hash(request, user)
        messages.success(request, "密码已修改。")
        return redirect("home")
    status = 400 if request.method == "POST" else 200
    return render(request, "agencies/password.html", {"form": form, "first": user.must_change_password}, status=status)


def locked_out(request: HttpRequest, credentials: dict[str, str] | None = None, *args: object) -> HttpResponse:
    """What a locked account sees: until when, and whom to ask."""
    return render(request, "agencies/locked.html", {"minutes": int(settings.AXES_COOLOFF_TIME * 60)}, status=429)
