"""Say whether a child's document, student number, phone and age hold together.

GB 11643 (18 digits, date, sex parity, check digit) is asked of 居民身份证 and of the numbers built on it:
港澳台居民居住证 (prefixes 81/82/83) and the 2023 foreign permanent residence card (prefix 9). The six-digit area part
is never refused: counties merge, and a birthplace stays what it was. Every other document keeps its own loose shape.
"""

import datetime
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stdnum.cn import ric
from stdnum.iso7064 import mod_11_10

from students.choices import DocumentKind, Sex

APOSTROPHES = "'`´‘’′＇"
# Private-use characters (Co) stay: a self-made glyph in a name must be seen to be refused.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn"})
EARLIEST_BIRTH = datetime.date(1900, 1, 1)

GB_11643 = re.compile(r"\d{17}[\dX]")
STUDENT_NUMBER = re.compile(r"[GJL]\d{17}[\dX]")
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"(?:0\d{2,3}-?)?[2-9]\d{6,7}(?:-\d{1,6})?")

# Residence permits for people of 香港, 澳门, 台湾 (国办发〔2018〕81号) carry GB 11643 numbers with these area codes.
REGION_KINDS = frozenset({DocumentKind.HK_PERMIT, DocumentKind.MACAO_PERMIT, DocumentKind.TAIWAN_PERMIT})
RESIDENCE_PERMIT_PREFIXES = ("810000", "820000", "830000")

OTHER_SHAPES: Mapping[DocumentKind, tuple[re.Pattern[str], str]] = MappingProxyType(
    {
        DocumentKind.HK_PERMIT: (
            re.compile(r"H\d{8}(?:\d{2})?|[A-Z]{1,2}\d{6}\(?[\dA]\)?|[A-Z]{1,2}\d{7,8}"),
            "来往内地通行证为 H 加 8 位或 10 位数字，香港身份证形如 A123456(7)",
        ),
        DocumentKind.MACAO_PERMIT: (
            re.compile(r"M\d{8}(?:\d{2})?|\d{7}\(?\d\)?|\d{7}/\d|M[AB]\d{7}"),
            "来往内地通行证为 M 加 8 位或 10 位数字，澳门身份证形如 1234567(8)",
        ),
        DocumentKind.TAIWAN_PERMIT: (
            re.compile(r"\d{8}|\d{10}(?:\(?[A-Z\d]\)?)?|[A-Z]\d{8,9}"),
            "台湾居民来往大陆通行证为 8 位数字（旧版 10 位）",
        ),
        DocumentKind.FOREIGN_RESIDENCE: (
            re.compile(r"[A-Z]{3}\d{12}"),
            "旧版为 3 位字母加 12 位数字，新版为 9 开头的 18 位号码",
        ),
        DocumentKind.PASSPORT: (re.compile(r"(?=.*\d)[A-Z0-9]{5,14}"), "护照号为 5 至 14 位字母和数字"),
        DocumentKind.BIRTH_CERTIFICATE: (re.compile(r"[A-Z]\d{9}"), "出生医学证明编号为 1 位字母加 9 位数字"),
        DocumentKind.OTHER: (re.compile(r"[^\s].{1,39}"), "证件号为 2 至 40 个字符"),
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a fact: which fact (`number`, `sex`, `born_on`, …), a sentence, and what to do."""

    about: str
    message: str
    remedy: str


def clean(text: str) -> str:
    """Make one form of a typed text: NFKC, no invisible characters, single inner spaces, none at the ends."""
    folded = unicodedata.normalize("NFKC", text)
    if not folded.isprintable():
        folded = "".join(c for c in folded if c.isspace() or unicodedata.category(c) not in INVISIBLE)
    return " ".join(folded.split())


def clean_number(text: str) -> str:
    """Make one form of a document or student number: no spaces, no leading apostrophe, upper case."""
    return clean(text).strip(APOSTROPHES).replace(" ", "").upper()


def is_resident_number(number: str) -> bool:
    """Whether a cleaned number is a whole GB 11643 number; its area code is not asked."""
    return GB_11643.fullmatch(number) is not None and not _number_problems(number)


def is_residence_permit(number: str) -> bool:
    """Whether a cleaned number is that of a 港澳台居民居住证."""
    return number.startswith(RESIDENCE_PERMIT_PREFIXES)


def birth_date_of(number: str) -> datetime.date | None:
    """Date of birth in a GB 11643 number, or None where the digits are no date."""
    return _date_of(number[6:14]) if GB_11643.fullmatch(number) else None


def sex_of(number: str) -> Sex | None:
    """Sex in a GB 11643 number: odd order number male, even female (GB 11643-1999, 4.3)."""
    if not GB_11643.fullmatch(number):
        return None
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def _date_of(digits: str) -> datetime.date | None:
    try:
        day = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return day if day >= EARLIEST_BIRTH else None


def check_document(
    kind: str,
    number: str,
    *,
    sex: str | None = None,
    born_on: datetime.date | None = None,
    on: datetime.date | None = None,
) -> tuple[Problem, ...]:
    """List what is wrong with a cleaned document number, and where it contradicts sex and date of birth.

    `on` is the day of checking: a birth after it is refused. GB 11643 is asked only of 居民身份证 and of 18-digit
    numbers on the permits that are built on it.
    """
    if kind == DocumentKind.NONE:
        return _no_document(number)
    if not number:
        return (Problem("number", "有证件类型但没有证件号", "请补填证件号；确无证件的，证件类型填“无证件”"),)
    if kind == DocumentKind.RESIDENT_CARD or _built_on_gb_11643(kind, number):
        problems = _number_problems(number)
        return problems or _contradictions(number, sex, born_on, on)
    return _check_shape(kind, number)


def _no_document(number: str) -> tuple[Problem, ...]:
    if not number:
        return ()
    return (Problem("number", "证件类型为“无证件”，却填了证件号", "请改选证件类型，或清空证件号"),)


def _built_on_gb_11643(kind: str, number: str) -> bool:
    if not GB_11643.fullmatch(number):
        return False
    foreign_card = kind == DocumentKind.FOREIGN_RESIDENCE and number.startswith("9")
    return foreign_card or (kind in REGION_KINDS and is_residence_permit(number))


def _check_shape(kind: str, number: str) -> tuple[Problem, ...]:
    try:
        shape, rule = OTHER_SHAPES[DocumentKind(kind)]
    except ValueError:
        return (Problem("kind", "证件类型不在代码表中", "请从下拉列表中选择证件类型"),)
    if shape.fullmatch(number):
        return ()
    label = DocumentKind(kind).label
    return (Problem("number", f"{label}号码的样式不对：{rule}", "请对照证件原件核对号码，或改选证件类型"),)


def _number_problems(number: str) -> tuple[Problem, ...]:
    if len(number) == 15 and number.isdigit():
        return (Problem("number", "身份证号是 15 位旧号", "请改填 18 位号码（见户口簿或现行身份证）"),)
    if len(number) != 18:
        return (Problem("number", f"身份证号应为 18 位，现为 {len(number)} 位", "请对照户口簿补齐或删去多余的字符"),)
    if not GB_11643.fullmatch(number):
        return (
            Problem("number", "身份证号含有不该有的字符", "前 17 位只能是数字，第 18 位是数字或 X，请对照户口簿改正"),
        )
    if _date_of(number[6:14]) is None:
        return (Problem("number", "身份证号第 7 至 14 位不是真实日期", "请对照户口簿核对出生年月日部分"),)
    if number[17] != ric.calc_check_digit(number):
        return (Problem("number", "身份证号校验位不符，号码中至少有一位填错", "请对照户口簿逐位核对"),)
    return ()


def _contradictions(
    number: str, sex: str | None, born_on: datetime.date | None, on: datetime.date | None
) -> tuple[Problem, ...]:
    found: list[Problem] = []
    inside = _date_of(number[6:14])
    if sex and sex != sex_of(number):
        found.append(Problem("sex", "性别与身份证号第 17 位不符", "请核对性别和身份证号，改正填错的一项"))
    if born_on and inside and born_on != inside:
        found.append(
            Problem(
                "born_on", f"出生日期与身份证号中的 {inside:%Y-%m-%d} 不符", "请核对出生日期和身份证号，改正填错的一项"
            )
        )
    if on and inside and inside > on:
        found.append(Problem("number", "身份证号中的出生日期在今天以后", "请对照户口簿核对号码"))
    return tuple(found)


def check_birth_date(
    born_on: datetime.date, *, on: datetime.date, youngest: int = 3, oldest: int = 20
) -> tuple[Problem, ...]:
    """List what is wrong with a pupil's date of birth on the day `on`; ages are full years, both ends allowed."""
    if born_on > on:
        return (Problem("born_on", f"出生日期 {born_on} 在今天（{on}）以后", "请核对年份"),)
    age = age_on(born_on, on)
    if youngest <= age <= oldest:
        return ()
    return (
        Problem("born_on", f"按出生日期现为 {age} 周岁，不像在校学生（{youngest}至{oldest}周岁）", "请核对出生年份"),
    )


def age_on(born_on: datetime.date, on: datetime.date) -> int:
    """Age in full years (周岁) on a day; a child born on 29 February is a year older on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def entry_year(born_on: datetime.date, *, entry_age: int = 6, cut_off: tuple[int, int] = (8, 31)) -> int:
    """Year in whose autumn the child is due at school: `entry_age` full years by the cut-off (义务教育法 art. 11)."""
    return born_on.year + entry_age + ((born_on.month, born_on.day) > cut_off)


def is_school_age(
    born_on: datetime.date,
    on: datetime.date,
    *,
    entry_age: int = 6,
    last_age: int = 15,
    cut_off: tuple[int, int] = (8, 31),
) -> bool:
    """Whether the child is of compulsory-school age: from 1 September of the entry year, through `last_age` 周岁."""
    starts = datetime.date(entry_year(born_on, entry_age=entry_age, cut_off=cut_off), 9, 1)
    return on >= starts and age_on(born_on, on) <= last_age


def check_student_number(
    number: str, *, document_number: str = "", born_on: datetime.date | None = None
) -> tuple[Problem, ...]:
    """List what is wrong with a cleaned 学籍号: G + 身份证号, J or L + county 6 + birth 8 + 4.

    The last character of J and L numbers is given out by the national system; its rule is not public and not checked.
    """
    if not STUDENT_NUMBER.fullmatch(number):
        return (
            Problem("student_number", "学籍号应为 G、J 或 L 加 18 位", "请对照全国学籍系统改正；暂无学籍号的留空"),
        )
    body = number[1:]
    if number[0] == "G":
        return _check_g_number(body, document_number)
    inside = _date_of(body[6:14])
    if inside is None or (born_on and inside != born_on):
        return (
            Problem("student_number", "学籍号第 8 至 15 位与出生日期不符", "请对照全国学籍系统核对学籍号和出生日期"),
        )
    return ()


def _check_g_number(body: str, document_number: str) -> tuple[Problem, ...]:
    if GB_11643.fullmatch(document_number) and body != document_number:
        return (Problem("student_number", "G 开头的学籍号与身份证号不一致", "请对照全国学籍系统核对两个号码"),)
    if _number_problems(body):
        return (Problem("student_number", "G 开头的学籍号里不是有效的身份证号", "请对照全国学籍系统核对学籍号"),)
    return ()


def internal_number(county_code: str, serial: int) -> str:
    """Number for a child with no document: `B`, county code (6), serial (6 or more digits), ISO 7064 mod 11,10 digit.

    Raises ValueError unless the county code has six digits and the serial is positive.
    """
    if not re.fullmatch(r"\d{6}", county_code) or serial < 1:
        raise ValueError("县级代码应为 6 位数字，流水号应为正数")
    body = f"{county_code}{serial:06d}"
    return f"B{body}{mod_11_10.calc_check_digit(body)}"


def clean_phone(text: str) -> str:
    """Make one form of a telephone number: no spaces, no +86, no hyphens inside a mobile number."""
    number = re.sub(r"[‐-―−－]", "-", clean_number(text)).replace("(", "").replace(")", "-")
    bare = number.replace("-", "")
    for prefix in ("+86", "0086", "86"):
        if bare.startswith(prefix) and MOBILE.fullmatch(bare.removeprefix(prefix)):
            return bare.removeprefix(prefix)
    return bare if MOBILE.fullmatch(bare) else number.strip("-")


def check_phone(number: str) -> tuple[Problem, ...]:
    """List what is wrong with a cleaned telephone number."""
    if MOBILE.fullmatch(number) or LANDLINE.fullmatch(number):
        return ()
    return (
        Problem("phone", "联系电话不是手机号或座机号", "手机号为 1 开头的 11 位，座机形如 0598-7221234；没有的留空"),
    )
