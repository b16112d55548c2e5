"""The words for the codes the audit trail keeps, by the key they stand under; the page 审计 speaks Chinese."""

from __future__ import annotations

from typing import Final

from agencies.choices import CalendarKind, Role, UnitKind
from cases.choices import CaseOrigin, EventKind, Outcome
from notices.choices import ServiceMethod, ServiceResult
from students.actions.reveal import OF_CHILD, OF_GUARDIAN
from students.choices import EnrolmentStatus, LeaveKind, PartOfDay
from students.views.home import LABELS as HOME_FIELDS

# Kinds of jobs (config.jobs.RUNNERS).
JOBS: Final = {
    "accounts": "建立账号",
    "check_proofs": "核对照片、录音等材料",
    "clear": "清理过期结果文件",
    "discard_uploads": "清理过期上传",
    "import_apply": "写入学籍表",
    "import_check": "核对学籍表",
    "import_undo": "撤销导入",
    "ledger_export": "导出台账",
    "nightly": "夜间更新个案",
    "papers_issue": "批量签发文书",
    "papers_sweep": "补齐未完成的文书",
    "seal": "封存审计记录",
}
_FIELDS: Final = {**HOME_FIELDS, **OF_GUARDIAN, **OF_CHILD}

CODES: Final[dict[str, dict[str, str]]] = {
    "basis": {"open_duty": "有未办职责"},
    "event": dict(EventKind.choices),
    "field": _FIELDS,
    "fields": _FIELDS,
    "form": {"xlsx": "Excel", "pdf": "PDF"},
    "kind": dict(UnitKind.choices)
    | dict(CalendarKind.choices)
    | dict(EventKind.choices)
    | dict(LeaveKind.choices)
    | JOBS,
    "method": dict(ServiceMethod.choices),
    "origin": dict(CaseOrigin.choices),
    "outcome": dict(Outcome.choices),
    "page": {
        "case": "个案页",
        "child": "学生页",
        "event": "登记页",
        "plan": "一生一策",
        "queue": "劝返个案",
        "work": "今日工作",
    },
    "part": dict(PartOfDay.choices),
    "result": dict(ServiceResult.choices),
    "role": dict(Role.choices),
    "status": dict(EnrolmentStatus.choices),
    "what": _FIELDS,
}
