"""Invented people: names put together by chance, document numbers that pass the check, phones nobody has."""

from __future__ import annotations

import random
from datetime import date, timedelta

from stdnum.cn import ric

from config.demo.data import NameData
from students.choices import Sex
from students.rules.classes import school_year


class People:
    """Draws people with one generator, so that a seed always gives the same ones."""

    def __init__(self, chance: random.Random, names: NameData, area: str) -> None:
        self.chance, self.names, self.area = chance, names, area
        self._orders: dict[str, int] = {}
        self._phones = 0

    def surname(self) -> str:
        """A surname; the two-character ones are rare."""
        return self.chance.choice(self.names.surnames)

    def child(self, sex: Sex, serial: int) -> str:
        """Name of a child; every sixtieth has a character that many fonts lack."""
        given = self.chance.choice(self.names.boys if sex == Sex.MALE else self.names.girls)
        if serial % 60 == 7:
            given = self.names.rare[serial // 60 % len(self.names.rare)]
        elif sex == Sex.MALE and self.chance.random() < 0.1:
            given = self.chance.choice(self.names.two_characters_boys)
        return self.surname() + given

    def adult(self, surname: str = "", sex: Sex | None = None) -> str:
        """Name of a grown-up, a father's not that of a woman."""
        given = {Sex.MALE: self.names.men, Sex.FEMALE: self.names.women}
        choices = given[sex] if sex in given else self.names.men + self.names.women
        return (surname or self.surname()) + self.chance.choice(choices)

    def phone(self) -> str:
        """A number that no network gives out (it begins with 100); no two alike."""
        self._phones += 1
        return f"100{self._phones:08d}"

    def birth_date(self, grade: int, on: date) -> date:
        """A birthday that fits the grade: six years old on 31 August before grade 1 (义务教育法 art. 11)."""
        entry = school_year(on) - (grade - 1)
        return date(entry - 7, 9, 1) + timedelta(days=self.chance.randrange(365))

    def document(self, birth: date, sex: Sex) -> str:
        """A number of GB 11643 whose area code is nobody's; the parity of its order number fits the sex."""
        stem = f"{self.area}{birth:%Y%m%d}"
        order = self._orders[stem] = self._orders.get(stem, 0) + 1
        digits = f"{stem}{order * 2 - (sex == Sex.MALE):03d}"
        # stdnum leaves the last place of what it is given out of account.
        return digits + ric.calc_check_digit(f"{digits}0")
