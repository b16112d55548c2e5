"""Deployment checks: no demo logins where real children are, and PDF libraries that carry the load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from agencies import pdf


@register(deploy=True)
def demo_is_off(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The demo's one-click logins open every account."""
    if not settings.DEMO:
        return []
    return [Error("演示登录已开启，任何人可不用密码登录。", hint="去掉环境变量 BAOXUE_DEMO。", id="agencies.E001")]


# At deployment only: it loads the renderer, which costs every other command more than a second.
@register(deploy=True)
def papers_can_be_made(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The libraries WeasyPrint needs are there, the subsetter among them."""
    return [Error(problem, id="agencies.E002") for problem in pdf.problems()]
