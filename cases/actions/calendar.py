"""A changed calendar changes due dates: the open cases it touches are marked stale and derived anew when looked at."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from agencies.models import Unit
from agencies.scope import Actor, under
from cases.models import Case


def on_calendar_change(unit_ids: list[int], by: Actor, now: datetime) -> None:
    """Hook of the calendar: every open case under these units (none named = everywhere) is stale from today.

    One statement however many cases; lists refresh the rows they show first, the night run takes the rest.
    """
    cases = Case.objects.filter(closed_on__isnull=True)
    if unit_ids:
        paths = list(Unit.objects.filter(pk__in=unit_ids).values_list("path", flat=True))
        places = ("school_class__path", "village__path", "township__path")
        touched = Q(pk__in=[])
        for place in places:
            touched |= under(paths, place)
        cases = Case.objects.filter(pk__in=cases.filter(touched).values("pk"))
    cases.update(changes_on=now.date())
