"""What the pages of papers share: the paper in sight, its state in words, where gaps are mended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from agencies.choices import Permission
from agencies.models import Unit
from agencies.rules.roles import may
from agencies.scope import Actor
from agencies.web import day_label, one_or_404
from cases.choices import EventKind
from cases.models import Case
from cases.rules.transitions import permissions_for
from cases.web import names_for
from notices.choices import NoticeState, PaperLayout, ServiceResult
from notices.ledgers.seals import struck_words
from notices.models import Notice, Seal, Service
from notices.queries.acting import acting_unit
from notices.queries.papers import READERS, layout_of, maker_layout, visible_papers
from notices.rules.issuers import (
    ADVICE,
    DRAFTING,
    ISSUING,
    LETTERS,
    MENDED_BY_LETTER,
    REPORTS,
    SERVED,
    is_served,
    making,
)
from notices.rules.told import Gap
from students.rules.masks import mask_name

_WAITING = {NoticeState.DRAFT: "拟稿待签发", NoticeState.NUMBERED: "已编号，待完成"}

_SIGN_LABELS = {
    **dict.fromkeys(ADVICE, "出具并登记"),
    **dict.fromkeys((*SERVED, *LETTERS), "签发"),
    **dict.fromkeys(REPORTS, "出具并报送"),
}

# A 送达回证 is made by the recording of service and lives with it.
_RECEIPTS = {
    NoticeState.DRAFT: ("待生成", "warn"),
    NoticeState.NUMBERED: ("正在生成", "warn"),
    NoticeState.ISSUED: ("已填制", "good"),
    NoticeState.VOID: ("已更正", ""),
    NoticeState.WITHDRAWN: ("已更正", ""),
}


def paper_or_404(actor: Actor, pk: int) -> Notice:
    """The paper where the actor sees the child, else 404."""
    found: Notice = one_or_404(visible_papers(actor), pk=pk)
    return found


def standing_services(notice: Notice) -> list[Service]:
    """The attempts that stand, oldest first (prefetched by the queries)."""
    return list(getattr(notice, "standing_services", ()))


def served(notice: Notice) -> Service | None:
    """The service that stands, or None."""
    return next((row for row in standing_services(notice) if row.result == ServiceResult.SERVED), None)


def sign_label(layout: PaperLayout) -> str:
    """The act that fixes a paper, as its button says it: an order is 签发, a report 报送, a record only 出具."""
    return _SIGN_LABELS.get(layout, "出具")


def done_words(layout: PaperLayout | None) -> str:
    """The same act when it is done (已出具并报送); what is still awaited, as 送达 or 签收, the page says itself."""
    return f"已{sign_label(layout) if layout else '出具'}"


def state_words(notice: Notice, layout: PaperLayout | None, *, received: bool = False) -> tuple[str, str]:
    """How a paper stands, in words and tone: 待送达, 已送达, 已报送待签收 …"""
    if layout == PaperLayout.RECEIPT:
        return _RECEIPTS[NoticeState(notice.state)]
    if notice.state != NoticeState.ISSUED:
        waiting = _WAITING.get(NoticeState(notice.state))
        return (waiting, "warn") if waiting else (str(notice.get_state_display()), "")
    if is_served(layout, to_guardian=bool(notice.addressee_id)):
        if done := served(notice):
            return f"已送达（{done.get_method_display()}）", "good"
        tried = len(standing_services(notice))
        return (f"送达未成{tried}次，待送达", "danger") if tried else ("已签发，待送达", "warn")
    if layout in REPORTS:
        return ("已报送，乡镇已签收", "good") if received else ("已报送，待乡镇签收", "warn")
    return "已出具", "good"


def holds(actor: Actor, unit: Unit, permissions: Iterable[Permission]) -> bool:
    """Whether one of the actor's posts at exactly this unit (or what it was merged into) carries one of these."""
    return actor.system or any(
        post.unit_id in unit.line and may(post.role, permission) for post in actor.posts for permission in permissions
    )


def paper_line(actor: Actor, notice: Notice, *, named: bool, received: bool, presumed: bool = False) -> dict[str, Any]:
    """One paper in a list: what it is, how it stands, what this reader can do with it."""
    layout = layout_of(notice)
    words, tone = state_words(notice, layout, received=received)
    addressee = notice.addressee_name if named else mask_name(notice.addressee_name)
    return {
        "pk": notice.pk,
        "title": notice.title,
        "number": notice.number,
        "addressee": addressee,
        "unit": notice.unit.label,
        "words": words,
        "tone": tone,
        "on": f"{day_label(notice.issued_on)}{sign_label(layout) if layout else ''}" if notice.issued_on else "",
        "about": f"《{notice.about.title}》{notice.about.number}" if notice.about else "",
        "deadline": day_label(notice.deadline_on) if layout in SERVED else "",
        "url": reverse("notices:notice", args=[notice.pk]),
        "acts": acts_of(actor, notice, layout, received=received, presumed=presumed),
    }


def acts_of(
    actor: Actor, notice: Notice, layout: PaperLayout | None, *, received: bool = False, presumed: bool = False
) -> list[dict[str, Any]]:
    """The doors and buttons of a paper for this reader, the next thing to do first; `presumed`: deemed received."""
    maker = maker_layout(notice)
    if layout is None or maker is None:
        return []
    acting = acting_unit(notice, actor)
    signs = holds(actor, acting, (ISSUING[maker],))
    makes = signs or holds(actor, acting, DRAFTING[maker])
    acts = _signing(notice) if signs else []
    if notice.state == NoticeState.ISSUED:
        acts += _after_issue(actor, notice, layout, received=received)
    if notice.sha256 and any(actor.can(permission) for permission in READERS):
        acts.append({"label": "打开PDF", "url": reverse("notices:pdf", args=[notice.pk]), "pdf": True})
    if makes and notice.state == NoticeState.ISSUED and layout != PaperLayout.RECEIPT:
        acts.append({"label": "登记用印", "url": reverse("notices:seal", args=[notice.pk])})
        acts += _mending(notice, layout)
    if (signs or (makes and notice.state == NoticeState.DRAFT)) and may_be_voided(
        notice, received=received or presumed
    ):
        acts.append({"label": "作废", "url": reverse("notices:void", args=[notice.pk])})
    return acts


def may_scan(actor: Actor, notice: Notice, maker: PaperLayout | None) -> bool:
    """Whether this reader may put the scan of the sealed paper to it: whoever prepares or signs such papers here."""
    if maker is None or notice.state != NoticeState.ISSUED:
        return False
    return holds(actor, acting_unit(notice, actor), making(maker))


def may_be_voided(notice: Notice, *, received: bool) -> bool:
    """Whether a paper can still be voided: what was served or received takes a letter, and so does a letter itself.

    `received` here is signed for or, by the plan, deemed so.
    """
    if notice.state in (NoticeState.VOID, NoticeState.WITHDRAWN) or served(notice) or received:
        return False
    return not notice.about_id or notice.state == NoticeState.DRAFT


def _post(notice: Notice, label: str, name: str, confirm: str) -> dict[str, Any]:
    return {"label": label, "url": reverse(name, args=[notice.pk]), "post": True, "confirm": confirm}


def _signing(notice: Notice) -> list[dict[str, Any]]:
    if notice.state == NoticeState.DRAFT:
        return [_post(notice, "签发", "notices:issue", f"签发后即编号，不能再改。确定签发《{notice.title}》？")]
    if notice.state == NoticeState.NUMBERED:
        return [_post(notice, "继续签发", "notices:issue", "继续完成签发，编号不变。")]
    return []


def _after_issue(actor: Actor, notice: Notice, layout: PaperLayout, *, received: bool) -> list[dict[str, Any]]:
    to_serve = is_served(layout, to_guardian=bool(notice.addressee_id)) and not served(notice)
    if to_serve and actor.can(Permission.RECORD_SERVICE):
        return [{"label": "登记送达", "url": reverse("notices:serve", args=[notice.pk])}]
    if layout in REPORTS and not received and actor.can(Permission.RECORD_TOWNSHIP_EVENT):
        return [_post(notice, "签收报告单", "notices:receive", "签收后，乡镇的办理期限从此起算。")]
    return []


def _mending(notice: Notice, layout: PaperLayout) -> list[dict[str, Any]]:
    """The letters that take an issued report or order back or correct it."""
    kinds = (PaperLayout.WITHDRAWAL, PaperLayout.CORRECTION) if layout in MENDED_BY_LETTER else ()
    return [
        {"label": f"出具{kind.label}", "url": reverse("notices:letter", args=[notice.pk, kind.value])}
        for kind in kinds
    ]


def seal_line(seal: Seal) -> dict[str, Any]:
    """One entry of the seal register as pages show it."""
    return {
        "pk": seal.pk,
        "on": day_label(seal.sealed_on),
        "name": seal.name,
        "copies": seal.copies,
        "sealed_by": seal.sealed_by,
        "approved_by": seal.approved_by,
        "recorded": f"{seal.recorded_name} {at_label(seal.recorded_at)}",
        "note": seal.note,
        "struck": struck_words(seal),
        "strike_url": reverse("notices:seal_strike", args=[seal.pk]),
    }


def mend_url(gap: Gap, case: Case, unit: Unit | None) -> str:
    """Where a gap is mended."""
    what, _, which = gap.mend.partition(":")
    if what == "event":
        return reverse("cases:event_new", args=[case.pk, which])
    if what == "entry":
        return reverse("cases:event_supersede", args=[int(which)])
    if what == "child":
        return reverse("students:child", args=[case.student_id])
    if what == "notice":
        return reverse("notices:notice", args=[int(which)])
    if what == "unit" and unit:
        return reverse("agencies:unit", args=[unit.pk])
    return reverse("cases:case", args=[case.pk]) if what == "case" else ""


def shown_gaps(gaps: Iterable[Gap], case: Case, unit: Unit | None, actor: Actor) -> list[dict[str, Any]]:
    """Gaps with their doors, as the templates want them; no door to an event this person may not record."""
    shown = []
    for gap in gaps:
        what, _, which = gap.mend.partition(":")
        kind = EventKind(which) if what == "event" else None
        open_to = kind is None or any(actor.can(permission) for permission in permissions_for(kind))
        url = mend_url(gap, case, unit) if open_to else ""
        shown.append(
            {"text": gap.text, "bars": gap.bars, "url": url, "label": f"登记{kind.label}" if kind else "去补"}
        )
    return shown


def is_named(actor: Actor, case: Case) -> bool:
    """Whether this reader may see the child's name."""
    name: str = names_for(actor, [case])[case.pk]
    return name == case.student.name


def at_label(moment: Any) -> str:
    """2026-11-11（周三）16:40, empty for None."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return f"{day_label(local.date())}{local:%H:%M}"
