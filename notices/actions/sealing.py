"""用印 is put on record: which seal, on which issued paper, by whom, when, how many copies (clauses 50)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from agencies import audit
from agencies.choices import Verb
from agencies.rules.calendar import dated
from agencies.rules.refusals import FieldSentence
from agencies.scope import Actor
from notices.actions.papers import PaperRefusedError, lock, maker_of, note, require_acting
from notices.choices import NoticeState, PaperLayout
from notices.models import Notice, Seal
from notices.queries.papers import layout_of
from notices.rules.issuers import making


@dataclass(frozen=True, slots=True)
class NewSeal:
    """What the form says: the seal, the day, the copies, who set it and who allowed it."""

    name: str
    sealed_on: date
    copies: int
    sealed_by: str
    approved_by: str
    note: str = ""


def record_seal(*, by: Actor, notice: Notice, said: NewSeal, token: str, now: datetime) -> Seal:
    """One entry of the seal register, by the unit that issued the paper; the same token gives the same entry.

    Raises PaperRefusedError with what is wrong, PermissionDenied.
    """
    _require(by, notice)
    with transaction.atomic():
        lock(notice)
        if token and (twin := Seal.objects.filter(notice=notice, token=token).first()):
            return twin
        _check(notice, said, now)
        seal = Seal.objects.create(
            notice=notice,
            unit=notice.unit,
            name=said.name.strip()[:60],
            sealed_on=said.sealed_on,
            copies=said.copies,
            sealed_by=said.sealed_by.strip()[:60],
            approved_by=said.approved_by.strip()[:60],
            note=said.note.strip()[:100],
            recorded_at=now,
            recorded_name=by.name,
            token=token[:40],
        )
        note(by=by, verb=Verb.PAPER_SEALED, notice=notice, now=now, seal=seal.pk, copies=said.copies)
    return seal


def _require(by: Actor, notice: Notice) -> None:
    maker = maker_of(notice)
    require_acting(by, notice, making(maker))


def _check(notice: Notice, said: NewSeal, now: datetime) -> None:
    if layout_of(notice) == PaperLayout.RECEIPT:
        raise PaperRefusedError(["送达回证由送达人签名，不登记用印。"])
    if notice.state != NoticeState.ISSUED:
        raise PaperRefusedError([f"这份文书是“{notice.get_state_display()}”，签发之后才能用印。"])
    if said.sealed_on > now.date():
        raise PaperRefusedError(
            [FieldSentence(f"用印日期{dated(said.sealed_on)}晚于今天，请填写实际日期。", "sealed_on")]
        )
    if notice.issued_on and said.sealed_on < notice.issued_on:
        raise PaperRefusedError(
            [FieldSentence(f"用印日期早于签发日期{dated(notice.issued_on)}，请核对：先签发，后用印。", "sealed_on")]
        )


def strike_seal(*, by: Actor, seal: Seal, why: str, now: datetime) -> None:
    """Cross a wrong entry out with a reason; it stays on record, the right one is entered anew."""
    _require(by, seal.notice)
    if not why.strip():
        raise PaperRefusedError(["请写明更正理由。"])
    with transaction.atomic():
        won = Seal.objects.filter(pk=seal.pk, superseded_at__isnull=True).update(
            superseded_at=now, superseded_by=by.name, superseded_why=why.strip()[:200]
        )
        if not won:
            raise PaperRefusedError(["这条用印登记已经更正过了，请刷新页面。"])
        note(by=by, verb=Verb.PAPER_SEALED, notice=seal.notice, now=now, struck=seal.pk)


def note_seals_exported(*, by: Actor, count: int, asked: dict[str, str], now: datetime) -> None:
    """One audit row for a seal register that leaves: what it was narrowed by, number of rows."""
    with transaction.atomic():
        audit.record(
            by=by,
            verb=Verb.LEDGER_EXPORTED,
            kind="ledger",
            object_id="seals",
            now=now,
            detail={"rows": count, "form": "xlsx", **asked},
        )
