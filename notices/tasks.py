"""The long work of notices: ledgers exported, papers signed and finished; a second run changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from agencies.actions.jobs import advance
from agencies.actions.running import JobRefusedError
from agencies.choices import Permission
from agencies.models import Job, User
from agencies.scope import Actor
from agencies.xlsx import TooManyRowsError
from notices.actions import bulk, exports
from notices.actions.issuing import finish_stuck
from notices.actions.reporting import finish_stuck_reports
from notices.ledgers.adopted import Kept, kept_by, sheet_of, units_for
from notices.queries.ledgers import row_ids
from students.queries.imports import starter_of

# So many refusals are quoted.
SHOWN = 10


def export_ledger(job: Job, by: Actor) -> dict[str, Any]:
    """Write the file of a ledger for whoever asked, with the rights of today."""
    try:
        actor = starter_of(job, timezone.localdate())
    except User.DoesNotExist as error:
        raise JobRefusedError("发起导出的账号已停用。请由在岗人员重新导出。") from error
    said = job.payload
    kept = _kept(actor, said)
    unit = next((row for row in units_for(actor, kept) if row.pk == said["unit"]), None)
    if unit is None:
        raise JobRefusedError("您的岗位已变动，不能再导出这个单位的台账。")
    if said["full"] and not actor.can_at(Permission.EXPORT_FULL_IDENTITY, unit.path):
        raise JobRefusedError("您的岗位已变动，不能再导出完整身份信息。请按遮盖信息导出。")
    first, last = exports.period_of(said)
    wanted = kept.wanted(actor, unit, first, last)
    ids = row_ids(kept.ledger.kind.key, wanted)

    def report(done: int) -> None:
        # A PDF is laid out in one piece once its rows are read, and that takes nearly all the time: no share is known.
        laid_out = said["form"] == "pdf" and done == len(ids)
        step, total = (f"共 {done} 行，正在排版", 0) if laid_out else ("正在生成台账", len(ids))
        advance(by=by, job=job, done=done, total=total, now=timezone.now(), step=step)

    report(0)
    made = sheet_of(
        kept,
        wanted,
        ids,
        on=timezone.localdate(),
        full=said["full"],
        restricted=actor.can(Permission.SEE_RESTRICTED),
        said=report,
    )
    try:
        job.file = exports.write_file(made, said["form"], f"ledger-{job.pk}.{said['form']}")
    except TooManyRowsError as error:
        raise JobRefusedError(str(error)) from error
    job.file_name = exports.Export(kept, wanted, said["form"], said["full"]).file_name
    return {"text": f"{kept.ledger.title}共 {len(ids)} 行，文件保留7天。", "label": "下载台账"}


def _kept(actor: Actor, said: dict[str, Any]) -> Kept:
    wanted = (said["ledger"], said["version"], said["adopted_at"])
    for kept in kept_by(actor, timezone.localdate()):
        if (kept.ledger.key, kept.version.pk, kept.unit.pk) == wanted:
            return kept
    raise JobRefusedError("这本台账已不在现行方案中，或您的岗位已变动。请从台账页重新导出。")


def sweep_papers(job: Job, by: Actor) -> dict[str, Any]:
    """Finish or void the papers that were numbered and never made, letters of schools first."""
    now = datetime.fromisoformat(job.payload["now"])
    letters = finish_stuck_reports(by=by, now=now)
    finished, voided = finish_stuck(by=by, now=now)
    return {"finished": finished + letters, "voided": voided}


def sign_papers(job: Job, by: Actor) -> dict[str, Any]:
    """Sign many drafts out for whoever asked; the merged file is theirs to print."""
    try:
        actor = starter_of(job, timezone.localdate())
    except User.DoesNotExist as error:
        raise JobRefusedError("发起签发的账号已停用。请由在岗人员重新签发。") from error
    ids = list(job.payload["notices"])

    def report(done: int) -> None:
        advance(by=by, job=job, done=done, total=len(ids), now=timezone.now(), step="正在签发")

    report(0)
    signed = bulk.sign_many(by=actor, notice_ids=ids, now=timezone.localtime(), said=report)
    if not signed.count:
        raise JobRefusedError("没有签发：" + "；".join(signed.refused[:SHOWN]))
    job.file = bulk.keep_merged(signed.merged, f"papers-{job.pk}.pdf")
    job.file_name = f"批量签发{signed.count}份.pdf"
    rest = f"；{len(signed.refused)}份没有签发：" + "；".join(signed.refused[:SHOWN]) if signed.refused else ""
    return {"text": f"已签发 {signed.count} 份{rest}", "label": "下载合并PDF"}
