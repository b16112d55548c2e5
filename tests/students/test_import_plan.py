"""The plan of an import: verdicts, and everything wrong at once."""

import dataclasses
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.imports.columns import anchor_heads, catalogue, known_heads, map_heads
from students.imports.plan import Known, KnownChild, Plan, make_plan
from students.imports.workbook import Row, Sheet, open_sheet
from students.rules.classes import KnownClass
from students.rules.households import is_legal_guardian
from students.rules.matching import Person
from tests import workbooks

ON = datetime.date(2026, 10, 10)
BORN = datetime.date(2013, 5, 12)
CLASSES = (KnownClass(31, 9, "三（1）班", 3), KnownClass(32, 9, "三（2）班", 3), KnownClass(77, 8, "三（2）班", 3))
KNOWN = Known(schools={"2135000123": 9}, classes=CLASSES, school=9)
BASE = dict(zip(workbooks.HEADERS, workbooks.ROW, strict=True))
GIRL = {"姓名": "李四妹", "性别": "女", "出生日期": "20140803", "身份证件号": "230381201408030026"}


def sheet(*rows: dict[str, str], distorted: frozenset[str] = frozenset()) -> Sheet:
    filled = [BASE | row for row in rows]
    heads = tuple(dict.fromkeys(head for row in filled for head in row))
    return Sheet("学籍信息表", 1, heads, [Row(n, r, distorted) for n, r in enumerate(filled, start=2)])


def plan(*rows: dict[str, str], known: Known = KNOWN, **options: object) -> Plan:
    return make_plan(sheet(*rows), known, on=ON, **options)


def mistakes(*rows: dict[str, str], known: Known = KNOWN) -> list[tuple[int, str, str]]:
    made = plan(*rows, known=known)
    assert all(m.remedy for m in made.mistakes)
    return [(m.row, m.column, m.message) for m in made.mistakes]


def with_child(**facts: object) -> Known:
    values = {"name": "王小明", "sex": "male", "birth_date": "2013-05-12", "document_number": BASE["身份证件号"]}
    guardians = ({"name": "王大山", "relation": "父亲", "phone": "13800001234"},)
    person = Person(5, "王小明", BORN, document=BASE["身份证件号"], phones=frozenset({"13800001234"}), school_id=9)
    child = KnownChild(person, values, guardians, class_id=32)
    return dataclasses.replace(KNOWN, children=(dataclasses.replace(child, **facts),))


def test_a_new_child_is_created_in_its_class():
    (row,) = plan({}).rows
    assert (row.verdict, row.class_id, row.school_id) == ("create", 32, 9)
    assert row.values["birth_date"] == "2013-05-12"
    assert row.values["document_kind"] == "resident_card"
    assert row.guardians == ({"name": "王大山", "relation": "父亲", "phone": "13800001234"},)


def test_a_child_already_there_as_written_is_the_same():
    (row,) = plan({}, known=with_child()).rows
    assert (row.verdict, row.child_id, row.changes) == ("same", 5, ())


def test_what_changed_is_shown_old_and_new_with_personal_values_covered():
    changed = {"班级": "三（1）班", "成员1联系电话": "13900005678"}
    (row,) = plan(changed, known=with_child()).rows
    assert row.verdict == "update"
    assert [(c.label, c.old, c.new) for c in row.changes] == [
        ("班级", "三（2）班", "三（1）班"),
        ("成员1联系电话", "138****1234", "139****5678"),
    ]


def test_a_blank_cell_empties_nothing():
    (row,) = plan({"成员1联系电话": "", "成员1姓名": "", "成员1关系": ""}, known=with_child()).rows
    assert row.verdict == "same"


def test_an_uncertain_row_is_asked_and_the_answer_settles_it():
    person = Person(5, "王小明", BORN, school_id=4)
    known = dataclasses.replace(KNOWN, children=(KnownChild(person),))
    made = plan({}, known=known)
    assert (made.rows[0].verdict, made.rows[0].candidates) == ("ambiguous", (5,))
    assert plan({}, known=known, answers={2: None}).rows[0].verdict == "create"
    assert plan({}, known=known, answers={2: 5}).rows[0].child_id == 5
    assert plan({}, known=known, answers={2: 6}).rows[0].verdict == "ambiguous"


def test_all_mistakes_of_all_rows_come_at_once_and_ids_are_covered():
    made = plan(
        {"身份证件号": "350425201305120013", "班级": "九（9）班", "性别": "男孩", "成员1联系电话": "123"},
        GIRL | {"出生日期": "20140804"},
    )
    assert [(m.row, m.column) for m in made.mistakes] == [
        (2, "性别"), (2, "成员1联系电话"), (2, "班级"), (2, "身份证件号"), (3, "出生日期"),
    ]  # fmt: skip
    (number,) = [m for m in made.mistakes if m.column == "身份证件号"]
    assert number.value == "**************0013"
    assert [row.verdict for row in made.rows] == ["faulty", "faulty"]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"姓名": ""}, "姓名", "没有填写姓名"),
        ({"姓名": "王3"}, "姓名", "数字或符号"),
        ({"班级": ""}, "班级", "没有填写班级"),
        ({"班级": "2班", "年级": "五年级"}, "班级", "没有这个班级"),
        ({"学校标识码": "2135999999"}, "学校标识码", "不在您管理的学校中"),
        ({"身份证件类型": "", "身份证件号": "E1234567"}, "身份证件类型", "没有填写证件类型"),
        ({"身份证件类型": "学生证"}, "身份证件类型", "代码表"),
        ({"身份证件类型": "护照", "身份证件号": "护照"}, "身份证件号", "样式不对"),
        ({"身份证件类型": "无证件"}, "身份证件号", "却填了证件号"),
        ({"身份证件类型": "无", "身份证件号": "", "性别": ""}, "性别", "没有填写性别"),
        ({"身份证件类型": "无", "身份证件号": "/", "出生日期": "2013.5"}, "出生日期", "只有年月"),
        ({"身份证件类型": "无", "身份证件号": "无", "出生日期": "20270101"}, "出生日期", "以后"),
        ({"出生日期": "明年"}, "出生日期", "读不出日期"),
        ({"身份证件号": "3.50425E+17"}, "身份证件号", "失真"),
        ({"入学年月": "201209"}, "入学年月", "早于出生日期"),
        ({"入学年月": "203009"}, "入学年月", "明年以后"),
        ({"入学年月": "2019.1"}, "入学年月", "1 月还是 10 月"),
        ({"学籍号": "G230381201408030026"}, "学籍号", "不一致"),
        ({"成员1姓名": ""}, "成员1姓名", "没有姓名"),
        ({"成员1身份证件号": "350425201305120012"}, "成员1身份证件号", "与学生本人"),
        ({"成员1身份证件号": "123"}, "成员1身份证件号", "18 位"),
        ({"姓名": "同上"}, "姓名", "不能写“同上”"),
        ({"现住址": "长" * 201}, "现住址", "超过 200"),
        ({"民族": "长" * 21}, "民族", "超过 20"),
        ({"成员1关系": "长" * 21}, "成员1关系", "超过 20"),
        ({"班内学号": "123456789"}, "班内学号", "超过 8"),
    ],
)
def test_each_mistake_names_its_column(row, column, words):
    (found,) = mistakes(row)
    assert found[:2] == (2, column)
    assert words in found[2]


def test_a_number_whose_digits_are_lost_is_not_repaired():
    made = make_plan(sheet({}, distorted=frozenset({"身份证件号"})), KNOWN, on=ON)
    assert "文本" in made.mistakes[0].remedy


def test_birth_date_and_sex_come_from_the_resident_number_where_they_are_missing():
    (row,) = plan({"出生日期": "2013.5", "性别": "", "身份证件类型": ""}).rows
    assert (row.verdict, row.values["birth_date"], row.values["sex"]) == ("create", "2013-05-12", "male")


def test_untidy_cells_are_read():
    (row,) = plan(
        {"姓名": "王　小明", "身份证件号": "'３５０４２５２０１３０５１２００１２", "出生日期": "41406"}
    ).rows
    assert (row.verdict, row.name, row.values["document_number"]) == ("create", "王小明", "350425201305120012")


def test_ditto_takes_the_address_of_the_row_above():
    rows = plan({"现住址": "均溪镇福塘村"}, GIRL | {"现住址": "同上"}).rows
    assert rows[1].values["residence_address"] == "均溪镇福塘村"


def test_no_number_is_a_child_without_documents():
    (row,) = plan({"身份证件类型": "", "身份证件号": "无"}).rows
    assert (row.verdict, row.values["document_kind"]) == ("create", "none")


def test_the_same_child_twice_in_the_file_is_a_mistake():
    assert mistakes({}, {}) == [(3, "身份证件号", "与第 2 行的证件号相同")]
    without = {"身份证件类型": "无证件", "身份证件号": ""}
    assert mistakes(without, without) == [(3, "姓名", "与第 2 行的姓名、出生日期、班级相同")]


def test_two_rows_that_meet_one_child_are_a_mistake():
    renamed = {"身份证件类型": "无证件", "身份证件号": "", "班级": "三（1）班"}
    assert mistakes({}, renamed, known=with_child()) == [(3, "姓名", "与第 2 行认定为同一名在册学生")]


def test_special_groups_are_taken_from_their_columns():
    marks = {"是否留守儿童": "双亲留守儿童", "是否孤儿": "否", "残疾类型": "无", "是否进城务工人员随迁子女": "是"}
    (row,) = plan(marks).rows
    assert row.groups == ("left_behind", "migrant_child")
    assert "disability" in row.values
    for word in ("正常", "健康", "/"):
        assert plan({"残疾类型": word}).rows[0].groups == (), word
    assert plan({"残疾类型": "听力"}).rows[0].groups == ("disabled",)


def test_children_without_a_guardian_are_counted_not_refused():
    made = plan({"成员1姓名": "", "成员1关系": "", "成员1联系电话": ""})
    assert [row.verdict for row in made.rows] == ["create"]
    assert "没有监护人" in made.notes[-1]


def test_a_grandparent_is_guardian_only_where_the_sheet_says_so():
    (row,) = plan({"成员1关系": "爷爷"}).rows
    assert row.guardians[0]["relation"] == "祖父"
    assert "没有监护人" in plan({"成员1关系": "爷爷"}).notes[-1]
    assert "没有监护人" not in plan({"成员1关系": "爷爷", "成员1是否监护人": "是"}).notes[-1]
    assert [is_legal_guardian(*said) for said in (("祖父", ""), ("祖父", "是"), ("父亲", ""), ("父亲", "否"))] == [
        False, True, True, False,
    ]  # fmt: skip


def test_all_missing_columns_are_named_at_once_and_no_row_is_judged():
    made = make_plan(Sheet("名册", 3, ("姓名", "身份证号", "电话"), [Row(4, {"姓名": "王小明"})]), KNOWN, on=ON)
    assert [m.column for m in made.mistakes] == ["性别", "出生日期", "身份证件类型", "班级"]
    assert "“名册”第 3 行" in made.mistakes[0].message
    assert made.rows == ()


def test_unknown_and_unneeded_columns_are_reported():
    made = plan({"备注": "x", "最爱的颜色": "红", "姓名拼音": "wang"})
    assert any("最爱的颜色" in note for note in made.notes)
    assert any("姓名拼音" in note and "备注" in note for note in made.notes)
    assert [row.verdict for row in made.rows] == ["create"]


def test_the_sheet_has_71_columns_and_each_is_found_by_its_head():
    heads = [column.header for column in catalogue().columns]
    assert len(heads) == 71
    mapped = map_heads(reversed([f"★{head}" for head in heads]))
    assert len(mapped.used) == 71
    assert not (mapped.missing or mapped.unknown or mapped.doubled)


def test_every_code_list_named_by_a_column_exists_and_every_option_finds_itself():
    known = catalogue()
    for column in known.columns:
        assert (column.kind == "code") == bool(column.codes)
        assert not column.codes or column.codes in known.lists
    for codes in known.lists.values():
        assert all(codes.find(option) for option in codes.options)


def test_options_are_taken_by_name_code_or_both():
    assert [catalogue().lists["性别"].find(t) for t in ("男", "1", "1-男", "1 男", "男性", "未知")] == [
        "male", "male", "male", "male", "male", None,
    ]  # fmt: skip


def test_a_whole_file_goes_from_bytes_to_plan():
    for data in (workbooks.xlsx([workbooks.ROW], above=[["名册"]]), workbooks.xls([workbooks.ROW])):
        opened = open_sheet(data, file_name="名册.xls", known=known_heads(), anchors=anchor_heads())
        assert [row.verdict for row in make_plan(opened, KNOWN, on=ON).rows] == ["create"]


TYPED = st.text(max_size=12) | st.sampled_from(
    [
        "无",
        "/",
        "同上",
        "20130230",
        "2013.1",
        "99999",
        "1E5",
        "０",
        "\ue000",
        "G1",
        "2班",
        "十十班",
        "B",
        "是",
        "-",
        "²³",
        "０年１班",
    ]
)


@given(
    st.lists(st.dictionaries(st.sampled_from([c.header for c in catalogue().columns]), TYPED, max_size=20), max_size=4)
)
def test_no_cell_whatever_breaks_the_plan(rows):
    made = plan(*rows)
    assert len(made.rows) == len(rows)
    assert all(m.message and m.remedy for m in made.mistakes)
