"""Reads a table of people row by row into accounts and posts, and names everything wrong with it at once."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pypinyin import lazy_pinyin

from agencies.choices import Role, UnitKind
from agencies.rules.roles import UNIT_KINDS

# One table makes at most this many accounts: each first password costs a fifth of a second.
MOST_PEOPLE: Final = 500
COLUMNS: Final = ("姓名", "手机", "单位", "岗位", "班级")
_ALIASES: Final[dict[str, str]] = {
    "姓名": "姓名",
    "名字": "姓名",
    "手机": "手机",
    "手机号": "手机",
    "手机号码": "手机",
    "电话": "手机",
    "联系电话": "手机",
    "单位": "单位",
    "所在单位": "单位",
    "学校": "单位",
    "单位名称": "单位",
    "岗位": "岗位",
    "职务": "岗位",
    "角色": "岗位",
    "班级": "班级",
    "任教班级": "班级",
}
_PHONE: Final = re.compile(r"1[0-9]{10}")


@dataclass(frozen=True, slots=True)
class Place:
    """A unit as the table may name it: its own name, alone or after the name of the unit above."""

    pk: int
    kind: UnitKind
    path: str
    name: str
    above: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: the row as counted in the file (the head is row 1), the column, its value, what to do."""

    row: int
    column: str
    value: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One row that can be carried out; `user_id` is the account that stands already, else one is made."""

    row: int
    name: str
    phone: str
    unit_id: int | None
    unit: str
    role: str
    user_id: int | None = None

    @property
    def role_label(self) -> str:
        """The official name of the role."""
        return str(Role(self.role).label) if self.role else ""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who has an account already, open or closed."""

    user_id: int
    name: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class People:
    """What the reader must know: places in sight, whom a phone number belongs to, who may be appointed where."""

    places: Sequence[Place]
    known: Mapping[str, Known]
    may_appoint: Callable[[Role, str], bool]


def clean(text: str) -> str:
    """A cell as it is compared: full-width forms folded, all spaces gone."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _phone(text: str) -> str:
    """A cell as a phone number: without hyphens, country code and the point of a number kept as one."""
    return clean(text).replace("-", "").removeprefix("+86").removesuffix(".0")


def phones_in(table: Sequence[Sequence[str]]) -> set[str]:
    """Every phone number that stands anywhere in a table."""
    return {phone for row in table for cell in row if _PHONE.fullmatch(phone := _phone(cell))}


# What a table may call a role.
_ROLES: Final[dict[str, Role]] = {
    **{clean(str(role.label)): role for role in Role},
    "德育处": Role.MORAL_EDUCATION,
    "教导处": Role.MORAL_EDUCATION,
    "村书记": Role.VILLAGE_SECRETARY,
    "社区书记": Role.VILLAGE_SECRETARY,
    "乡镇专干": Role.TOWNSHIP_OFFICER,
    "镇长": Role.TOWNSHIP_HEAD,
    "分管领导": Role.TOWNSHIP_DEPUTY,
}


def username_for(name: str, taken: Iterable[str]) -> str:
    """Pinyin of the name; with a number from 2 where that is taken (liming, liming2)."""
    base = re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(name)).lower())[:30] or "user"
    used, number = set(taken), 2
    if base not in used:
        return base
    while f"{base}{number}" in used:
        number += 1
    return f"{base}{number}"


def headed(table: Sequence[Sequence[str]]) -> tuple[list[str], int]:
    """Column names and the index of the first row of people; without a head the columns stand in the usual order."""
    head = [_ALIASES.get(clean(cell).rstrip("*"), "") for cell in (table[0] if table else ())]
    return (head, 1) if "姓名" in head else (list(COLUMNS), 0)


def judge(table: Sequence[Sequence[str]], people: People) -> tuple[list[Wanted], list[Fault]]:
    """Every row as an account with its post, and every fault; a row with a fault is not among the wanted."""
    head, first = headed(table)
    rows = [(number, row) for number, row in enumerate(table[first:], start=first + 1) if any(map(clean, row))]
    if len(rows) > MOST_PEOPLE:
        return [], [Fault(first + MOST_PEOPLE + 1, "", "", f"一次最多{MOST_PEOPLE}人，请分成几份分别上传。")]
    if not rows:
        return [], [Fault(1, "", "", "表里没有人员，请从第2行起每行填写一人。")]
    names = _index(people.places)
    wanted: list[Wanted] = []
    faults: list[Fault] = []
    for number, row in rows:
        cells = dict.fromkeys(COLUMNS, "") | {name: clean(cell) for name, cell in zip(head, row, strict=False) if name}
        found, wrong = _row(number, cells, people, names)
        faults += wrong
        wanted += [found] if found else []
    faults += _twice(wanted)
    return wanted, sorted(faults, key=lambda fault: fault.row)


def _index(places: Sequence[Place]) -> dict[str, list[Place]]:
    names: dict[str, list[Place]] = {}
    for place in places:
        for text in {clean(place.name), clean(place.above + place.name)}:
            names.setdefault(text, []).append(place)
    return names


def _row(
    number: int, cells: Mapping[str, str], people: People, names: Mapping[str, list[Place]]
) -> tuple[Wanted | None, list[Fault]]:
    faults = _name_faults(number, cells["姓名"])
    phone = _phone(cells["手机"])
    if phone and not _PHONE.fullmatch(phone):
        faults.append(Fault(number, "手机", cells["手机"], "手机号应为11位数字；没有可留空。"))
    known = people.known.get(phone)
    if known and known.name != cells["姓名"]:
        faults.append(Fault(number, "手机", phone, "这个手机号已属于另一个姓名的账号，请核对姓名或手机号。"))
    elif known and not known.is_open:
        faults.append(Fault(number, "手机", phone, "此人的账号已停用，请先在“账号”页重新启用，再任命岗位。"))
    role, place, wrong = _post(number, cells, people, names)
    faults += wrong
    if faults:
        return None, faults
    unit_id, unit = (place.pk, f"{place.above} {place.name}".strip()) if place else (None, "")
    return Wanted(number, cells["姓名"], phone, unit_id, unit, role or "", known.user_id if known else None), []


def _name_faults(number: int, name: str) -> list[Fault]:
    if not name:
        return [Fault(number, "姓名", "", "请填写姓名。")]
    if len(name) > 40 or any(unicodedata.category(letter).startswith("C") for letter in name):
        return [Fault(number, "姓名", name[:40], "姓名过长或含有看不见的字符，请重新填写。")]
    return []


def _post(
    number: int, cells: Mapping[str, str], people: People, names: Mapping[str, list[Place]]
) -> tuple[Role | None, Place | None, list[Fault]]:
    if not cells["岗位"]:
        if not cells["单位"]:
            return None, None, []
        return (
            None,
            None,
            [Fault(number, "岗位", "", f"请填写岗位：{'、'.join(Role.labels)}；暂不任命的把单位也留空。")],
        )
    role = _ROLES.get(cells["岗位"])
    if role is None:
        return None, None, [Fault(number, "岗位", cells["岗位"], f"没有这个岗位，请填：{'、'.join(Role.labels)}。")]
    place, fault = _place(number, cells["单位"] + cells["班级"], role, names)
    if place is None or fault:
        return role, place, [fault] if fault else []
    if not people.may_appoint(role, place.path):
        return (
            role,
            place,
            [
                Fault(
                    number,
                    "岗位",
                    cells["岗位"],
                    "您不能任命这个岗位：请由安全管理员办理，或把单位和岗位留空，只建账号。",
                )
            ],
        )
    return role, place, []


def _place(number: int, text: str, role: Role, names: Mapping[str, list[Place]]) -> tuple[Place | None, Fault | None]:
    kinds = "、".join(str(kind.label) for kind in UnitKind if kind in UNIT_KINDS[role])
    if not text:
        return None, Fault(number, "单位", "", f"请填写单位全称；“{role.label}”设在：{kinds}。")
    found = names.get(text, [])
    if not found:
        return None, Fault(number, "单位", text, "没有这个单位，或不在您的职责范围内；请按“机构”页上的名称填写。")
    fitting = [place for place in found if place.kind in UNIT_KINDS[role]]
    if not fitting:
        hint = "，班主任请写到班级，如“某某学校 五（1）班”" if role == Role.CLASS_TEACHER else ""
        return None, Fault(number, "单位", text, f"“{role.label}”只能设在：{kinds}{hint}。")
    if len(fitting) > 1:
        full = "”或“".join(f"{place.above} {place.name}".strip() for place in fitting[:3])
        return None, Fault(number, "单位", text, f"有{len(fitting)}个同名单位，请写全称，如“{full}”。")
    return fitting[0], None


def _twice(wanted: Sequence[Wanted]) -> list[Fault]:
    """Two rows that cannot be told apart, or one phone under two names."""
    faults: list[Fault] = []
    seen: dict[tuple[object, ...], int] = {}
    owner: dict[str, str] = {}
    for row in wanted:
        # Without a phone two rows of one name may be one person or two: nobody can tell.
        key = (row.name, row.phone, row.unit_id, row.role) if row.phone else (row.name,)
        if key in seen:
            faults.append(
                Fault(
                    row.row,
                    "姓名",
                    row.name,
                    f"与第{seen[key]}行重复：多余的请删去；同名的两人，或一人两岗，请都填手机。",
                )
            )
        seen.setdefault(key, row.row)
        if row.phone and owner.setdefault(row.phone, row.name) != row.name:
            faults.append(Fault(row.row, "手机", row.phone, "同一手机号写在两个姓名下，请核对。"))
    return faults
