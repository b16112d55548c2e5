"""Opening a paper leaves a trace: it shows a child whole."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies.choices import Verb
from agencies.scope import Actor
from notices.actions.papers import note
from notices.models import Notice


def note_read(*, by: Actor, notice: Notice, now: datetime) -> None:
    """One audit row for each opening of a paper's PDF."""
    with transaction.atomic():
        note(by=by, verb=Verb.PAPER_READ, notice=notice, now=now)
