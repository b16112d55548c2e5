"""What may be kept as a proof: the type told by the first bytes, sizes, names, the day a camera wrote down.

Why proofs are kept: 民事诉讼法 art. 89 (service by leaving, recorded by photo or video), clauses 19-20 and 27.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from students.choices import LeaveKind, ProofKind, ProofType

PICTURES: Final = frozenset({ProofType.JPEG, ProofType.PNG})
RECORDINGS: Final = frozenset({ProofType.MP3, ProofType.M4A, ProofType.AMR, ProofType.WAV, ProofType.MP4})
SHOWING: Final = PICTURES | {ProofType.MP4}
ALLOWED: Final = "照片（JPEG、PNG）、PDF、录音（MP3、M4A、AMR、WAV）、录像（MP4）"
# How much of a file `recognise` has to see.
HEAD_BYTES: Final = 64
LONGEST_NAME: Final = 100
# A decoded picture takes about 4 bytes a pixel. A plain JPEG is decoded at an eighth of its size, so that the largest
# phone cameras (108 million pixels) pass; a PNG and a progressive JPEG are held whole.
MOST_PIXELS: Final = 120_000_000
MOST_PIXELS_WHOLE: Final = 40_000_000
# No phone took a photo before; a camera whose clock was reset writes 1970 or 2000-01-01.
FIRST_CAMERA_DAY: Final = date(2005, 1, 1)

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_M4A_BRANDS = frozenset({b"M4A ", b"M4B "})
_MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"MSNV", b"M4V "})
_KINDS: Final[dict[ProofType, ProofKind]] = {
    ProofType.JPEG: ProofKind.PHOTO,
    ProofType.PNG: ProofKind.PHOTO,
    ProofType.PDF: ProofKind.SCAN,
    ProofType.MP4: ProofKind.VIDEO,
}


class BadFileError(ValueError):
    """A file cannot be kept; the message is a Chinese sentence with the remedy, without the file's name."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file and one act may hold: bytes of a picture or PDF, bytes of a recording, files."""

    picture_bytes: int
    recording_bytes: int
    files: int


def recognise(head: bytes) -> ProofType:
    """The type of a file from its first `HEAD_BYTES` bytes; BadFileError for anything that is not kept."""
    if head.startswith(b"\xff\xd8\xff"):
        return ProofType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ProofType.PNG
    if head.startswith(b"%PDF-"):
        return ProofType.PDF
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return ProofType.AMR
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return ProofType.WAV
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head.startswith(b"ID3") or _is_mp3_frame(head):
        return ProofType.MP3
    raise BadFileError(f"不是可以保存的文件。只收{ALLOWED}；改过扩展名的其他文件不行，请换成原来的照片或扫描件。")


def _of_brand(brand: bytes) -> ProofType:
    if brand in _HEIC_BRANDS:
        raise BadFileError(
            "是 HEIC（高效）格式，单位电脑大多打不开。请在手机“设置—相机—格式”中选“兼容性最佳”后重拍，"
            "或在相册中导出为 JPEG 再上传。"
        )
    if brand in _M4A_BRANDS:
        return ProofType.M4A
    if brand in _MP4_BRANDS:
        return ProofType.MP4
    raise BadFileError("不是 MP4 录像（可能是 MOV 或 3GP）。请在手机相册中导出为 MP4 再上传。")


def _is_mp3_frame(head: bytes) -> bool:
    """A frame of MPEG audio, layer III, with a bit rate and a sampling rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, sampling = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and rate not in (0, 15) and sampling != 3


def check_size(kind: ProofType, size: int, limits: Limits) -> None:
    """BadFileError where a file is empty or larger than its type may be."""
    most = limits.recording_bytes if kind in RECORDINGS else limits.picture_bytes
    if size <= 0:
        raise BadFileError("是空的（0 字节），请重新拍摄或重新选择。")
    if size > most:
        what = "录音、录像" if kind in RECORDINGS else "照片、PDF"
        remedy = "请分段或压缩后上传。" if kind in RECORDINGS else "请在手机上选较小的尺寸，或压缩后上传。"
        raise BadFileError(f"有 {in_megabytes(size)} MB，{what}每个最多 {in_megabytes(most)} MB。{remedy}")


def check_pixels(width: int, height: int, *, whole: bool) -> None:
    """BadFileError where a picture would take too much memory; `whole` = it cannot be decoded at a smaller scale."""
    most = MOST_PIXELS_WHOLE if whole else MOST_PIXELS
    if width * height > most:
        raise BadFileError(
            f"有 {width}×{height} 像素，最多 {most // 10_000} 万像素。请在相机设置中改小照片尺寸后重拍。"
        )


def in_megabytes(size: int) -> str:
    """Megabytes with one digit, rounded up so that a file above a limit never reads as the limit."""
    tenths = -(-size * 10 // (1 << 20))
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def clean_name(given: str) -> str:
    """The name of a file as given, without its path and without signs that cannot be seen; never empty."""
    base = given.replace("\\", "/").rpartition("/")[2]
    seen = "".join(sign for sign in base if unicodedata.category(sign)[0] != "C").strip(" .")
    if len(seen) > LONGEST_NAME:
        stem, dot, ending = seen.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 8 else ""
        seen = seen[: LONGEST_NAME - len(ending)] + ending
    return seen or "未命名"


def kind_of(found: ProofType, asked: ProofKind | None = None) -> ProofKind:
    """The kind of a proof: as asked where the type allows it (a picture may be a scan), else what the type says."""
    usual = _KINDS.get(found, ProofKind.AUDIO)
    if asked is ProofKind.SCAN and found in PICTURES:
        return asked
    return ProofKind.OTHER if asked is ProofKind.OTHER else usual


def taken_on(written: str, *, today: date) -> date | None:
    """The day a camera wrote into a picture (2026:11:10 16:20:31), where it is a day and can be true."""
    try:
        day = date.fromisoformat(written.strip()[:10].replace(":", "-"))
    except ValueError:
        return None
    # A phone set to another time zone may be a day ahead.
    return day if FIRST_CAMERA_DAY <= day <= today + timedelta(days=1) else None


def for_leave(kind: LeaveKind, *, asked: bool) -> bool:
    """Whether proofs of a leave are restricted: those of a sick leave are medical, whatever was ticked (clause 20)."""
    return asked or kind == LeaveKind.SICK


def shows_the_act(kind: ProofType) -> bool:
    """Whether this is a photo or video (民事诉讼法 art. 89: 采用拍照、录像等方式记录送达过程)."""
    return kind in SHOWING
