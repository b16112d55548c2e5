"""What every view shares: the clock, the signed-in check, safe redirects, a permission gate, the PDF answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from agencies.choices import Permission
from agencies.rules.calendar import dated
from agencies.rules.county_text import EARLIEST, LATEST
from agencies.rules.numbers import whole
from agencies.scope import Actor, ScopedQuerySet

View = Callable[..., HttpResponseBase]
M = TypeVar("M", bound=Any)


def now() -> datetime:
    """This moment, aware, in the county's time zone."""
    return timezone.localtime()


def today() -> date:
    """Today's date in the county's time zone."""
    return timezone.localdate()


def day_label(day: date | None) -> str:
    """2026-10-10（周六）; empty for None."""
    return dated(day) if day else ""


def actor_of(request: HttpRequest) -> Actor:
    """The acting person set by the middleware."""
    actor = getattr(request, "actor", None)
    if actor is None:
        raise PermissionDenied("请先登录。")
    return cast(Actor, actor)


def needs(*permissions: Permission) -> Callable[[View], View]:
    """View decorator: signed in, and at least one of the permissions held (else 403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            if permissions and not any(actor.can(permission) for permission in permissions):
                labels = "、".join(permission.label for permission in permissions)
                raise PermissionDenied(f"您的岗位没有“{labels}”权限。")
            return view(request, *args, **kwargs)

        return login_required(gate)

    return decorate


def addresses(name: str) -> Callable[[int], str]:
    """The addresses of many objects of one kind: the pattern is looked up once, not for every row of a list."""
    head, tail = reverse(name, args=[0]).rsplit("0", 1)
    return lambda pk: f"{head}{int(pk)}{tail}"


def one_or_404(rows: ScopedQuerySet[M], **conditions: Any) -> M:
    """The row out of an already scoped query set, or 404: a stranger learns nothing."""
    try:
        return rows.get(**conditions)
    except (rows.model.DoesNotExist, ValueError, OverflowError) as error:
        raise Http404("没有这条记录，或不在您的职责范围内。") from error


def back(request: HttpRequest, to: str, *args: Any) -> HttpResponse:
    """Redirect to the posted `next` where it is one of our own pages, else to `to`."""
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(target)
    return HttpResponseRedirect(resolve_url(to, *args))


def parse_day(text: str | None, default: date) -> date:
    """A date out of the address line (2026-10-10, years 2000 to 2100); anything else is a 404, never a 500."""
    if not text:
        return default
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404(f"日期“{text[:20]}”无法识别，请用 2026-10-10 这样的格式。") from error
    if not EARLIEST <= day <= LATEST:
        raise Http404(f"日期“{day}”不在2000至2100年之间，请核对年份。")
    return day


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list in keyset order, with the addresses of its neighbours ("" at the ends)."""

    rows: list[Any]
    earlier_url: str
    later_url: str

    @property
    def shown(self) -> int:
        """Rows on this page."""
        return len(self.rows)


def page_of(request: HttpRequest, rows: models.QuerySet[Any], *, size: int = 50, newest_first: bool = False) -> Page:
    """Rows after the key in `?after=` (or before the one in `?before=`), ordered by id; 1 query, no counting."""
    after, before = whole(request.GET.get("after", "")), whole(request.GET.get("before", ""))
    backwards = before is not None and after is None
    ascending = newest_first == backwards
    edge = before if backwards else after
    if edge is not None:
        rows = rows.filter(**{"pk__gt" if ascending else "pk__lt": edge})
    found = list(rows.order_by("pk" if ascending else "-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_earlier, has_later = (more, True) if backwards else (after is not None, more)
    return Page(
        found,
        _with(request, "before", found[0].pk) if found and has_earlier else "",
        _with(request, "after", found[-1].pk) if found and has_later else "",
    )


def _with(request: HttpRequest, name: str, key: int) -> str:
    query = request.GET.copy()
    for old in ("after", "before"):
        query.pop(old, None)
    query[name] = str(key)
    return f"?{query.urlencode()}"


def say_refused(form: BaseForm, refused: ValueError) -> None:
    """Say why an act was refused: beside the field it is about where the form has that field, else above the form."""
    for sentence in getattr(refused, "sentences", refused.args):
        field = getattr(sentence, "field", "")
        form.add_error(field if field in form.fields else None, sentence)


def sent_word(request: HttpRequest, name: str, most: int = 40) -> str:
    """A short hidden field of a page, such as its token against a double send; a NUL would break PostgreSQL."""
    return "".join(char for char in request.POST.get(name, "") if char.isprintable())[:most]


def pdf_answer(request: HttpRequest, content: bytes, sha256: str, name: str) -> HttpResponse:
    """A PDF opened in the browser; its hash is the ETag, `name` (quoted) what it is called when kept."""
    tag = f'"{sha256}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    answer = HttpResponse(content, content_type="application/pdf")
    answer["ETag"] = tag
    answer["Content-Disposition"] = f"inline; filename=\"paper.pdf\"; filename*=UTF-8''{name}"
    answer["Cache-Control"] = "private, no-store"
    return answer
