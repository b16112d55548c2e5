"""Who may see which case: whoever sees the child."""

from __future__ import annotations

from typing import TypeVar

from django.db import models

from students.scope import ByChild

M = TypeVar("M", bound=models.Model)


class ByCaseChild(ByChild[M]):
    """Scope of rows that hang on a case."""

    child_field = "case__student_id"
