"""The long work of agencies as jobs run it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from agencies.actions import bulk
from agencies.models import Job
from agencies.scope import Actor


def make_accounts(job: Job, by: Actor) -> dict[str, Any]:
    """Kind “accounts”: make or reset accounts and print their slips."""
    return bulk.make_accounts(by=by, job=job, now=timezone.localtime())
