"""Words in templates as every screen shows them."""

from __future__ import annotations

from django import template

from agencies.rules import quoting

register = template.Library()


@register.filter
def quoted(words: str) -> str:
    """“…” with ‘…’ inside; empty for nothing."""
    return quoting.quoted(words) if words else ""
