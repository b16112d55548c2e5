"""Says in Chinese what an audit row is about: kinds of objects, and the details kept with an act."""

from collections.abc import Mapping
from typing import Any, Final

KINDS: Final[dict[str, str]] = {
    "accounts": "账号",
    "calendar": "校历",
    "case": "个案",
    "class": "班级",
    "correction": "考勤更正",
    "county": "县",
    "event": "办理",
    "filter": "筛选",
    "import": "导入",
    "job": "任务",
    "leave": "请假",
    "ledger": "台账",
    "notice": "文书",
    "policy": "方案",
    "post": "岗位",
    "roll": "考勤",
    "student": "学生",
    "unit": "机构",
    "user": "账号",
}
_NAMES: Final[dict[str, str]] = {
    "absent": "缺课人数",
    "approved": "同意",
    "cases": "个案",
    "changed": "更改项数",
    "children": "学生人数",
    "day": "日期",
    "digest": "校验值",
    "event": "办理",
    "field": "栏目",
    "fields": "栏目",
    "from": "起（原）",
    "key": "代号",
    "kind": "类别",
    "last_day": "止",
    "lessons": "课时",
    "name": "名称",
    "on": "日期",
    "origin": "来源",
    "outcome": "结果",
    "own_device": "本人设备",
    "page": "页面",
    "person": "责任人",
    "policy": "方案",
    "posts": "岗位",
    "proof": "依据",
    "reason": "理由",
    "removed": "撤回",
    "role": "岗位",
    "settings": "文书信息",
    "status": "状态",
    "step": "步骤",
    "to": "止（新）",
    "user": "账号",
    "version": "版本",
    "what": "内容",
    "why": "理由",
    "years": "年度",
}


def kind_name(kind: str) -> str:
    """The kind of object as the page shows it; an unknown one as it stands."""
    return KINDS.get(kind, kind)


def detail_text(detail: Mapping[str, Any]) -> str:
    """类别：term；起（原）：2026-09-01 …; unknown keys as they stand."""
    return "；".join(f"{_NAMES.get(key, key)}：{_said(value)}" for key, value in detail.items())


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_said(item) for item in value)
    return "无" if value is None else str(value)
