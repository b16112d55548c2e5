"""A journey owns the clock: it stands where the story puts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as django_settings

from tests import make


@pytest.fixture
def traveller(db: None, tmp_path: Path, settings: django_settings) -> Iterator[time_machine.Traveller]:
    """The clock of the story; what is uploaded and exported lies in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(make.moment(make.TERM_START), tick=False) as moved:
        yield moved
