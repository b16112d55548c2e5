"""Documents, student numbers, phones and ages of children."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_10

from students.choices import DocumentKind, Sex
from students.rules import identity

D = datetime.date
RESIDENT = DocumentKind.RESIDENT_CARD
# Invented numbers with valid check digits.
BOY, GIRL = "350425201305120012", "230381201408030026"


def messages(problems: tuple[identity.Problem, ...]) -> str:
    return "；".join(f"{p.about}:{p.message}→{p.remedy}" for p in problems)


@pytest.mark.parametrize("number", [BOY, GIRL, "420703201201010034", "360222201506300046"])
def test_a_valid_resident_number_is_accepted(number):
    assert identity.check_document(RESIDENT, number) == ()
    assert identity.is_resident_number(number)


def test_an_area_code_that_no_list_knows_is_accepted():
    assert identity.check_document(RESIDENT, "999999201305120011") == ()


@pytest.mark.parametrize(
    "typed", ["３５０４２５２０１３０５１２００１２", "'350425201305120012", " 350425 20130512 0012　"]
)
def test_full_width_digits_spaces_and_an_apostrophe_do_not_matter(typed):
    assert identity.clean_number(typed) == BOY


def test_a_small_or_full_width_x_counts_as_x():
    assert identity.clean_number("11010519491231002ｘ") == "11010519491231002X"
    assert identity.check_document(RESIDENT, identity.clean_number("11010519491231002x")) == ()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("350425130512001", "15 位旧号"),
        ("35042520130512001", "现为 17 位"),
        ("3504252013051200I2", "不该有的字符"),
        ("350425201302300012", "不是真实日期"),
        ("350425201305120013", "校验位不符"),
        ("", "没有证件号"),
    ],
)
def test_a_wrong_resident_number_is_refused_with_a_remedy(number, words):
    (problem,) = identity.check_document(RESIDENT, number)
    assert words in problem.message
    assert problem.remedy


def test_sex_and_birth_date_must_agree_with_the_number():
    found = identity.check_document(RESIDENT, BOY, sex=Sex.FEMALE, born_on=D(2013, 5, 21))
    assert [p.about for p in found] == ["sex", "born_on"]
    assert "2013-05-12" in found[1].message
    assert identity.check_document(RESIDENT, BOY, sex=Sex.MALE, born_on=D(2013, 5, 12)) == ()


def test_a_number_with_a_birth_in_the_future_is_refused():
    assert "今天以后" in messages(identity.check_document(RESIDENT, BOY, on=D(2013, 5, 11)))


@pytest.mark.parametrize("kind", [RESIDENT, DocumentKind.HK_PERMIT])
def test_a_residence_permit_of_hong_kong_has_the_check_digit_too(kind):
    assert identity.is_residence_permit("810000201305120014")
    assert identity.check_document(kind, "810000201305120014") == ()
    assert "校验位" in messages(identity.check_document(kind, "810000201305120015"))


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (DocumentKind.HK_PERMIT, "H0123456700"),
        (DocumentKind.HK_PERMIT, "H01234567"),
        (DocumentKind.HK_PERMIT, "A123456(7)"),
        (DocumentKind.MACAO_PERMIT, "M0123456701"),
        (DocumentKind.MACAO_PERMIT, "1234567(8)"),
        (DocumentKind.TAIWAN_PERMIT, "01234567"),
        (DocumentKind.TAIWAN_PERMIT, "0123456701"),
        (DocumentKind.FOREIGN_RESIDENCE, "USA330012345678"),
        (DocumentKind.PASSPORT, "E12345678"),
        (DocumentKind.BIRTH_CERTIFICATE, "P350123456"),
        (DocumentKind.OTHER, "武装警察身份证 0012"),
        (DocumentKind.NONE, ""),
    ],
)
def test_other_documents_keep_their_own_shape(kind, number):
    assert identity.check_document(kind, number, sex=Sex.MALE, born_on=D(2015, 1, 1)) == ()


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (DocumentKind.HK_PERMIT, BOY),
        (DocumentKind.PASSPORT, "护照"),
        (DocumentKind.BIRTH_CERTIFICATE, "350123456"),
        (DocumentKind.NONE, BOY),
        ("nonsense", "1234"),
    ],
)
def test_a_number_of_the_wrong_shape_is_refused(kind, number):
    (problem,) = identity.check_document(kind, number)
    assert problem.remedy


@given(st.text(max_size=40), st.sampled_from(DocumentKind.values))
def test_no_text_whatever_breaks_the_check(text, kind):
    for problem in identity.check_document(kind, identity.clean_number(text), born_on=D(2015, 1, 1), on=D(2026, 9, 1)):
        assert problem.message
        assert problem.remedy


@given(st.dates(D(1950, 1, 1), D(2026, 1, 1)), st.integers(0, 999), st.integers(0, 9))
def test_changing_one_digit_is_always_noticed(born, order, wrong):
    body = f"350425{born:%Y%m%d}{order:03d}"
    number = next(body + c for c in "0123456789X" if identity.is_resident_number(body + c))
    assert identity.birth_date_of(number) == born
    assert identity.sex_of(number) == (Sex.MALE if order % 2 else Sex.FEMALE)
    changed = f"{number[:15]}{wrong}{number[16:]}"
    assert identity.is_resident_number(changed) == (changed == number)


def test_age_is_counted_in_full_years():
    assert identity.age_on(D(2013, 5, 12), D(2026, 5, 11)) == 12
    assert identity.age_on(D(2013, 5, 12), D(2026, 5, 12)) == 13
    assert identity.age_on(D(2012, 2, 29), D(2025, 2, 28)) == 12
    assert identity.age_on(D(2012, 2, 29), D(2025, 3, 1)) == 13


def test_a_child_born_on_31_august_enters_a_year_before_one_born_on_1_september():
    assert identity.entry_year(D(2020, 8, 31)) == 2026
    assert identity.entry_year(D(2020, 9, 1)) == 2027
    assert identity.entry_year(D(2020, 8, 31), entry_age=7) == 2027


def test_school_age_runs_from_the_entry_autumn_to_the_sixteenth_birthday():
    born = D(2020, 3, 1)
    assert not identity.is_school_age(born, D(2026, 8, 31))
    assert identity.is_school_age(born, D(2026, 9, 1))
    assert identity.is_school_age(born, D(2036, 2, 29))
    assert not identity.is_school_age(born, D(2036, 3, 1))


def test_a_birth_after_today_or_at_an_odd_age_is_refused():
    assert "以后" in messages(identity.check_birth_date(D(2026, 9, 2), on=D(2026, 9, 1)))
    assert "周岁" in messages(identity.check_birth_date(D(1986, 5, 12), on=D(2026, 9, 1)))
    assert identity.check_birth_date(D(2014, 5, 12), on=D(2026, 9, 1)) == ()


def test_student_numbers_of_the_three_kinds():
    assert identity.check_student_number(f"G{BOY}", document_number=BOY) == ()
    assert identity.check_student_number("J350425201305120012", born_on=D(2013, 5, 12)) == ()
    assert identity.check_student_number("L350425201305128731") == ()
    assert "不一致" in messages(identity.check_student_number(f"G{GIRL}", document_number=BOY))
    assert "出生日期" in messages(identity.check_student_number("L350425201305128731", born_on=D(2013, 5, 13)))
    assert "G、J 或 L" in messages(identity.check_student_number(BOY))
    assert "有效的身份证号" in messages(identity.check_student_number("G350425201305120013"))


def test_a_child_without_documents_gets_a_number_of_its_own():
    number = identity.internal_number("350425", 123)
    assert number.startswith("B350425000123")
    assert mod_11_10.is_valid(number.removeprefix("B"))
    assert identity.internal_number("350425", 1_234_567) != identity.internal_number("350425", 234_567)
    with pytest.raises(ValueError, match="县级代码"):
        identity.internal_number("35042", 1)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("138 0000 1234", "13800001234"),
        ("+86 138-0000-1234", "13800001234"),
        ("１３８００００１２３４", "13800001234"),
        ("'13800001234", "13800001234"),
        ("(0598)7221234", "0598-7221234"),
        ("0598－7221234", "0598-7221234"),
        ("7221234", "7221234"),
    ],
)
def test_telephone_numbers_take_one_form(typed, number):
    assert identity.clean_phone(typed) == number
    assert identity.check_phone(number) == ()


@pytest.mark.parametrize("number", ["1380000123", "12800001234", "无电话", "13800001234/13900001234"])
def test_a_wrong_telephone_number_is_refused(number):
    assert identity.check_phone(identity.clean_phone(number))
