"""Verifies kept files against the hashes of their rows: what is missing, what was changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from students.gateways import blobs
from students.models import Proof


@dataclass(slots=True)
class Verified:
    """How many proofs were read, and which of them have lost their bytes or hold others (numbers of proofs)."""

    checked: int = 0
    missing: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """The result in a sentence."""
        said = f"核对材料{self.checked}份"
        if not self.missing and not self.changed:
            return f"{said}，全部完好。"
        parts = [("文件缺失", self.missing), ("文件被改动或密钥不符", self.changed)]
        bad = "；".join(f"{word}{len(ids)}份（编号{_listed(ids)}）" for word, ids in parts if ids)
        return f"{said}：{bad}。请从备份恢复 files/proofs 中的同名文件。"


def verify(proofs: Iterable[Proof]) -> Verified:
    """Read the bytes of these proofs whole; one file that several proofs name is read once in a row."""
    found, last, whole = Verified(), "", True
    for proof in proofs:
        found.checked += 1
        try:
            if proof.sha256 != last:
                last, whole = proof.sha256, blobs.is_whole(proof.sha256)
            if not whole:
                found.changed.append(proof.pk)
        except blobs.BlobMissingError:
            last = ""
            found.missing.append(proof.pk)
    return found


def _listed(ids: list[int]) -> str:
    shown = "、".join(str(pk) for pk in ids[:20])
    return f"{shown}等" if len(ids) > 20 else shown
