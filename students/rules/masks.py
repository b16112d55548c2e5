"""Cover names, document numbers, phones and addresses for screens, API answers and exports.

Fewer characters stay than the usual "first 6 + last 4": those ten digits and a birth date give the whole number away.
"""

import re

from students.rules.names import MIDDLE_DOT, surname_of

COVER = "*"
TOWNSHIP_END = re.compile(r"^.{2,30}?(?:街道|镇|乡|苏木)(?![上下])")
COUNTY_END = re.compile(r"^.{2,20}?(?:自治县|县|区|市|旗)(?=.)")


def mask_name(name: str) -> str:
    """Keep the surname, and the last character where the given name has two or more: 王*, 王*明, 欧阳*.

    A covered name never reads like the name itself: of a single character nothing is kept.
    """
    if MIDDLE_DOT in name or name.isascii():
        return name[:1] + COVER * 2 if name else ""
    surname = surname_of(name)
    given = name[len(surname) :]
    if not given:
        return COVER
    if len(given) < 2:
        return surname + COVER
    return surname + COVER * (len(given) - 1) + given[-1]


def mask_number(number: str) -> str:
    """Keep the last four characters of a document or student number; of a short one only the last."""
    kept = 4 if len(number) >= 10 else 1
    if len(number) <= kept:
        return COVER * len(number)
    return COVER * (len(number) - kept) + number[-kept:]


def mask_phone(phone: str) -> str:
    """Keep the first three and last four digits of a mobile number, the last two of any other."""
    if len(phone) == 11 and phone.isdigit():
        return f"{phone[:3]}{COVER * 4}{phone[-4:]}"
    return COVER * max(len(phone) - 2, 0) + phone[-2:] if len(phone) > 4 else COVER * len(phone)


def mask_address(address: str) -> str:
    """Keep an address down to its township, else to its county; village, road and house number are covered."""
    kept = TOWNSHIP_END.match(address) or COUNTY_END.match(address)
    return f"{kept.group()}{COVER * 4}" if kept else COVER * 4 * bool(address)
