"""Draws the children of a class: names, documents, homes, guardians, special groups."""

from __future__ import annotations

from datetime import date

from agencies.models import Unit
from config.demo.names import People
from config.demo.places import Place
from students.actions.children import NewChild, NewGuardian
from students.choices import DocumentKind, EnrolmentStatus, Sex, SpecialGroup

GROUPS = (
    SpecialGroup.LEFT_BEHIND,
    SpecialGroup.LEFT_BEHIND,
    SpecialGroup.LEFT_BEHIND,
    SpecialGroup.POVERTY,
    SpecialGroup.LOW_INCOME,
    SpecialGroup.SINGLE_PARENT,
    SpecialGroup.MIGRANT_CHILD,
    SpecialGroup.DE_FACTO_UNATTENDED,
    SpecialGroup.ORPHAN,
)


class Nursery:
    """Children of a township's classes, drawn with the people's own generator."""

    def __init__(self, people: People, on: date) -> None:
        self.people, self.chance, self.on = people, people.chance, on
        self.serial = 0

    def class_of(self, place: Place, school_class: Unit, size: int) -> list[NewChild]:
        """The children of one class; one child in 250 is disabled and taught at home (送教上门)."""
        return [self.child(place, school_class, number) for number in range(1, size + 1)]

    def child(self, place: Place, school_class: Unit, number: int) -> NewChild:
        """One child."""
        self.serial += 1
        sex = Sex.MALE if self.chance.random() < 0.52 else Sex.FEMALE
        birth = self.people.birth_date(school_class.grade or 1, self.on)
        name = self.people.child(sex, self.serial)
        home = self.chance.choice(place.grids)
        taught_at_home = self.serial % 250 == 40
        nameless = self.serial % 45 == 12
        groups = {SpecialGroup.DISABLED.value} if taught_at_home else set()
        if self.chance.random() < 0.18:
            groups.add(self.chance.choice(GROUPS).value)
        return NewChild(
            name=name,
            sex=sex,
            birth_date=birth,
            school_class=school_class,
            residence=home,
            hukou=self._hukou(place, home),
            document_kind=DocumentKind.NONE if nameless else DocumentKind.RESIDENT_CARD,
            document_number="" if nameless else self.people.document(birth, sex),
            class_number=f"{number:02d}",
            ethnicity=self.chance.choice(self.people.names.ethnic),
            residence_address=f"{place.unit.name}{self._village(place, home)}{self.chance.randint(1, 180)}号",
            status=EnrolmentStatus.HOME_TAUGHT if taught_at_home else EnrolmentStatus.IN_SCHOOL,
            guardians=self._guardians(name),
            groups=tuple(sorted(groups)),
        )

    def _hukou(self, place: Place, home: Unit) -> Unit | None:
        drawn = self.chance.random()
        if drawn < 0.03:
            return None
        village = next(row for row in place.villages if row.pk == home.parent_id)
        return village if drawn < 0.92 else self.chance.choice(place.villages)

    @staticmethod
    def _village(place: Place, home: Unit) -> str:
        return next(row.name for row in place.villages if row.pk == home.parent_id)

    def _guardians(self, name: str) -> tuple[NewGuardian, ...]:
        surname = name[:2] if name[:2] in self.people.names.surnames else name[:1]
        father = NewGuardian(self.people.adult(surname, Sex.MALE), "父亲", self.people.phone())
        mother = NewGuardian(self.people.adult(sex=Sex.FEMALE), "母亲", self.people.phone())
        drawn = self.chance.random()
        if drawn < 0.7:
            return (father, mother)
        if drawn < 0.85:
            return (mother,)
        return (NewGuardian(self.people.adult(surname, Sex.MALE), "祖父", self.people.phone()),)
