"""Invented facts of papers for tests."""

from datetime import date
from typing import Any

from notices.choices import PaperLayout
from notices.rules.asking import Advice, CriticismRecord
from notices.rules.demanding import Demand
from notices.rules.facts import Facts
from notices.rules.materials import Material, MaterialList
from notices.rules.papers import (
    Contact,
    EnrolmentRecord,
    Letter,
    Order,
    PostponementForm,
    Receipt,
    ReportSlip,
    SchoolRecord,
    SituationReport,
    TownshipRecord,
    Visit,
)
from notices.rules.report_letter import ChildList, Figure, ListColumn, ReportLetter, term_words


def visits(count: int) -> tuple[Visit, ...]:
    return tuple(Visit(n, date(2026, 10, 11 + n), f"第{n}回入户，家长在场。", "干事丁") for n in range(1, count + 1))


def township_record(*, count: int = 2, groups: tuple[str, ...] = ("低保", "残疾")) -> TownshipRecord:
    return TownshipRecord(
        county="某县",
        township="均安镇",
        name="赵䶮",
        sex="男",
        birth_month="2013年5月",
        guardian="赵大山",
        school="某县第六中学",
        grade="八",
        class_name="3",
        address="均安镇上村三组12号",
        phone="13800005678",
        groups=groups,
        reason="厌学外出",
        absent_from=date(2026, 9, 28),
        visits=visits(count),
        result="返校",
    )


def enrolment_record(*, count: int = 2) -> EnrolmentRecord:
    return EnrolmentRecord(
        county="某县",
        township="均安镇",
        name="赵䶮",
        sex="男",
        birth_month="2018年5月",
        guardian="赵大山、王小花",
        address="均安镇上村三组12号",
        phone="13800005678、13800005679",
        groups=("低保",),
        reason="随父母在外务工，未办入学",
        visits=visits(count),
        result="入学",
    )


def postponement_form(**changes: str) -> PostponementForm:
    said = {
        "name": "赵䶮",
        "sex": "男",
        "birth_month": "2020年5月",
        "id_number": "350425202005120012",
        "entry_due": "2026年9月",
        "hukou": "均安镇上村",
        "address": "均安镇上村三组12号",
        "guardians": "父亲 赵大山（13800005678）；母亲 王小花（13800005679）",
        "school": "均安镇中心小学",
        "reason": "先天性心脏病术后，医嘱休养。",
        "proof": "县医院诊断证明",
        "first_day": "2026年9月1日",
        "last_day": "2027年8月31日",
        "township": "均安镇人民政府",
        "bureau": "某县教育局",
    }
    return PostponementForm(**{**said, **changes})


def school_record() -> SchoolRecord:
    return SchoolRecord(
        school="某县第六中学",
        name="赵䶮",
        sex="男",
        birth_month="2013年5月",
        grade_class="八年级3班",
        guardian="赵大山",
        reason="厌学外出",
        whereabouts="随亲戚到县城",
        absent_time="2026年9月28日起",
        address="均安镇上村三组12号",
        phone="13800005678",
        teachers="林老师、王老师",
        by_phone=True,
        by_visit=False,
        persuaded_on="2026年9月30日（星期三）",
        family="随祖母生活。",
        guardian_attitude="愿意配合。",
        student_attitude="不愿上学。",
        methods="结对补课。",
        effect="答应返校。",
    )


def report_slip(*, reason: str = "厌学外出") -> ReportSlip:
    return ReportSlip(
        government="均安镇人民政府",
        school="某县第六中学",
        grade="八",
        class_name="3",
        name="赵䶮",
        reason=reason,
        village="上村",
        guardian="赵大山",
        phone="13800005678",
        on=date(2026, 10, 12),
    )


def situation_report() -> SituationReport:
    return SituationReport(
        school="某镇二中",
        government="某镇人民政府",
        name="李㛃",
        sex="女",
        birth_date=date(2012, 3, 4),
        id_number="360222201506300046",
        student_number="G360222201506300046",
        grade_class="八年级1班",
        guardian="李大山",
        phone="13900001234",
        hukou="某镇下村",
        address="某镇下村5组",
        village="下村",
        first_absent=date(2026, 9, 28),
        absent_days="5",
        reason="厌学外出",
        whereabouts="在家",
        calls=(Contact(date(2026, 9, 28), "班主任", "接通"),),
        visits=(Contact(date(2026, 9, 30), "班主任、德育处", "祖母接待"),),
        village_help="村书记入户核查。",
        guardians="父亲 李大山（13900001234）；母亲 王小花（13900001235）",
        school_opinion="请镇政府督办。",
        principal="校长甲",
        on=date(2026, 10, 12),
    )


def order(*, deadline: date = date(2026, 10, 16), guardian: str = "李大山") -> Order:
    return Order(
        number="某镇限返〔2026〕3号",
        guardian=guardian,
        relation="父亲",
        student="李㛃",
        school="某镇二中",
        grade_class="八年级1班",
        absent_since=date(2026, 9, 28),
        persuasions=3,
        criticised_on=date(2026, 10, 12),
        deadline=deadline,
        deadline_days=3,
        planned_service=date(2026, 10, 13),
        issuer="某镇人民政府",
        issued_on=date(2026, 10, 12),
        contact="镇民生服务办",
        phone="0798-0000000",
    )


def receipt(*, addressee: str = "李大山", method: str = "") -> Receipt:
    return Receipt(
        number="某镇送回〔2026〕3号",
        document_title="限期返校通知书",
        document_number="某镇限返〔2026〕3号",
        copies=1,
        addressee=addressee,
        relation="父亲",
        student="李㛃",
        issuer="某镇人民政府",
        method=method,
    )


def advice(*, to: str = "李大山、王小花", **changes: str) -> Advice:
    said = {
        "number": "某中劝函〔2026〕2号",
        "student": "李㛃",
        "school": "某镇二中",
        "grade_class": "八年级1班",
        "guardians": "父亲 李大山（13900001234）；母亲 王小花（13900001235）",
        "situation": "自2026年9月28日（星期一）起未到校，经劝返3次仍未返校",
        "report_at": "某镇二中",
        "issuer": "某镇二中",
        "contact": "教务处",
        "phone": "0798-0000000",
    }
    days = {"report_by": date(2026, 10, 19), "issued_on": date(2026, 10, 12)}
    return Advice(to=to, **{**said, **changes}, **days)


def criticism_record(**changes: Any) -> CriticismRecord:
    said = {
        "issuer": "某镇人民政府",
        "guardian": "李大山",
        "student": "李㛃",
        "school": "某镇二中",
        "guardians": "父亲 李大山（13900001234）",
        "grade_class": "八年级1班",
        "place": "下村村委会",
        "situation": "自2026年9月28日（星期一）起未到校，经劝返3次仍未返校",
        "on": date(2026, 10, 12),
        "by": "镇干部甲、镇干部乙",
        "statement": "孩子不愿上学。",
        "signed": False,
    }
    return CriticismRecord(**{**said, **changes})


def demand(**changes: Any) -> Demand:
    said = {
        "number": "某镇催〔2026〕1号",
        "guardian": "李大山",
        "relation": "父亲",
        "student": "李㛃",
        "school": "某镇二中",
        "grade_class": "八年级1班",
        "order": "《限期返校通知书》（某镇限返〔2026〕3号）",
        "order_on": date(2026, 10, 12),
        "order_served_on": date(2026, 10, 13),
        "order_deadline": date(2026, 10, 16),
        "deadline": date(2026, 11, 3),
        "planned_service": date(2026, 10, 20),
        "issuer": "某镇人民政府",
        "issued_on": date(2026, 10, 20),
        "contact": "镇民生服务办",
        "phone": "0798-0",
    }
    return Demand(**{**said, **changes})


def material_list() -> MaterialList:
    order = "《限期返校通知书》某镇限返〔2026〕3号（2026年10月12日，送达李大山2026年10月13日，1页）"
    return MaterialList(
        issuer="某镇人民政府",
        student="李㛃",
        school="某镇二中八年级1班",
        guardians="父亲 李大山",
        on=date(2026, 10, 20),
        rows=(
            Material("民事起诉状", "民事诉讼法第一百二十三条", "", held=False),
            Material("限期通知书", "义务教育法第五十八条", order, held=True),
        ),
    )


def letter(*, corrects: bool = False, paper_number: str = "") -> Letter:
    return Letter(
        number="某中撤函〔2026〕1号",
        addressees=("某镇人民政府", "某县教育局"),
        paper_title="义务教育阶段学生辍学情况报告单",
        paper_number=paper_number,
        paper_on=date(2026, 10, 12),
        student="李㛃",
        school="某镇二中",
        reason="该生9月29日实际到校，考勤登记有误。",
        wrong="累计未到校5日" if corrects else "",
        right="累计未到校4日" if corrects else "",
        issuer="某镇二中",
        issued_on=date(2026, 10, 15),
        contact="教务处",
        phone="0798-0000000",
    )


def report_letter(*, count: int = 2) -> ReportLetter:
    """A school's letter about some children, its list with three columns."""
    heads = (("姓名", 10.0), ("去向", 30.0), ("备注", 12.0))
    return ReportLetter(
        number="某中报〔2026〕1号",
        to="某县教育局、某镇人民政府",
        school="某镇二中",
        term=term_words(date(2026, 9, 1)),
        counted_on=date(2026, 10, 12),
        figures=(Figure("在籍学生", "812人"), Figure("应到", "—")),
        more="本学期转入2人。",
        children=ChildList(
            title="学生失学辍学信息报告（花名册）",
            paper="A3",
            unit_line="填报单位（盖章）：某镇二中",
            date_line="填报日期：2026年10月12日",
            columns=tuple(ListColumn(head, "", width, "center") for head, width in heads),
            rows=tuple((f"李㛃{row}", "随父外出", "") for row in range(count)),
            notes=("1．逐人核实。",),
            signatures=("核查人：", "填写人：", "审核人（校长）："),
        ),
        issuer="某镇二中",
        issued_on=date(2026, 10, 12),
        contact="教务处",
        phone="0798-0000000",
    )


def all_facts() -> dict[PaperLayout, Facts]:
    """Facts of every layout."""
    return {
        PaperLayout.TOWNSHIP_RECORD: township_record(),
        PaperLayout.ENROLMENT_RECORD: enrolment_record(),
        PaperLayout.POSTPONEMENT_FORM: postponement_form(),
        PaperLayout.SCHOOL_RECORD: school_record(),
        PaperLayout.REPORT_SLIP: report_slip(),
        PaperLayout.SITUATION_REPORT: situation_report(),
        PaperLayout.REPORT_LETTER: report_letter(),
        PaperLayout.ENTRY_NOTICE: advice(),
        PaperLayout.URGING: advice(),
        PaperLayout.PROPOSAL: advice(to="某镇人民政府"),
        PaperLayout.CRITICISM_RECORD: criticism_record(),
        PaperLayout.ORDER: order(),
        PaperLayout.DEMAND: demand(),
        PaperLayout.SUIT_MATERIALS: material_list(),
        PaperLayout.ENFORCEMENT_MATERIALS: material_list(),
        PaperLayout.RECEIPT: receipt(),
        PaperLayout.WITHDRAWAL: letter(),
        PaperLayout.CORRECTION: letter(corrects=True),
    }
