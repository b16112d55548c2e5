"""Looks into an uploaded file: what it really is, whether it is whole, when it was taken, and its small picture.

Pillow decodes pictures wholly, at an eighth of their size where the format allows; nothing is decoded before the
number of pixels is known to be bearable. PDF goes through `agencies.pdf`; of recordings the outer boxes are walked.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from PIL import Image, ImageFile, ImageOps

from agencies.pdf import UnreadablePdfError, page_count
from students.choices import ProofType
from students.rules.proofs import (
    HEAD_BYTES,
    MOST_PIXELS,
    PICTURES,
    BadFileError,
    Limits,
    check_pixels,
    check_size,
    clean_name,
    recognise,
    taken_on,
)

# The longer side of a small picture, for twice the density of a phone's screen.
SMALL = 240
_FORMATS = {ProofType.JPEG: "JPEG", ProofType.PNG: "PNG"}
_EXIF_IFD, _TAKEN, _CHANGED = 0x8769, 0x9003, 0x0132
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    struct.error,
    zlib.error,
)
_CUT = "没有传完整或已损坏，打不开。请重新拍摄或重新选择后再上传。"

# Pillow's own guard against decompression bombs stands behind ours.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that may be kept: its cleaned name, bytes at hand, type, and what a picture told."""

    name: str
    source: BinaryIO
    size: int
    content_type: ProofType
    taken_on: date | None = None
    small: bytes = b""


def look(source: BinaryIO, *, name: str, size: int, limits: Limits, today: date) -> Looked:
    """Look into a file; BadFileError with a sentence where it cannot be kept. Reads, never writes."""
    if size <= 0:
        check_size(ProofType.JPEG, size, limits)
    source.seek(0)
    found = recognise(source.read(HEAD_BYTES))
    check_size(found, size, limits)
    day, small = None, b""
    if found in PICTURES:
        day, small = _picture(source, found, today)
    elif found == ProofType.PDF:
        _pdf(source)
    elif found in (ProofType.MP4, ProofType.M4A):
        _boxes(source, size)
    elif found == ProofType.WAV:
        _wav(source, size)
    source.seek(0)
    return Looked(clean_name(name), source, size, found, day, small)


def _picture(source: BinaryIO, found: ProofType, today: date) -> tuple[date | None, bytes]:
    """The day it was taken and a small copy without anything the camera wrote."""
    source.seek(0)
    # The renderer of papers lets cut pictures pass, for the whole process, as soon as it is loaded.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(source, formats=(_FORMATS[found],)) as picture:
            whole = found == ProofType.PNG or bool(picture.info.get("progressive"))
            check_pixels(*picture.size, whole=whole)
            written = _written(picture)
            picture.draft("RGB", (SMALL * 2, SMALL * 2))
            picture.load()
            small = _small(picture)
    except BadFileError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadFileError("像素太多，无法打开。请在相机设置中改小照片尺寸后重拍。") from error
    except _BROKEN as error:
        raise BadFileError(f"这张图片{_CUT}") from error
    return taken_on(written, today=today), small


def _written(picture: Image.Image) -> str:
    """The moment a camera wrote down; empty where it wrote none or nonsense."""
    try:
        exif = picture.getexif()
        return str(exif.get_ifd(_EXIF_IFD).get(_TAKEN) or exif.get(_CHANGED) or "")
    except _BROKEN:
        return ""


def _small(picture: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((SMALL, SMALL))
    # A new picture of the pixels alone: no place, no camera, no profile.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    target = io.BytesIO()
    bare.save(target, "JPEG", quality=75)
    return target.getvalue()


def _pdf(source: BinaryIO) -> None:
    source.seek(0)
    try:
        page_count(source)
    except UnreadablePdfError as error:
        remedy = "设了打开密码，请去掉密码后重新导出。" if error.locked else _CUT
        raise BadFileError(f"这份 PDF {remedy}") from error


def _boxes(source: BinaryIO, size: int) -> None:
    """The outer boxes of an MP4 or M4A fill it exactly, and its table of contents is among them."""
    place, seen = 0, set()
    while place < size:
        source.seek(place)
        head = source.read(16)
        if len(head) < 8:
            raise BadFileError(f"这段录音（录像）{_CUT}")
        length, name = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        length = size - place if length == 0 else length
        if length < 8 or place + length > size:
            raise BadFileError(f"这段录音（录像）{_CUT}")
        seen.add(name)
        place += length
    if b"moov" not in seen:
        raise BadFileError(f"这段录音（录像）{_CUT}")


def _wav(source: BinaryIO, size: int) -> None:
    source.seek(4)
    (length,) = struct.unpack("<I", source.read(4))
    # Recorders that were stopped hard leave the length at its largest or at nought.
    if length not in (0, 0xFFFFFFFF) and length + 8 > size + 1:
        raise BadFileError(f"这段录音{_CUT}")
