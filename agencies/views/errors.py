"""Error pages: one sentence and a way on, without anything that could fail again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be understood."""
    return render(request, "400.html", {"reason": ""}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the post does not carry the permission; says which."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such thing, or not in sight; both read alike."""
    why = exception.args[0] if exception and exception.args and isinstance(exception.args[0], str) else ""
    return render(request, "404.html", {"reason": why}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose safety token is gone (page open too long, cookies off)."""
    context = {
        "title": "页面已过期，没有保存",
        "reason": "登录已过期，或在别的窗口重新登录过。请返回刚才的页面，刷新后再保存；登记表里填写的内容会自动找回。",
    }
    return render(request, "403.html", context, status=403)
