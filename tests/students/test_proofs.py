"""What may be kept as a proof is told by its bytes; names, sizes and days are taken with care."""

from datetime import date

import pytest

from students.choices import LeaveKind, ProofKind, ProofType
from students.rules.proofs import (
    LONGEST_NAME,
    BadFileError,
    Limits,
    check_pixels,
    check_size,
    clean_name,
    for_leave,
    in_megabytes,
    kind_of,
    recognise,
    shows_the_act,
    taken_on,
)
from tests.students import files

TODAY = date(2026, 11, 11)
LIMITS = Limits(picture_bytes=20 << 20, recording_bytes=100 << 20, files=9)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (files.jpeg(), ProofType.JPEG),
        (files.png(), ProofType.PNG),
        (files.pdf(), ProofType.PDF),
        (files.MP3, ProofType.MP3),
        (files.MP3[10:], ProofType.MP3),
        (files.mp4(b"M4A "), ProofType.M4A),
        (files.AMR, ProofType.AMR),
        (b"#!AMR-WB\n" + bytes(50), ProofType.AMR),
        (files.wav(), ProofType.WAV),
        (files.mp4(), ProofType.MP4),
    ],
)
def test_the_type_is_told_by_the_bytes(content: bytes, found: ProofType) -> None:
    assert recognise(content[:64]) == found


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (files.EXE, "不是可以保存的文件"),
        (b"PK\x03\x04" + bytes(60), "不是可以保存的文件"),
        (b"<html><script>alert(1)</script>", "不是可以保存的文件"),
        (b"GIF89a" + bytes(60), "不是可以保存的文件"),
        (b"\xff\xfe\x90\x64" + bytes(60), "不是可以保存的文件"),
        (b"\xff\xd8", "不是可以保存的文件"),
        (b"", "不是可以保存的文件"),
        (files.HEIC, "兼容性最佳"),
        (files.mp4(b"qt  "), "MOV"),
        (files.mp4(b"3gp5"), "3GP"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(BadFileError, match=says):
        recognise(content[:64])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("假条.jpg", "假条.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\照片\\门口.jpg", "门口.jpg"),
        ("a\x00b\r\nc\x7f.png", "abc.png"),
        ("\u202egpj.exe", "gpj.exe"),
        ("  .  ", "未命名"),
        ("", "未命名"),
        ("/", "未命名"),
    ],
)
def test_a_name_keeps_neither_path_nor_signs_that_cannot_be_seen(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_long_name_is_cut_before_its_ending() -> None:
    cut = clean_name("长" * 300 + ".jpeg")
    assert len(cut) == LONGEST_NAME
    assert cut.endswith("长.jpeg")


def test_sizes_are_bounded_by_type() -> None:
    check_size(ProofType.JPEG, 20 << 20, LIMITS)
    check_size(ProofType.MP4, 100 << 20, LIMITS)
    with pytest.raises(BadFileError, match=r"有 20\.1 MB，照片、PDF每个最多 20 MB"):
        check_size(ProofType.PDF, (20 << 20) + 1, LIMITS)
    with pytest.raises(BadFileError, match="请分段或压缩"):
        check_size(ProofType.WAV, (100 << 20) + 1, LIMITS)
    with pytest.raises(BadFileError, match="0 字节"):
        check_size(ProofType.JPEG, 0, LIMITS)


def test_a_phone_s_largest_photo_passes_and_a_drawing_of_that_size_does_not() -> None:
    check_pixels(12_000, 9_000, whole=False)
    with pytest.raises(BadFileError, match="12000×9000 像素，最多 4000 万像素"):
        check_pixels(12_000, 9_000, whole=True)
    with pytest.raises(BadFileError, match="改小照片尺寸"):
        check_pixels(60_000, 60_000, whole=False)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026:11:10 16:20:31", date(2026, 11, 10)),
        ("2026:11:12 00:10:00", date(2026, 11, 12)),
        ("2026:11:13 00:10:00", None),
        ("2000:01:01 00:00:00", None),
        ("0000:00:00 00:00:00", None),
        ("gestern", None),
        ("", None),
    ],
)
def test_the_camera_s_day_is_taken_where_it_can_be_true(written: str, day: date | None) -> None:
    assert taken_on(written, today=TODAY) == day


def test_a_picture_may_be_a_scan_but_a_recording_is_what_it_is() -> None:
    assert kind_of(ProofType.JPEG) == ProofKind.PHOTO
    assert kind_of(ProofType.JPEG, ProofKind.SCAN) == ProofKind.SCAN
    assert kind_of(ProofType.PDF) == ProofKind.SCAN
    assert kind_of(ProofType.AMR, ProofKind.SCAN) == ProofKind.AUDIO
    assert kind_of(ProofType.MP4) == ProofKind.VIDEO
    assert kind_of(ProofType.MP3, ProofKind.OTHER) == ProofKind.OTHER


def test_a_sick_note_is_restricted_whatever_was_ticked() -> None:
    assert for_leave(LeaveKind.SICK, asked=False)
    assert for_leave(LeaveKind.PERSONAL, asked=True)
    assert not for_leave(LeaveKind.PERSONAL, asked=False)


def test_a_photo_or_a_video_shows_the_act_and_a_voice_does_not() -> None:
    assert [kind for kind in ProofType if shows_the_act(kind)] == [ProofType.JPEG, ProofType.PNG, ProofType.MP4]


def test_megabytes_are_rounded_up() -> None:
    assert in_megabytes(20 << 20) == "20"
    assert in_megabytes(1) == "0.1"
    assert in_megabytes((20 << 20) + 1) == "20.1"
