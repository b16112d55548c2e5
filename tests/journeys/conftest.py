"""A journey owns the clock: it stands where the story puts it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as django_settings

from config import counties
from config.management.commands import load_county
from tests import make

# A folder is checked with its examples once in a process: the stories that adopt it differ in what follows.
_read_once = cache(counties.read_county)


@pytest.fixture
def traveller(
    db: None, tmp_path: Path, settings: django_settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[time_machine.Traveller]:
    """The clock of the story; what is uploaded and exported lies in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(load_county, "read_county", _read_once)
    with time_machine.travel(make.moment(make.TERM_START), tick=False) as moved:
        yield moved
