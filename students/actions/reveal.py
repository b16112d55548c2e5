"""What is covered is shown whole, and the looking is put on record."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.rules.numbers import whole
from agencies.scope import Actor
from students.models import Guardian, Student
from students.rules.sent import plain

# What can be looked at, and what the page calls it; of a guardian the key is followed by its id (phone-17).
OF_CHILD = {
    "document_number": "证件号",
    "record_number": "学籍号",
    "residence_address": "现住址",
    "hukou_address": "户籍地址",
}
OF_GUARDIAN = {"phone": "电话", "spare_phone": "备用电话", "document_number": "证件号", "address": "住址"}
SHORTEST_REASON, LONGEST_REASON = 2, 60


def reveal(*, by: Actor, student: Student, field: str, reason: str, now: datetime) -> str:
    """The whole value of one field (`phone-17`: of guardian 17); one audit row with the reason, never the value.

    ValueError with a Chinese sentence for a missing reason or an unknown field; PermissionDenied without VIEW_CHILD.
    """
    by.require(Permission.VIEW_CHILD)
    reason = plain(reason)
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise ValueError(f"请写明查看理由（{SHORTEST_REASON}至{LONGEST_REASON}字），例如“家访前联系家长”。")
    value = _value(student, field)
    _record(by, student, now, {"field": field, "reason": reason})
    return value


def note_phones_shown(*, by: Actor, student: Student, now: datetime) -> None:
    """Record that the family's numbers stood whole on the child's page, for who owes a duty on the child.

    Source: 未成年人网络保护条例 art. 36.
    """
    _record(by, student, now, {"page": "child", "what": "phone", "basis": "open_duty"})


def _record(by: Actor, student: Student, now: datetime, detail: dict[str, str]) -> None:
    with transaction.atomic():
        audit.record(
            by=by,
            verb=Verb.IDENTITY_REVEALED,
            kind="student",
            object_id=student.pk,
            child=student.number,
            now=now,
            detail=detail,
        )


def _value(student: Student, field: str) -> str:
    if field in OF_CHILD:
        return str(getattr(student, field))
    name, _, pk = field.partition("-")
    if name in OF_GUARDIAN and (guardian := Guardian.objects.filter(student=student, pk=whole(pk) or 0).first()):
        return str(getattr(guardian, name))
    raise ValueError("没有这一项信息，请刷新页面后重试。")
