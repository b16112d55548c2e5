"""What pages send: the roll, a child on no list, leave, decisions; each mistake a sentence with its remedy."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import QueryDict

from students.rules.roll import Change, Value
from students.rules.sent import LONGEST_NOTE, read_sent, read_value

MINE, THEIRS = "mine", "theirs"


@dataclass(slots=True)
class SentRoll:
    """A class page as sent: the changes, what each sent child showed, and what is wrong (child id 0 = the page)."""

    changes: list[Change] = field(default_factory=list)
    seen: dict[int, str] = field(default_factory=dict)
    chosen: dict[int, Value] = field(default_factory=dict)
    why: str = ""
    errors: list[tuple[int, str]] = field(default_factory=list)


def read_roll(post: QueryDict) -> SentRoll:
    """Read a class page; only children whose choice differs from what the page showed are changes."""
    sent = SentRoll(why=post.get("correction_reason", "").strip())
    if len(sent.why) > LONGEST_NOTE:
        sent.errors.append((0, f"更正原因最多{LONGEST_NOTE}字，现有{len(sent.why)}字，请缩短。"))
    for text in dict.fromkeys(post.getlist("child")):
        if text.isascii() and text.isdigit() and len(text) < 19:
            _read_child(sent, post, int(text))
        else:
            sent.errors.append((0, "页面数据不完整，请刷新页面后重新登记。"))
    return sent


def _read_child(sent: SentRoll, post: QueryDict, pk: int) -> None:
    seen = post.get(f"seen-{pk}", "")
    was = read_sent(seen)
    now = read_value(post.get(f"reason-{pk}", ""), post.get(f"part-{pk}", ""), post.get(f"note-{pk}", ""))
    answer = post.get(f"conflict-{pk}", "")
    if was is None or now is None:
        sent.errors.append((pk, "原因或时段不在可选范围内，请刷新页面后重新点选。"))
        return
    if answer == THEIRS:
        return
    sent.seen[pk], sent.chosen[pk] = seen, now
    if len(now.note) > LONGEST_NOTE:
        sent.errors.append((pk, f"说明最多{LONGEST_NOTE}字，现有{len(now.note)}字，请缩短。"))
    if f"asked-{pk}" in post and answer != MINE:
        sent.errors.append((pk, "别人也登记了这名学生，请先选定以哪个为准。"))
    if not now.same_as(was):
        sent.changes.append(Change(pk, was, now))
