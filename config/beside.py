"""What the day's work shows beside the cases: drafts to sign, overdue duties of units, plans past their end."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from agencies.choices import Permission
from agencies.queries.policies import adoptions_reaching
from agencies.queries.unit_duties import duty_rows, units_seen
from agencies.rules.roles import may
from agencies.rules.unit_state import OVERDUE
from agencies.scope import Actor
from agencies.web import today
from notices.choices import NoticeState
from notices.queries.register import register_rows


def drafts_to_sign(actor: Actor) -> list[dict[str, Any]]:
    """The drafts of the units for which this person signs (1 query for whoever signs, none for others)."""
    units = {*actor.units(Permission.ISSUE_ORDER), *actor.units(Permission.ISSUE_SCHOOL_PAPER)}
    if not units:
        return []
    count = register_rows(actor).filter(state=NoticeState.DRAFT, unit_id__in=units).count()
    url = f"{reverse('notices:register')}?state={NoticeState.DRAFT}"
    return [{"label": "待签发拟稿", "count": count, "url": url}] if count else []


def unit_duties_overdue(actor: Actor) -> list[dict[str, Any]]:
    """Overdue duties of the very units at which this person may record them (1 query where the plan has none)."""
    paths = units_seen(actor, Permission.RECORD_UNIT_DUTY)
    if not paths:
        return []
    count = sum(row.state == OVERDUE for row in duty_rows(paths, today(), below=False))
    url = f"{reverse('agencies:unit_duties')}?state={OVERDUE}&own=on"
    return [{"label": "单位任务逾期", "count": count, "measure": "项", "url": url}] if count else []


def plans_past_their_end(actor: Actor) -> list[dict[str, Any]]:
    """The plans that run on past their last day at units for which this person adopts them (1 query, else none)."""
    paths = [post.unit_path for post in actor.posts if may(post.role, Permission.ADOPT_POLICY)]
    if not paths:
        return []
    rows = [row for row in adoptions_reaching(paths, today()) if actor.can_at(Permission.ADOPT_POLICY, row.unit.path)]
    count = sum(row.version.valid_to is not None and row.version.valid_to < today() for row in rows)
    url = reverse("agencies:policies")
    return [{"label": "已到期仍在运行的方案", "count": count, "measure": "个", "url": url}] if count else []
