"""How many children, leaves and corrections hang on a unit, for the preview of its merger."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from agencies.choices import UnitKind
from agencies.hooks import Held
from agencies.models import Unit
from agencies.scope import not_over
from students.choices import CorrectionState, SightWhy
from students.models import Correction, Enrolment, Leave, Sight, Student
from students.queries.children import HOME_KINDS

_AT_SCHOOL = (UnitKind.TOWNSHIP, UnitKind.SCHOOL, UnitKind.CLASS)


def children_held(unit: Unit) -> list[Held]:
    """Counts of a unit's children, at school and at home there, and of what is open about them (at most 5 queries)."""
    found = []
    if unit.kind in _AT_SCHOOL:
        enrolled = Enrolment.objects.filter(last_day__isnull=True, school_class__path__startswith=unit.path)
        waiting = Correction.objects.filter(school_class__path__startswith=unit.path, state=CorrectionState.WAITING)
        found += [Held("在读学生（名）", enrolled.count()), Held("待复核的考勤更正（件）", waiting.count())]
    if unit.kind in HOME_KINDS:
        living = Student.objects.filter(
            Q(residence__path__startswith=unit.path) | Q(hukou__path__startswith=unit.path)
        )
        found.append(Held("居住或户籍在此的儿童（名）", living.count()))
    sights = Sight.objects.filter(unit=unit).exclude(why=SightWhy.FORMER)
    leaves = Leave.objects.filter(not_over(timezone.localdate()), ended_at__isnull=True)
    found.append(Held("有效的请假（条）", leaves.filter(student_id__in=sights.values("student_id")).count()))
    return found
