"""Find the child an old list names."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from agencies.choices import Permission
from agencies.scope import Actor
from cases.models import Case
from students.models import Student

AT_MOST = 20


def find_children(actor: Actor, text: str) -> list[Student]:
    """Children in sight by part of the name, initials or number, those with an open case marked `busy` (1 query)."""
    word = text.strip()
    match = Q(name__icontains=word) | Q(initials__startswith=word.lower()) | Q(number=word)
    busy = Exists(Case.objects.filter(student_id=OuterRef("pk"), closed_on__isnull=True))
    rows = Student.objects.visible_to(actor, Permission.OPEN_CASE).filter(match).annotate(busy=busy)
    return list(rows.select_related("residence__parent").order_by("sort_key", "id")[:AT_MOST])
