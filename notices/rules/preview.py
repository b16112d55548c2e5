"""The facts of a paper line by line for the screen, covered where the paper prints them whole."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from notices.rules.asking import Advice, CriticismRecord
from notices.rules.demanding import Demand
from notices.rules.facts import Facts
from notices.rules.materials import MaterialList
from notices.rules.papers import Letter, Order, day_text
from notices.rules.told import Line
from students.rules.masks import mask_address, mask_number, mask_phone

_PHONE = re.compile(r"[\d-]{5,}")


def _phones(text: str) -> str:
    """Every telephone number of a text covered, the names beside them whole."""
    return _PHONE.sub(lambda found: mask_phone(found[0]), text)


_LABELS: Mapping[str, str] = {
    "government": "主送",
    "guardian": "监护人",
    "relation": "与学生关系",
    "student": "学生",
    "name": "学生",
    "sex": "性别",
    "birth_month": "出生年月",
    "birth_date": "出生日期",
    "id_number": "身份证号",
    "student_number": "学籍号",
    "school": "学校",
    "grade_class": "年级班",
    "phone": "联系电话",
    "hukou": "户籍地",
    "address": "住址",
    "village": "村（社区）",
    "reason": "原因",
    "to": "致",
    "situation": "情况",
    "report_by": "请于何日前到校",
    "report_at": "到校地点",
    "on": "日期",
    "place": "地点",
    "by": "批评教育人",
    "statement": "监护人陈述",
    "order": "所催告的通知书",
    "order_on": "通知书日期",
    "order_served_on": "通知书送达",
    "order_deadline": "通知书限期",
    "whereabouts": "去向",
    "entry_due": "应入学时间",
    "guardians": "监护人",
    "first_day": "缓学自",
    "last_day": "缓学至",
    "proof": "证明材料",
    "absent_from": "旷课日期",
    "absent_time": "旷课时间",
    "first_absent": "首次未到校",
    "absent_since": "自何日起未到校",
    "absent_days": "累计未到校日数",
    "persuasions": "已劝返次数",
    "criticised_on": "批评教育",
    "teachers": "劝返教师",
    "persuaded_on": "劝返时间",
    "guardian_attitude": "家长态度",
    "student_attitude": "学生态度",
    "methods": "方法及措施",
    "effect": "劝返效果",
    "visits": "劝返记录",
    "calls": "电话记录",
    "village_help": "村（社区）协助",
    "school_opinion": "学校意见",
    "result": "动员结果",
    "issuer": "签发机关",
    "planned_service": "计划送达",
    "deadline": "限期届满",
    "contact": "联系人",
    "addressees": "主送",
    "paper_title": "涉及文书",
    "paper_number": "原文号",
    "paper_on": "原文书日期",
}
# What a field is called on one paper only: who is criticised stands beside the whole family.
_OWN_LABELS: Mapping[tuple[type, str], str] = {(CriticismRecord, "guardian"): "批评教育对象"}
_COVER: Mapping[str, Callable[[str], str]] = {
    "id_number": mask_number,
    "student_number": mask_number,
    "phone": _phones,
    "guardians": _phones,
    "address": mask_address,
    "hukou": mask_address,
}


def preview(facts: Facts) -> tuple[Line, ...]:
    """The facts line by line for the screen: what stands whole on the paper is covered here."""
    if isinstance(facts, MaterialList):
        return _material_lines(facts)
    lines = []
    for item in fields(facts):
        value = getattr(facts, item.name)
        label = _OWN_LABELS.get((type(facts), item.name)) or _LABELS.get(item.name)
        if label is None or isinstance(value, bool):
            continue
        cover = _cover_of(facts, item.name)
        text = _shown(value)
        lines.append(Line(label, cover(text) if cover else text, covered=cover is not None))
    return tuple(lines)


def _cover_of(facts: Facts, name: str) -> Callable[[str], str] | None:
    """What covers a field; the telephone of an office that writes is no secret, that of a family is."""
    if isinstance(facts, Order | Demand | Letter) or (isinstance(facts, Advice) and name == "phone"):
        return None
    return _COVER.get(name)


def _material_lines(facts: MaterialList) -> tuple[Line, ...]:
    return tuple(Line(row.name, ("√ " if row.held else "缺　") + row.found) for row in facts.rows)


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, tuple):
        if value and isinstance(value[0], str):
            return "、".join(value)
        return f"{len(value)} 次" if value else ""
    return "" if value is None else str(value)
