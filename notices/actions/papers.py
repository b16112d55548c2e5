"""What every act on a paper shares: its refusals, the sight and post it asks for, its frozen facts as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.models import Unit
from agencies.rules.roles import may
from agencies.scope import Actor
from cases.actions.events import require_sight, touch, with_units_locked
from cases.models import Case, Event
from notices.choices import PaperLayout
from notices.models import Notice
from notices.queries.acting import acting_unit
from notices.queries.papers import form_made_from, forms_of, maker_layout, thawed
from notices.rules.told import Gap, Typed
from notices.rules.wording import PaperForm


class PaperRefusedError(ValueError):
    """The paper cannot be made, served or voided now; `sentences` say what is missing, `gaps` where to mend it."""

    def __init__(self, sentences: Iterable[str], gaps: Iterable[Gap] = ()) -> None:
        self.sentences = list(sentences)
        self.gaps = tuple(gaps)
        super().__init__("；".join(self.sentences))


def require_post(by: Actor, unit: Unit, case: Case, permissions: Iterable[Permission]) -> None:
    """PermissionDenied unless a post at exactly this unit carries one of the permissions and sees the child.

    Of a unit merged since, the receiving unit's posts act.
    """
    wanted = tuple(permissions)
    require_sight(by=by, student_id=case.student_id, permissions=wanted)
    own = {*unit.line} | ({case.school_class_id} if case.school_id in unit.line else set())
    held = any(post.unit_id in own and may(post.role, permission) for post in by.posts for permission in wanted)
    if not by.system and not held:
        raise PermissionDenied(f"这份文书以{unit.name}名义出具，须由该单位有权人员办理。")


def require_acting(by: Actor, notice: Notice, permissions: Iterable[Permission]) -> None:
    """PermissionDenied unless a post at the unit that acts on this paper now carries one of the permissions."""
    require_post(by, acting_unit(notice, by), notice.case, permissions)


def lock(notice: Notice) -> None:
    """Lock a paper's row for the caller's transaction and take over how it stands: another may have been quicker."""
    notice.refresh_from_db(fields=["state", "event"], from_queryset=Notice.objects.select_for_update())


def form_for(notice: Notice) -> PaperForm:
    """The form a paper was made from; raises PaperRefusedError where the plan has none of this key."""
    form = form_made_from(notice) or forms_of(notice.case.policy).get(notice.kind)
    if form is None:
        raise PaperRefusedError(["本方案没有这种文书，请从个案页重新拟制。"])
    return form


def maker_of(notice: Notice) -> PaperLayout:
    """The layout that says who may make, sign out and void a paper: of a letter that of the paper it is about."""
    form_for(notice)
    layout = maker_layout(notice)
    if layout is None:
        raise PaperRefusedError(["本方案没有这种文书，请从个案页重新拟制。"])
    return layout


def frozen(*, plan: int, typed: Typed, facts: dict[str, Any] | None = None, receipts: Iterable[Any] = ()) -> str:
    """What a paper keeps of its facts, as JSON text."""
    said = {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(typed).items()}
    return json.dumps(
        {"plan": plan, "typed": said, "facts": facts, "receipts": list(receipts)}, ensure_ascii=False, sort_keys=True
    )


def typed_of(notice: Notice) -> Typed:
    """What the drafting officer typed."""
    said = dict(thawed(notice).get("typed") or {})
    for name in ("planned_service", "report_by"):
        if day := said.get(name):
            said[name] = date.fromisoformat(day)
    return Typed(**said)


def note(*, by: Actor, verb: Verb, notice: Notice, now: datetime, **detail: Any) -> None:
    """One audit row about a paper; names the child by its internal number only."""
    audit.record(
        by=by,
        verb=verb,
        kind="notice",
        object_id=notice.pk,
        child=notice.case.student.number,
        unit_path=notice.unit.path,
        now=now,
        detail={"paper": notice.kind, "number": notice.number, **_both_units(by, notice), **detail},
    )


def _both_units(by: Actor, notice: Notice) -> dict[str, str]:
    """The unit that issued the paper and the one that acts on it now, where these are two."""
    acting = acting_unit(notice, by)
    return {} if acting == notice.unit else {"issuer": notice.unit.name, "acting": acting.name}


def withdraw_event(*, by: Actor, event: Event, why: str, now: datetime) -> None:
    """Take the event of a paper back: it stays on record with the reason, the case is derived anew."""
    won = Event.objects.filter(pk=event.pk, superseded_at__isnull=True).update(
        superseded_at=now, superseded_by=by.name, superseded_why=why.strip()[:200]
    )
    if won:
        audit.record(
            by=by,
            verb=Verb.EVENT_SUPERSEDED,
            kind="case",
            object_id=event.case_id,
            now=now,
            detail={"event": event.pk, "kind": event.kind},
        )
        touch(by=by, case=with_units_locked(event.case_id), now=now)
