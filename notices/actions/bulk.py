"""Many drafts signed out in one act: numbered one by one, laid out once, each paper's own file cut out and hashed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied

from agencies import pdf
from agencies.actions.jobs import start_job
from agencies.models import Job
from agencies.scope import Actor
from notices.actions.exports import FOLDER
from notices.actions.issuing import BASE, finish, number_paper, page_of
from notices.actions.papers import PaperRefusedError
from notices.choices import NoticeState
from notices.models import Notice

KIND = "papers_issue"


@dataclass(frozen=True, slots=True)
class Signed:
    """What came of a bulk run: the merged file (empty where nothing was signed), how many, and what was refused."""

    merged: bytes
    count: int
    refused: tuple[str, ...]


def start_signing(*, by: Actor, notice_ids: Iterable[int], token: str, now: datetime) -> Job:
    """Sign drafts out in the background; the same token gives the same job."""
    payload = {"title": "批量签发文书", "notices": sorted(set(notice_ids))}
    return start_job(by=by, kind=KIND, key=f"{KIND}/{by.user_id}/{token}"[:120], payload=payload, now=now)


def sign_many(
    *, by: Actor, notice_ids: Iterable[int], now: datetime, said: Callable[[int], None] | None = None
) -> Signed:
    """Sign these drafts out, up to 200; one that is refused is left as it is, its reason is told."""
    ready, refused = _numbered(by, list(notice_ids)[: pdf.MERGE_LIMIT], now)
    if not ready:
        return Signed(b"", 0, tuple(refused))
    pages = [page_of(notice) for notice in ready]
    merged, parts = pdf.render_many(pages, base=BASE)
    signed = []
    for notice, page, content in zip(ready, pages, parts, strict=True):
        try:
            if notice.state == NoticeState.NUMBERED:
                finish(by=by, notice=notice, content=content, now=now)
            signed.append(page)
        except (PaperRefusedError, PermissionDenied) as error:
            refused.append(f"{_label(notice.pk)}：{error}")
        if said:
            said(len(signed))
    # What was voided at the last moment is not handed out among the signed ones.
    if signed != pages:
        merged = pdf.render_many(signed, base=BASE)[0] if signed else b""
    return Signed(merged, len(signed), tuple(refused))


def _numbered(by: Actor, notice_ids: Iterable[int], now: datetime) -> tuple[list[Notice], list[str]]:
    """The papers that took their numbers, and why the others did not."""
    ready, refused = [], []
    for pk in notice_ids:
        try:
            ready.append(number_paper(by=by, notice_id=pk, now=now))
        except (PaperRefusedError, PermissionDenied) as error:
            refused.append(f"{_label(pk)}：{error}")
    return ready, refused


def _label(pk: int) -> str:
    row = Notice.objects.filter(pk=pk).values_list("title", "number", "addressee_name").first()
    return f"《{row[0]}》{row[1] or row[2]}" if row else f"文书{pk}"


def keep_merged(content: bytes, name: str) -> str:
    """Write the merged file under the media folder; returns its path there."""
    path = Path(settings.MEDIA_ROOT) / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return f"{FOLDER}/{name}"
