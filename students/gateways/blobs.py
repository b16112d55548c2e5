"""Keeps the bytes of proofs: encrypted, named by their SHA-256, written once, never changed.

Layout of a file: mark, 7 random bytes, then sealed pieces of 1 MiB (AES-256-GCM, 16 bytes longer than their plain
text). The nonce of a piece is those bytes, its number and whether it is the last; the hash is sealed with each. So a
piece that was changed, moved, left out or taken from another file does not open, and no file is held in memory whole.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from django.conf import settings

from agencies.fields import file_cipher

FOLDER = "proofs"
_MARK = b"BXF1"
_PIECE = 1 << 20
_SEAL = 16
_HASH_LENGTH = 64


class BlobMissingError(Exception):
    """The bytes of a proof are not where they should be."""


class BlobChangedError(Exception):
    """The bytes of a proof are not those that were kept (or the data key is another)."""


def keep(source: BinaryIO) -> tuple[str, int]:
    """Keep the bytes of `source`; returns their SHA-256 and size. Bytes that are kept already are left alone."""
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    while piece := source.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    name = digest.hexdigest()
    try:
        # Wanted again: the nightly removal of what no row names lets it be.
        os.utime(path_of(name))
    except FileNotFoundError:
        source.seek(0)
        _write(path_of(name), _sealed(source, name))
    return name, size


def keep_small(name: str, content: bytes) -> None:
    """Keep the small picture that belongs to a kept file."""
    path = path_of(name, small=True)
    if not path.exists():
        _write(path, [_MARK, *_pieces([content], f"{name}/small")])


def opened(name: str, *, small: bool = False) -> Iterator[bytes]:
    """The plain bytes, piece by piece; the first piece is checked before anything is returned.

    BlobMissingError or BlobChangedError, the latter possibly on the way.
    """
    try:
        stream = path_of(name, small=small).open("rb")
    except FileNotFoundError as error:
        raise BlobMissingError(name) from error
    pieces = _unsealed(stream, f"{name}/small" if small else name)
    return _after(next(pieces), pieces)


def is_whole(name: str) -> bool:
    """Whether the kept bytes still have their SHA-256; reads the whole file. BlobMissingError where it is gone."""
    digest = hashlib.sha256()
    try:
        for piece in opened(name):
            digest.update(piece)
    except BlobChangedError:
        return False
    return digest.hexdigest() == name


def path_of(name: str, *, small: bool = False) -> Path:
    """Where the bytes with this SHA-256 lie, or their small picture."""
    return Path(settings.MEDIA_ROOT) / FOLDER / name[:2] / (f"{name}.small" if small else name)


def untouched_since(moment: datetime) -> Iterator[str]:
    """The hashes of the kept files that nobody has given since."""
    for path in (Path(settings.MEDIA_ROOT) / FOLDER).glob("??/*"):
        if len(path.name) == _HASH_LENGTH and path.stat().st_mtime < moment.timestamp():
            yield path.name


def discard(name: str) -> None:
    """Remove kept bytes that no row names."""
    for small in (True, False):
        path_of(name, small=small).unlink(missing_ok=True)


def _sealed(source: BinaryIO, name: str) -> Iterator[bytes]:
    yield _MARK
    yield from _pieces(iter(lambda: source.read(_PIECE), b""), name)


def _pieces(plain: Iterator[bytes] | list[bytes], name: str) -> Iterator[bytes]:
    """The random bytes, then every piece sealed with its number; the last says so."""
    cipher, start = file_cipher(), secrets.token_bytes(7)
    yield start
    number, held = 0, b""
    for piece in plain:
        if held:
            yield cipher.encrypt(_nonce(start, number, last=False), held, name.encode())
            number += 1
        held = piece
    yield cipher.encrypt(_nonce(start, number, last=True), held, name.encode())


def _nonce(start: bytes, number: int, *, last: bool) -> bytes:
    return start + number.to_bytes(4) + bytes([last])


def _unsealed(stream: BinaryIO, name: str) -> Iterator[bytes]:
    with stream:
        if stream.read(len(_MARK)) != _MARK:
            raise BlobChangedError(name)
        cipher, start, number = file_cipher(), stream.read(7), 0
        held = stream.read(_PIECE + _SEAL)
        while True:
            following = stream.read(_PIECE + _SEAL)
            try:
                plain = cipher.decrypt(_nonce(start, number, last=not following), held, name.encode())
            except (InvalidTag, ValueError) as error:
                raise BlobChangedError(name) from error
            yield plain
            if not following:
                return
            held, number = following, number + 1


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _write(path: Path, content: Iterator[bytes] | list[bytes]) -> None:
    """Write beside, sync, then give it its name, which fails where the name is taken: nothing is ever overwritten."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as target:
            part.chmod(0o400)
            for piece in content:
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        try:
            path.hardlink_to(part)
        except FileExistsError:
            return
        _sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
