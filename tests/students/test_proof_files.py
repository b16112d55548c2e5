"""Files are really looked into, kept once and encrypted, and read back only if nobody touched them."""

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import timezone
from PIL import Image, ImageFile

from students.gateways import blobs
from students.gateways.looking import Looked, look
from students.rules.proofs import BadFileError, Limits
from tests.students import files

TODAY = date(2026, 11, 11)


def looked(content: bytes, name: str = "照片.jpg", limits: Limits = files.LIMITS) -> Looked:
    return look(io.BytesIO(content), name=name, size=len(content), limits=limits, today=TODAY)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> object:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


@pytest.mark.parametrize(
    "content",
    [files.jpeg(), files.png(), files.pdf(), files.MP3, files.AMR, files.wav(), files.mp4(), files.mp4(b"M4A ")],
)
def test_whole_files_pass(content: bytes) -> None:
    assert looked(content).size == len(content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 字节"),
        (files.EXE, "不是可以保存的文件"),
        (files.jpeg()[:2000], "没有传完整或已损坏"),
        (files.png()[:60], "没有传完整或已损坏"),
        (files.pdf()[:300], "没有传完整或已损坏"),
        (files.pdf(password="geheim"), "去掉密码"),
        (files.mp4()[:-20], "没有传完整或已损坏"),
        (files.mp4(contents=b"free"), "没有传完整或已损坏"),
        (files.wav()[:200], "没有传完整或已损坏"),
        (files.bomb(), "像素"),
        (files.bomb(10_000), "最多 4000 万像素"),
        (b"\xff\xd8\xff" + b"\x00" * 5000, "没有传完整或已损坏"),
        (files.HEIC, "HEIC"),
    ],
)
def test_broken_and_hostile_files_are_refused_in_a_sentence(content: bytes, says: str) -> None:
    with pytest.raises(BadFileError, match=says):
        looked(content)


def test_a_cut_photo_is_refused_though_the_renderer_of_papers_lets_such_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(BadFileError, match="没有传完整或已损坏"):
        looked(files.jpeg(2000, 2000)[:9000])


def test_a_photo_of_ten_thousand_pixels_a_side_passes_and_its_small_picture_is_small() -> None:
    found = looked(files.jpeg(10_000, 10_000))
    with Image.open(io.BytesIO(found.small)) as small:
        assert max(small.size) == 240
    assert len(found.small) < 20_000


def test_the_original_keeps_what_the_camera_wrote_and_the_small_picture_does_not() -> None:
    content = files.jpeg(taken="2026:11:10 16:20:31", place=True)
    found = looked(content)
    assert found.taken_on == date(2026, 11, 10)
    with Image.open(io.BytesIO(content)) as original, Image.open(io.BytesIO(found.small)) as small:
        assert original.getexif().get_ifd(0x8825)
        assert not small.getexif()
        assert "exif" not in small.info


def test_a_picture_over_the_limit_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(BadFileError, match=r"每个最多 0\.1 MB"):
        looked(b"\xff\xd8\xff" + bytes(200_000), limits=Limits(1 << 16, 1 << 16, 9))


def test_the_same_bytes_are_kept_once_under_their_hash_and_nobody_reads_them_on_the_disk(folder: Path) -> None:
    content = files.jpeg() + b"plain words at the end"
    first, size = blobs.keep(io.BytesIO(content))
    second, _ = blobs.keep(io.BytesIO(content))
    assert first == second
    assert size == len(content)
    (path,) = [path for path in folder.rglob("*") if path.is_file()]
    assert path.name == first
    assert b"plain words" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o400
    assert b"".join(blobs.opened(first)) == content


@pytest.mark.parametrize("size", [1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_files_of_any_length_come_back_as_they_were(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    name, _ = blobs.keep(io.BytesIO(content[:size]))
    assert b"".join(blobs.opened(name)) == content[:size]
    assert blobs.is_whole(name)


def test_a_changed_shortened_or_exchanged_file_does_not_open() -> None:
    one, _ = blobs.keep(io.BytesIO(b"a" * (2 << 20)))
    two, _ = blobs.keep(io.BytesIO(b"b" * (2 << 20)))
    path = blobs.path_of(one)
    good = path.read_bytes()
    for bad in (
        good[:100] + bytes([good[100] ^ 1]) + good[101:],
        good[: (1 << 20) + 27],
        good[:30],
        b"",
        blobs.path_of(two).read_bytes(),
    ):
        path.chmod(0o600)
        path.write_bytes(bad)
        with pytest.raises(blobs.BlobChangedError):
            b"".join(blobs.opened(one))
        assert not blobs.is_whole(one)


def test_a_missing_file_and_another_key_are_told_apart() -> None:
    name, _ = blobs.keep(io.BytesIO(b"a"))
    with override_settings(DATA_KEY="another"), pytest.raises(blobs.BlobChangedError):
        blobs.opened(name)
    blobs.path_of(name).unlink()
    with pytest.raises(blobs.BlobMissingError):
        blobs.opened(name)


class Failing(io.BytesIO):
    """A source that breaks off at its second reading through."""

    def __init__(self) -> None:
        super().__init__(b"a" * (3 << 20))
        self.rounds = 0

    def seek(self, *place: int) -> int:
        self.rounds += 1
        return super().seek(*place)

    def read(self, size: int | None = -1) -> bytes:
        if self.rounds > 1 and self.tell() > 1 << 20:
            raise OSError("disk full")
        return super().read(size)


def test_a_write_that_breaks_off_leaves_nothing_behind(folder: Path) -> None:
    with pytest.raises(OSError, match="disk full"):
        blobs.keep(Failing())
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_only_what_was_not_wanted_for_long_is_offered_for_removal() -> None:
    name, _ = blobs.keep(io.BytesIO(b"a"))
    now = timezone.now()
    assert list(blobs.untouched_since(now - timedelta(days=2))) == []
    assert list(blobs.untouched_since(now + timedelta(days=3))) == [name]
    blobs.discard(name)
    assert list(blobs.untouched_since(now + timedelta(days=3))) == []
