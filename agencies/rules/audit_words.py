"""Says in Chinese what an audit row is about: kinds of objects, and the details kept with an act."""

from collections.abc import Mapping
from typing import Any, Final

KINDS: Final[dict[str, str]] = {
    "calendar": "校历",
    "case": "个案",
    "class": "班级",
    "correction": "考勤更正",
    "filter": "筛选",
    "import": "导入",
    "job": "任务",
    "leave": "请假",
    "ledger": "台账",
    "notice": "文书",
    "policy": "方案",
    "post": "岗位",
    "proof": "材料",
    "student": "学生",
    "unit": "机构",
    "unit_report": "失学辍学信息报告",
    "unit_duty": "单位任务",
    "user": "账号",
}
_NAMES: Final[dict[str, str]] = {
    "absent": "缺课人数",
    "acting": "承办单位",
    "after": "新名称",
    "approved": "同意",
    "basis": "凭据",
    "before": "原名称",
    "cases": "个案",
    "changed": "更改项数",
    "children": "学生人数",
    "day": "日期",
    "digest": "校验值",
    "event": "办理",
    "field": "栏目",
    "fields": "栏目",
    "file": "文件",
    "form": "格式",
    "from": "起",
    "full": "完整身份信息",
    "into": "并入（划归）",
    "issuer": "签发单位",
    "key": "代号",
    "kind": "类别",
    "last_day": "止",
    "lessons": "课时",
    "method": "送达方式",
    "name": "名称",
    "number": "文号",
    "of": "所属登记",
    "on": "日期",
    "origin": "来源",
    "outcome": "结果",
    "own_device": "本人设备",
    "page": "页面",
    "paper": "文书",
    "part": "时段",
    "partly": "部分写入",
    "period": "本期首日",
    "person": "责任人",
    "plan": "方案",
    "plan_after": "改用方案",
    "plan_before": "原用方案",
    "policy": "方案",
    "posts": "岗位",
    "posts_ended": "结束岗位数",
    "posts_kept": "随转岗位数",
    "proof": "依据",
    "purpose": "用途",
    "reason": "理由",
    "register": "整班点名",
    "removed": "撤回",
    "result": "结果",
    "role": "岗位",
    "rows": "行数",
    "settings": "文书信息",
    "sha256": "校验值",
    "size": "字节数",
    "status": "状态",
    "step": "步骤",
    "taken_back": "撤回的办理",
    "to": "止",
    "user": "账号",
    "version": "版本",
    "what": "内容",
    "why": "理由",
    "years": "年度",
}


# What is read first; the rest follows by key, so that the order is the same on every database (jsonb keeps none).
_LEADING = {key: place for place, key in enumerate(("kind", "page", "event", "cases", "what", "day", "from", "to"))}


def kind_name(kind: str) -> str:
    """The kind of object as the page shows it; an unknown one as it stands."""
    return KINDS.get(kind, kind)


def detail_text(detail: Mapping[str, Any], codes: Mapping[str, Mapping[str, str]]) -> str:
    """类别：学期；起：2026-09-01 …; what is empty is left out, keys and codes nobody named stay as they stand.

    codes: of each key, the words for its codes ({"kind": {"term": "学期"}}).
    """
    ordered = sorted(detail.items(), key=lambda item: (_LEADING.get(item[0], len(_LEADING)), item[0]))
    said = ((key, _said(value, codes.get(key, {}))) for key, value in ordered)
    return "；".join(f"{_NAMES.get(key, key)}：{text}" for key, text in said if text)


def _said(value: Any, words: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_said(item, words) for item in value)
    if value is None:
        return "无"
    return "、".join(_word(part, words) for part in str(value).split(", "))


def _word(code: str, words: Mapping[str, str]) -> str:
    """The word for a code; phone-382 is the 电话 of person 382."""
    head, _, tail = code.partition("-")
    return words.get(code) or (f"{words[head]} {tail}" if head in words else code)
