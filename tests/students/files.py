"""Small files of every kind that may be a proof, and of some that may not, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, TiffImagePlugin

from agencies.models import Unit
from students.actions.proofs import KeptFile, NewProofs, keep_files, record_proofs
from students.gateways.looking import look
from students.models import Proof, Student
from students.rules.proofs import Limits
from tests import make

LIMITS = Limits(picture_bytes=20 << 20, recording_bytes=100 << 20, files=9)
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" + b"\x00" * 200
HEIC = struct.pack(">I4s4sI4s", 24, b"ftyp", b"heic", 0, b"mif1") + b"\x00" * 200


def jpeg(width: int = 640, height: int = 480, *, colour: str = "teal", taken: str = "", place: bool = False) -> bytes:
    """A photo, with the moment and the place the camera wrote down where asked."""
    target = io.BytesIO()
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if place:
        exif.get_ifd(0x8825)[2] = tuple(TiffImagePlugin.IFDRational(part) for part in (30, 15, 7))
    Image.new("RGB", (width, height), colour).save(target, "JPEG", exif=exif)
    return target.getvalue()


def png(width: int = 320, height: int = 200) -> bytes:
    """A drawing."""
    target = io.BytesIO()
    Image.new("RGBA", (width, height), "orange").save(target, "PNG")
    return target.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that says it has so many pixels a side."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 1_000_000))
        + chunk(b"IEND", b"")
    )


def pdf(password: str = "") -> bytes:
    """One empty page."""
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        locked = pikepdf.Encryption(owner=password, user=password) if password else None
        document.save(target, **({"encryption": locked} if locked else {}))
    return target.getvalue()


def mp4(brand: bytes = b"isom", *, contents: bytes = b"moov") -> bytes:
    """The outer boxes of a recording."""
    boxes = ((b"ftyp", brand + b"\x00\x00\x02\x00" + brand), (b"mdat", b"\x01" * 400), (contents, b"\x02" * 100))
    return b"".join(struct.pack(">I4s", len(body) + 8, name) + body for name, body in boxes)


def wav() -> bytes:
    """A tenth of a second of silence."""
    body = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", 800)
    return b"RIFF" + struct.pack("<I", len(body) + 800) + body + b"\x80" * 800


MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x64" + b"\x00" * 400
AMR = b"#!AMR\n" + b"\x3c" + b"\x00" * 31


def upload(content: bytes, name: str = "照片.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content, kind)


def kept(content: bytes, name: str = "照片.jpg") -> KeptFile:
    """A file looked into and kept."""
    found = look(io.BytesIO(content), name=name, size=len(content), limits=LIMITS, today=make.DAY)
    return keep_files(files=[found])[0]


def photo(child: Student, unit: Unit | None = None, content: bytes = b"", **said: Any) -> Proof:
    """A photo of a child on record that belongs to no act yet, given by the unit's people."""
    new = NewProofs(files=(kept(content or jpeg(), "门口.jpg"),), **said)
    (row,) = record_proofs(
        by=make.SYSTEM,
        student=child,
        unit_id=unit.pk if unit else None,
        new=new,
        known=(),
        of="test/1",
        now=make.moment(make.DAY),
    )
    return row
