"""Say which children may live in one household, from what is known of their guardians; people decide the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

BY_DOCUMENT: Final = "监护人证件号相同"
BY_NAME: Final = "监护人姓名、电话和居住地相同"
PARENTS: Final = frozenset({"父亲", "母亲"})
# More children behind one document are a number typed for a whole class: people look at them.
LARGEST_FAMILY: Final = 6


@dataclass(frozen=True, slots=True)
class Kin:
    """One guardian of one child as far as it is compared: keys of document and phone, where the child lives."""

    student_id: int
    name: str
    document: str = ""
    phone: str = ""
    residence_id: int | None = None
    address: str = ""
    is_guardian: bool = True


def is_legal_guardian(relation: str, said: str) -> bool:
    """Whether a new family member is legal guardian: as the sheet says (是, 否), else the parents (民法典 art. 27)."""
    return said == "是" if said else relation in PARENTS


def _one_place(one: Kin, other: Kin) -> bool:
    if one.residence_id is not None and one.residence_id == other.residence_id:
        return True
    return bool(one.address) and one.address == other.address


def why_alike(one: Kin, other: Kin) -> str:
    """Why two guardians look like the same person of the same home; empty if they do not."""
    if one.document and one.document == other.document:
        return BY_DOCUMENT
    same_person = bool(one.phone) and (one.name, one.phone) == (other.name, other.phone)
    return BY_NAME if same_person and _one_place(one, other) else ""


def proposals(own: Iterable[Kin], others: Iterable[Kin]) -> dict[int, str]:
    """Children that may share the household, each with the strongest reason; the order of `others` is kept."""
    mine, found = list(own), dict[int, str]()
    for other in others:
        reasons = {why_alike(one, other) for one in mine}
        if BY_DOCUMENT in reasons or (BY_NAME in reasons and other.student_id not in found):
            found[other.student_id] = BY_DOCUMENT if BY_DOCUMENT in reasons else BY_NAME
    return found


def families(kin: Iterable[Kin]) -> list[frozenset[int]]:
    """Children joined by a legal guardian with the same document: two to LARGEST_FAMILY a group.

    Only legal guardians join children by themselves: a grandfather stands beside cousins of several homes.
    """
    by_document: dict[str, set[int]] = defaultdict(set)
    for one in kin:
        if one.document and one.is_guardian:
            by_document[one.document].add(one.student_id)
    groups: list[set[int]] = []
    for children in by_document.values():
        touching = [group for group in groups if group & children]
        groups = [group for group in groups if not group & children]
        groups.append(children.union(*touching))
    return sorted((frozenset(group) for group in groups if 1 < len(group) <= LARGEST_FAMILY), key=min)
