"""A support plan made through its form, read on its page and put on record with a tap."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.urls import reverse

from cases.models import Case
from tests import make
from tests.cases.scene import Scene, absent_scene, at, client, text_of


def plan_url(case: Case) -> str:
    return reverse("cases:plan", args=[case.pk])


def edit_url(case: Case) -> str:
    return reverse("cases:plan_edit", args=[case.pk])


def form(case: Case, **changes: Any) -> dict[str, Any]:
    """The form of a plan with one measure until the last of November."""
    case.refresh_from_db()
    return {
        "token": "plan-1",
        "seen_version": case.version,
        "happened_on": "2026-11-11",
        "analysis": "跟不上数学",
        "return_on": "2026-11-20",
        "attendance": "95%",
        "person": "王老师",
        "review_on": "2026-12-11",
        "rows": "1",
        "m0-kind": "learning",
        "m0-what": "每周补数学两次",
        "m0-person": "王老师",
        "m0-first": "2026-11-11",
        "m0-last": "2026-11-30",
        **changes,
    }


def planned() -> tuple[Scene, Case]:
    """The case of an absent child with the plan of `form`, made by the class teacher."""
    place, case = absent_scene()
    with at():
        assert client(place.teacher).post(edit_url(case), form(case)).status_code == 302
    return place, case


def read(place: Scene, case: Case, who: str = "teacher", day: date = make.DAY) -> str:
    with at(day):
        response = client(getattr(place, who)).get(plan_url(case))
    assert response.status_code == 200
    return text_of(response)


def finish(place: Scene, case: Case, page: str, day: date = make.DAY, who: str = "teacher") -> int:
    """Tap 「已落实」 of the first measure of a page as it was sent."""
    sent = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("measure", "token", "seen_version")}
    with at(day, 10):
        browser = client(getattr(place, who))
        data = {name: found.group(1) if found else "" for name, found in sent.items()}
        return browser.post(reverse("cases:measure_done", args=[case.pk]), data).status_code
