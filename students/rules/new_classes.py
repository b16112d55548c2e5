"""Say which class a sheet means by a name the school does not have yet, so that it can be made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from students.rules.classes import DIGITS, cohort_of, plain, read_class, read_grade


@dataclass(frozen=True, slots=True, order=True)
class NewClass:
    """A class to be made: its grade 1-9 and the name in the common form, 三（2）班."""

    grade: int
    name: str


def class_to_make(text: str, grade_text: str, *, on: date) -> NewClass | None:
    """The class meant by a cell; None where its grade cannot be read with certainty.

    A cohort of the last three years can be of the primary or of the junior stage: then the 年级 column decides.
    """
    read, said = read_class(text), read_grade(grade_text)
    grade = read.grade or _of_cohort(read.cohort, said, on) or (said if read.cohort is None else None)
    if grade is None or (said is not None and said != grade):
        return None
    if read.number:
        return NewClass(grade, f"{DIGITS[grade]}（{read.number}）班")
    name = plain(text)
    return NewClass(grade, name if name.endswith("班") else f"{name}班")


def _of_cohort(cohort: int | None, said: int | None, on: date) -> int | None:
    if cohort is None:
        return None
    fitting = [grade for grade in range(1, 10) if cohort_of(grade, on) == cohort and said in {None, grade}]
    return fitting[0] if len(fitting) == 1 else None
