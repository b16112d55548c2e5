"""What every page's frame needs: navigation, the acting person, today, the demo mark."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from agencies.web import today


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `actor`, `nav`, `demo`, `today`."""
    actor = getattr(request, "actor", None)
    return {
        "actor": actor,
        "nav": getattr(request, "nav", None) or [],
        "demo": settings.DEMO,
        "today": today(),
    }
