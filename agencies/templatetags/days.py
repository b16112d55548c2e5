"""Dates in templates as every screen shows them."""

from __future__ import annotations

from datetime import date

from django import template

from agencies.web import day_label

register = template.Library()


@register.filter
def dated(day: date | None) -> str:
    """2026-10-10（周六）; empty for None."""
    return day_label(day)
