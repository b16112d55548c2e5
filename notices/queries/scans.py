"""Scans of sealed papers, and the photos without which a service would not stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cases.models import EventProof
from notices.choices import ServiceMethod, ServiceResult
from notices.models import Notice, NoticeProof, Service
from students.models import Proof
from students.rules.proofs import SHOWING

LAST_PICTURE = (
    "这是留置送达的唯一照片（录像），撤下后送达不成立。请先补上正确的照片；送达登记有误的，请到文书页更正原登记。"
)


def scans_of(notice: Notice) -> list[Proof]:
    """The scans of one paper in sight, the withdrawn ones too, oldest first (1 query)."""
    return [link.proof for link in NoticeProof.objects.filter(notice=notice).select_related("proof__unit")]


def scan_counts(notices: Iterable[Notice]) -> dict[int, int]:
    """How many scans that stand each of these papers has (1 query)."""
    links = NoticeProof.objects.filter(notice__in=list(notices), proof__withdrawn_at__isnull=True)
    return Counter(links.values_list("notice_id", flat=True))


def needed_for_service(proof: Proof) -> str:
    """Why a proof cannot be withdrawn: the last photo of a paper left there (民事诉讼法 art. 89); "" = it can."""
    if proof.content_type not in SHOWING:
        return ""
    left = Service.objects.filter(
        event__proof_links__proof=proof,
        method=ServiceMethod.LEFT_WITH_PHOTO,
        result=ServiceResult.SERVED,
        superseded_at__isnull=True,
    )
    for event_id in left.values_list("event_id", flat=True):
        others = EventProof.objects.filter(
            event=event_id, proof__withdrawn_at__isnull=True, proof__content_type__in=SHOWING
        ).exclude(proof=proof)
        if not others.exists():
            return LAST_PICTURE
    return ""
