"""Find the village an address names, in the child's own county and only where it cannot be another one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# What may stand before the name of a township or village; 上柳树村 is not 柳树村.
BEFORE = r"(?:^|[省市县区旗州盟镇乡]|街道|办事处|苏木)"


@dataclass(frozen=True, slots=True)
class Village:
    """A village of the county with the name of its township."""

    id: int
    name: str
    township: str


@dataclass(frozen=True, slots=True)
class Villages:
    """The villages of one county, and the names that say an address lies in it."""

    county: str
    villages: tuple[Village, ...]

    @classmethod
    def of(cls, county: str, villages: Iterable[Village]) -> Villages:
        """The villages of a county."""
        return cls(county, tuple(villages))

    def find(self, address: str) -> int | None:
        """Id of the one village the address names; None where it names none, several, or another county's."""
        text = re.sub(r"\s", "", address)
        if not text:
            return None
        named = [v for v in self.villages if v.name in text and re.search(BEFORE + re.escape(v.name), text)]
        in_township = [v for v in named if _stands_before(v.township, v.name, text)]
        fitting = in_township or [v for v in named if not _other_township(v.name, text)]
        if len(fitting) != 1 or self._elsewhere(text, fitting[0]):
            return None
        return fitting[0].id

    def _elsewhere(self, text: str, village: Village) -> bool:
        """Whether the words before township and village name a county that is not this one."""
        start = text.find(village.township)
        before = text[: start if start >= 0 else text.find(village.name)]
        return bool(before) and self.county.rstrip("县市区旗") not in before


def _stands_before(township: str, village: str, text: str) -> bool:
    start = text.find(township)
    return bool(township) and 0 <= start < text.find(village)


def _other_township(village: str, text: str) -> bool:
    """Whether a township stands right before the village: then it is not one of ours with this village."""
    return bool(re.search(r"(?:镇|乡|街道|苏木)" + re.escape(village), text))
