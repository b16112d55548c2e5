"""Names: one form, a reading, a cover."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.rules import dates, masks, names


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张　三", "张三"),
        (" 张 三 ", "张三"),
        ("张\u200b三\ufeff", "张三"),
        ("买买提•阿不都", "买买提·阿不都"),
        ("买买提・阿不都", "买买提·阿不都"),
        ("买买提．阿不都", "买买提·阿不都"),
        ("买买提 · 阿不都", "买买提·阿不都"),
        ("ＭＡＲＹ　Ann Li", "MARY Ann Li"),
        ("⾼明", "高明"),
    ],
)
def test_a_name_takes_one_form(typed, name):
    assert names.clean_name(typed) == name
    assert names.check_name(name) == ()


@pytest.mark.parametrize("name", ["䶮", "李䶮", "王㛃", "林𬱖", "陈𤧟", "卢旺达·让", "O'Neill Anna-Maria", "〇一"])
def test_rare_characters_and_foreign_names_are_names(name):
    assert names.check_name(name) == ()


@pytest.mark.parametrize("name", ["", "张三（转出）", "张3", "王\ue123", "王□", "李?", "名" * 51])
def test_what_is_no_name_is_refused_with_a_remedy(name):
    (problem,) = names.check_name(name)
    assert problem.remedy


@pytest.mark.parametrize(
    ("name", "initials", "pinyin"),
    [
        ("单雄信", "sxx", "shanxiongxin"),
        ("曾国", "zg", "zengguo"),
        ("解珍", "xz", "xiezhen"),
        ("仇英", "qy", "qiuying"),
        ("查良镛", "zly", "zhaliangyong"),
        ("尉迟恭", "ycg", "yuchigong"),
        ("尉健行", "wjx", "weijianxing"),
        ("欧阳修", "oyx", "ouyangxiu"),
        ("欧阳", "oy", "ouyang"),
        ("吕布", "lb", "lvbu"),
        ("王䶮", "wy", "wangyan"),
        ("陈𤧟", "c𤧟", "chen𤧟"),
        ("曾·单", "cd", "cengdan"),
        ("MARY Ann", "ma", "maryann"),
    ],
)
def test_a_name_is_read_as_people_say_it(name, initials, pinyin):
    reading = names.read_name(name)
    assert (reading.initials, reading.pinyin) == (initials, pinyin)


def test_lists_sort_by_how_names_are_read():
    people = ["张三", "曾国", "单雄信", "陈𤧟", "安然", "李明", "廉颇", "李四"]
    assert sorted(people, key=lambda n: names.read_name(n).sort_key) == [
        "安然", "陈𤧟", "李明", "李四", "廉颇", "单雄信", "曾国", "张三",
    ]  # fmt: skip


@given(st.text(max_size=60))
def test_any_text_can_be_cleaned_and_read(text):
    name = names.clean_name(text)
    assert names.clean_name(name) == name
    names.read_name(name)
    names.check_name(name)


@pytest.mark.parametrize(
    ("name", "covered"),
    [("王明", "王*"), ("王小明", "王*明"), ("欧阳明", "欧阳*"), ("欧阳小明", "欧阳*明"), ("买买提·阿不都", "买**"),
     ("王", "*"), ("", ""), ("Mary Ann", "M**")],
)  # fmt: skip
def test_a_name_is_covered(name, covered):
    assert masks.mask_name(name) == covered


def test_numbers_phones_and_addresses_are_covered():
    assert masks.mask_number("350425201305120012") == "**************0012"
    assert masks.mask_number("E123456") == "******6"
    assert masks.mask_phone("13800001234") == "138****1234"
    assert masks.mask_phone("0598-7221234") == "**********34"
    assert masks.mask_address("福建省三明市大田县均溪镇福塘村12号") == "福建省三明市大田县均溪镇****"
    assert masks.mask_address("大田县凤山东路7号") == "大田县****"
    assert masks.mask_address("深圳") == "****"
    assert masks.mask_address("") == ""


@pytest.mark.parametrize(
    ("text", "year", "month", "day"),
    [
        ("20130512", 2013, 5, 12),
        ("2013-05-12", 2013, 5, 12),
        ("2013/5/12", 2013, 5, 12),
        ("2013.5.12", 2013, 5, 12),
        ("2013年5月12日", 2013, 5, 12),
        ("2013-05-12 00:00:00", 2013, 5, 12),
        ("41406", 2013, 5, 12),
        ("41406.0", 2013, 5, 12),
        ("2013.5", 2013, 5, None),
        ("2013年5月", 2013, 5, None),
        ("201309", 2013, 9, None),
        ("2013.10", 2013, 10, None),
    ],
)
def test_dates_are_read_as_people_type_them(text, year, month, day):
    assert dates.read_date(text) == dates.ReadDate(year, month, day)


@pytest.mark.parametrize("text", ["", "去年", "2013.1", "20130230", "2013-13-01", "123", "99999", "20130512x"])
def test_what_is_no_sure_date_is_not_read(text):
    assert dates.read_date(text) is None


@given(st.dates(datetime.date(1951, 1, 1), datetime.date(2049, 1, 1)))
def test_every_date_survives_each_way_of_writing_it(day):
    serial = str((day - datetime.date(1899, 12, 30)).days)
    for text in (
        f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        serial,
    ):
        read = dates.read_date(text)
        assert read is not None
        assert read.date == day
