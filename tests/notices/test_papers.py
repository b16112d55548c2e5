"""Papers as people hold them: every field in its place, on as many pages as the form has."""

import io
import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pypdf import PdfReader

from agencies import pdf
from notices.choices import PaperLayout
from notices.rules.common import COMMON
from notices.rules.facts import Facts
from notices.rules.papers import Receipt, Visit
from notices.rules.wording import PaperForm, fill, load_papers, template
from tests.notices import papers

pytestmark = pytest.mark.long

COUNTIES = Path(settings.BASE_DIR) / "fixtures" / "counties"
BASE = Path(settings.BASE_DIR) / "config" / "static"


# The plans whose forms have a layout of their own; others give these layouts their own titles.
KEYS = ("datian-2023", "jiaotan-2025")


@cache
def forms() -> tuple[PaperForm, ...]:
    read = [tomllib.loads((COUNTIES / key / "notices.toml").read_text(encoding="utf-8")) for key in KEYS]
    return tuple(form for data in read for form in load_papers(data, "notices.toml")[0])


def form(layout: PaperLayout) -> PaperForm:
    return next(each for each in (*forms(), *COMMON) if each.layout == layout)


def pages(layout: PaperLayout, facts: Facts, *, receipts: tuple[Receipt, ...] = ()) -> list[str]:
    context: dict[str, Any] = fill(form(layout), facts, receipts=receipts)
    data = pdf.render(template(layout), context, base=BASE)
    return [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(data)).pages]


def holds(text: str, *words: str) -> None:
    missing = [word for word in words if re.sub(r"\s", "", word) not in text]
    assert missing == [], text


def test_the_township_record_has_every_field_of_the_form() -> None:
    (page,) = pages(PaperLayout.TOWNSHIP_RECORD, papers.township_record())
    holds(page, "附件3", "疑似辍学学生劝返情况记录表（乡镇用）", "某县", "均安", "乡（镇）", "学生信息")
    holds(page, "学生姓名", "赵䶮", "性别", "男", "出生年月", "2013年5月", "家长姓名", "赵大山")
    holds(page, "就读学校", "某县第六中学", "就读班级", "八年3班", "家庭详细", "住址", "均安镇上村三组12号")
    holds(page, "联系电话", "13800005678", "旷课原因", "厌学外出", "旷课日期", "2026年9月28日")
    holds(page, "对象类别", "建档立卡（）", "低保（√）", "残疾（√）", "孤儿（）", "事实无人抚养儿童（）", "一般（）")
    holds(page, "动员情况记录", "次数", "情况记录", "记录人", "第一次", "10月12日", "第二次", "10月13日", "干事丁")
    holds(page, "第三次月日", "第四次月日", "第五次月日", "动员结果", "返校")
    holds(page, "说明：此表一生一表", "旷课超过3天的学生情况记录", "缓学、送教上门、辍学、返校等。")


def test_a_child_of_no_listed_group_is_ticked_as_ordinary() -> None:
    (page,) = pages(PaperLayout.TOWNSHIP_RECORD, papers.township_record(groups=("留守儿童",)))
    holds(page, "低保（）", "一般（√）")


def test_who_may_not_see_disability_leaves_two_boxes_to_the_pen() -> None:
    facts = replace(papers.township_record(groups=("低保",)), boxes_open=True)
    (page,) = pages(PaperLayout.TOWNSHIP_RECORD, facts)
    holds(page, "低保（√）", "残疾（）", "一般（）")
    (page,) = pages(PaperLayout.TOWNSHIP_RECORD, replace(facts, groups=()))
    holds(page, "低保（）", "残疾（）", "一般（）")


def test_the_sixth_visit_opens_a_continuation_page_that_carries_the_result() -> None:
    first, second = pages(PaperLayout.TOWNSHIP_RECORD, papers.township_record(count=6))
    holds(first, "第五次", "动员结果见续页")
    assert "第六次" not in first
    holds(second, "附件3（续页）", "赵䶮", "第六次", "10月17日", "第十次月日", "动员结果返校")


def test_ordinals_go_past_ten() -> None:
    visit = papers.visits(1)[0]
    ordinals = [Visit(number, visit.on, "", "").ordinal for number in (1, 10, 11, 20, 21)]
    assert ordinals == ["第一次", "第十次", "第十一次", "第二十次", "第二十一次"]


def test_the_school_record_has_every_field_of_the_form() -> None:
    (page,) = pages(PaperLayout.SCHOOL_RECORD, papers.school_record())
    holds(page, "附件4", "学校疑似辍学学生情况记录表（学校用）", "学校：某县第六中学", "学生信息")
    holds(
        page, "学生姓名", "性别", "出生年月", "所在年级（班）", "八年级3班", "家长姓名", "旷课原因", "去向", "旷课时间"
    )
    holds(
        page,
        "家庭详细",
        "联系电话",
        "劝返工作记录",
        "劝返工作教师",
        "林老师、王老师",
        "劝返时间",
        "2026年9月30日（星期三）",
    )
    holds(page, "劝返方式", "√电话", "家访", "家访记录", "家庭情况", "随祖母生活。", "家长态度", "愿意配合。")
    holds(page, "学生态度", "不愿上学。", "劝返工作方法及措施", "结对补课。", "劝返效果", "答应返校。")
    holds(page, "说明：此表用于学校对无故旷课3天内学生了解情况、进行劝返的记录。", "则书面报告当地乡（镇）政府。")
    assert "√家访" not in page


def test_the_record_of_bringing_in_a_child_has_every_field_of_the_form() -> None:
    first, second = pages(PaperLayout.ENROLMENT_RECORD, papers.enrolment_record(count=6))
    holds(
        first, "附件2", "未入学适龄儿童少年组织入学记录表", "某县", "均安", "乡（镇）", "学生信息", "学生姓名", "赵䶮"
    )
    holds(first, "性别", "出生年月", "2018年5月", "家长姓名", "赵大山、王小花", "家庭详细住址", "联系电话")
    holds(first, "对象类别", "建档立卡（）", "低保（√）", "一般（）", "未入学原因", "随父母在外务工，未办入学")
    holds(first, "动员情况记录", "次数", "情况记录", "记录人", "第一次", "10月12日", "第五次", "动员结果见续页")
    note = (
        "说明：此表一生一表，用于乡（镇）政府组织动员未入校学生时记录情况，动员结果依情况填：缓学、送教上门、入学等。"
    )
    holds(first, note)
    holds(second, "附件2（续页）", "第六次", "动员结果入学", note)
    assert "就读学校" not in first + second


def test_the_application_for_postponement_leaves_a_room_for_every_opinion() -> None:
    (page,) = pages(PaperLayout.POSTPONEMENT_FORM, papers.postponement_form())
    holds(page, "附件6", "大田县适龄儿童少年缓学申请表", "应入学时间", "2026年9月", "拟入学校", "版式待县教育局确认")
    holds(page, "自2026年9月1日至2027年8月31日", "申请人（监护人签名）", "医疗机构意见", "村（居）意见", "学校意见")
    holds(page, "乡（镇）人民政府意见", "县教育局意见", "父亲赵大山（13800005678）；母亲王小花（13800005679）")
    (page,) = pages(PaperLayout.POSTPONEMENT_FORM, papers.postponement_form(first_day="", last_day=""))
    holds(page, "自年月日至年月日")


@pytest.mark.parametrize("length", [1, 60, 200, 400])
def test_stub_and_slip_share_one_page_however_long_the_reason(length: int) -> None:
    (page,) = pages(PaperLayout.REPORT_SLIP, papers.report_slip(reason="病" * length))
    assert page.count("疑似辍学学生报告单") == 2
    assert page.count("（存根）") == 1
    assert page.count("病" * length) == 2


def test_the_slip_says_what_the_form_says() -> None:
    (page,) = pages(PaperLayout.REPORT_SLIP, papers.report_slip())
    stub, slip = page.split("疑似辍学学生报告单")[1:]
    for half in (stub, slip):
        holds(half, "均安镇人民政府：", "兹有我校八年3班学生赵䶮，因其厌学外出，疑似辍学。")
        holds(half, "该生系上村人，家长姓名：赵大山，联系电话：13800005678。请求组织人员劝返为盼。")
        holds(half, "此致！", "某县第六中学（盖章）", "2026年10月12日")


def test_the_situation_report_is_marked_until_the_county_confirms_its_layout() -> None:
    (page,) = pages(PaperLayout.SITUATION_REPORT, papers.situation_report())
    holds(page, "义务教育阶段学生辍学情况报告单", "版式待县教育局确认", "360222201506300046", "G360222201506300046")
    holds(page, "首次未到校日期", "2026年9月28日（星期一）", "累计未到校日数", "电话记录", "入户劝返记录", "学校意见")
    holds(
        page,
        "监护人父亲李大山（13900001234）；母亲王小花（13900001235）",
        "校长（签名）：校长甲",
        "镇政府接收",
        "接收人",
        "接收时间",
        "处理意见",
        "村书记入户核查。",
    )


def test_a_plan_that_asks_for_three_signatures_has_room_for_each_on_its_report() -> None:
    data = tomllib.loads((COUNTIES / "xx-2024" / "notices.toml").read_text(encoding="utf-8"))
    report = next(f for f in load_papers(data, "notices.toml")[0] if f.layout == PaperLayout.SITUATION_REPORT)
    long = replace(papers.situation_report(), address=FAR, hukou=FAR)
    made = pdf.render(template(report.layout), fill(report, long), base=BASE)
    (page,) = PdfReader(io.BytesIO(made)).pages
    text = re.sub(r"\s", "", page.extract_text())
    holds(text, "附件1", "核查人（签名）：", "填写人（签名）：", "审核人（签名）：", "学校（盖章）")
    assert "校长（签名）" not in text


def test_an_order_that_is_an_attachment_of_its_plan_says_so() -> None:
    data = tomllib.loads((COUNTIES / "xx-2024" / "notices.toml").read_text(encoding="utf-8"))
    order = next(f for f in load_papers(data, "notices.toml")[0] if f.layout == PaperLayout.ORDER)
    (page,) = PdfReader(io.BytesIO(pdf.render(template(order.layout), fill(order, papers.order()), base=BASE))).pages
    assert re.sub(r"\s", "", page.extract_text()).startswith("附件3某镇人民政府限期复学通知书")


def test_an_order_names_guardian_basis_deadline_remedies_and_issuer() -> None:
    page = pages(PaperLayout.ORDER, papers.order())[0]
    holds(page, "某镇人民政府", "某镇限返〔2026〕3号", "李大山：", "第五十八条", "2026年10月16日（星期五）")
    holds(page, "行政复议", "行政诉讼", "联系人：镇民生服务办", "2026年10月12日", "一式三份")


def test_a_letter_that_urges_asks_and_has_a_slip_to_give_back() -> None:
    (page,) = pages(PaperLayout.URGING, papers.advice())
    holds(page, "某镇二中劝学函", "某中劝函〔2026〕2号", "李大山、王小花：", "起未到校，经劝返3次仍未返校", "第十一条")
    holds(page, "请于2026年10月19日（星期一）前送李㛃到某镇二中上课", "不是责令限期改正的决定", "回执", "监护人签名")
    assert "行政复议" not in page


def test_the_record_of_criticism_has_rooms_for_both_signatures() -> None:
    (page,) = pages(PaperLayout.CRITICISM_RECORD, papers.criticism_record())
    holds(
        page,
        "批评教育记录",
        "2026年10月12日（星期一）",
        "下村村委会",
        "批评教育人",
        "镇干部甲、镇干部乙",
        "孩子不愿上学。",
    )
    holds(page, "第五十八条", "监护人签名", "以上记录我已看过", "记录人签名")


def test_a_list_of_materials_ticks_what_is_there_and_names_what_is_missing() -> None:
    (page,) = pages(PaperLayout.SUIT_MATERIALS, papers.material_list())
    holds(
        page,
        "民事起诉材料清单",
        "某镇人民政府",
        "学生：李㛃",
        "限期通知书",
        "某镇限返〔2026〕3号",
        "√",
        "尚缺：民事起诉状。",
    )
    assert page.split("说明：")[0].count("√") == 1


def test_a_blank_receipt_leaves_every_way_of_service_open_and_a_filled_one_ticks_its_own_alone() -> None:
    _, blank, filled = pages(
        PaperLayout.ORDER, papers.order(), receipts=(papers.receipt(), papers.receipt(method="direct"))
    )
    ways = "□直接送达□同住成年家属代收□留置送达（见证人）□留置送达（拍照录像）□邮寄送达"
    holds(blank, ways, "是否同住成年家属：□是")
    assert "√" not in blank
    holds(filled, ways.replace("□", "√", 1))
    assert filled.count("√") == 1


def test_each_guardian_has_a_receipt_on_a_page_of_its_own() -> None:
    both = (papers.receipt(method="left_with_witness"), papers.receipt(addressee="王小花"))
    found = pages(PaperLayout.ORDER, papers.order(), receipts=both)
    assert len(found) == 3
    holds(found[1], "送达回证", "受送达人李大山", "√留置送达（见证人）")
    holds(found[2], "送达回证", "受送达人王小花")
    for page in found[1:]:
        holds(
            page,
            "送达文书名称及文号",
            "《限期返校通知书》",
            "份数",
            "与学生关系",
            "李㛃的父亲",
            "送达地点",
            "送达方式",
        )
        holds(
            page,
            "直接送达",
            "留置送达（见证人）",
            "留置送达（拍照录像）",
            "邮寄送达",
            "电子送达",
            "委托送达",
            "公告送达",
        )
        holds(page, "送达时间", "年月日时分", "受送达人签名或盖章", "代收人签名及关系", "是否同住成年家属")
        holds(page, "拒收事由和日期", "见证人签名", "送达人签名（二人）", "拍照、录像编号", "备注", "未成年人不得代收")


@pytest.mark.parametrize("each", [form for form in forms() if form.layout == PaperLayout.ORDER], ids=lambda f: f.title)
def test_the_seal_of_an_order_stands_on_the_page_of_its_text(each: PaperForm) -> None:
    data = pdf.render(template(each.layout), fill(each, papers.order()), base=BASE)
    assert len(PdfReader(io.BytesIO(data)).pages) == 1


RARE = "欧阳䶮㛃𬱖·阿卜杜拉"
FAR = "某某壮族自治县云溪镇柳树村民委员会第十二村民小组（大坪自然村）三百二十一号附二号出租房二单元"
FILLED = replace(
    papers.receipt(addressee=RARE, method="adult_relative"),
    place=FAR,
    served_at="2026年12月23日16时45分",
    deadline="2026年12月26日（星期六）",
    deputy=RARE,
    deputy_relation="妻",
    lives_together=True,
    signed_on="2026年12月23日",
    refusal="受送达人称孩子自己不愿上学，拒绝签字" * 3,
    witness=f"{RARE}（{FAR}）",
    server_names=("丁一", "王二"),
    remark="此前送达未成3次：" + "、".join(["2026年12月20日拒收（拒绝开门）"] * 3),
    recorded="丁一 2026-12-23 17:00",
)


@pytest.mark.parametrize(
    ("layout", "facts"),
    [
        (PaperLayout.TOWNSHIP_RECORD, replace(papers.township_record(count=5), name=RARE, address=FAR)),
        (PaperLayout.ENROLMENT_RECORD, replace(papers.enrolment_record(count=5), name=RARE, address=FAR)),
        (PaperLayout.POSTPONEMENT_FORM, papers.postponement_form(name=RARE, address=FAR, hukou=FAR, reason="病" * 60)),
        (PaperLayout.SCHOOL_RECORD, replace(papers.school_record(), name=RARE, address=FAR)),
        (PaperLayout.REPORT_SLIP, replace(papers.report_slip(), name=RARE, village=FAR)),
        (PaperLayout.SITUATION_REPORT, replace(papers.situation_report(), name=RARE, address=FAR, hukou=FAR)),
        (PaperLayout.ORDER, replace(papers.order(guardian=RARE), student=RARE)),
        (PaperLayout.URGING, papers.advice(student=RARE, to=f"{RARE}、{RARE}", report_at=FAR)),
        (PaperLayout.PROPOSAL, papers.advice(student=RARE, guardians=f"父亲 {RARE}；母亲 {RARE}；监护人 {RARE}")),
        (PaperLayout.CRITICISM_RECORD, papers.criticism_record(student=RARE, statement="孩子不愿上学，" * 40)),
        (PaperLayout.DEMAND, papers.demand(student=RARE, guardian=RARE, school=FAR)),
        (PaperLayout.RECEIPT, FILLED),
        (PaperLayout.WITHDRAWAL, replace(papers.letter(), student=RARE, reason="核实情况" * 40)),
        (
            PaperLayout.CORRECTION,
            replace(papers.letter(corrects=True), student=RARE, wrong="原" * 200, right="改" * 200),
        ),
    ],
    ids=lambda value: value.value if isinstance(value, PaperLayout) else "",
)
def test_a_long_rare_name_and_a_far_address_keep_every_paper_on_one_page(layout: PaperLayout, facts: Facts) -> None:
    (page,) = pages(layout, facts)
    assert RARE in page
