"""What pages send: the roll, a child on no list, leave, decisions; each mistake a sentence with its remedy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from agencies.rules.calendar import dated
from students.choices import LeaveKind
from students.rules.roll import Change, Value
from students.rules.sent import LONGEST_NOTE, plain, read_sent, read_value

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
    sent = SentRoll(why=plain(post.get("correction_reason", "")))
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


# How far back a leave may still be put on record, and how far ahead; both in days.
LEAVE_BACK, LEAVE_AHEAD = 30, 180


class DayInput(forms.DateInput):
    """A day picker of the browser; its value is always 2026-10-10."""

    input_type = "date"

    def __init__(self, **attrs: str) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class LeaveForm(forms.Form):
    """A leave as asked for: kind, from–to, who asked, proof."""

    kind = forms.ChoiceField(label="类别", choices=LeaveKind.choices, widget=forms.RadioSelect, initial=LeaveKind.SICK)
    first_day = forms.DateField(label="从哪天", widget=DayInput())
    last_day = forms.DateField(label="到哪天", widget=DayInput(), help_text="含当天；只请一天的两个日期相同。")
    asked_by = forms.CharField(label="请假人", max_length=60, help_text="哪位家长提出的。")
    relation = forms.CharField(label="与学生关系", max_length=20, required=False)
    proof = forms.CharField(
        label="证明材料", max_length=120, required=False, help_text="如：县医院诊断证明；没有的留空。"
    )
    note = forms.CharField(label="事由", max_length=200, required=False)

    def __init__(self, data: Any = None, *, on: date, **fields: Any) -> None:
        super().__init__(data, **fields)
        self.on = on

    def clean(self) -> dict[str, Any]:
        """The days stand in order and near today."""
        typed: dict[str, Any] = super().clean() or {}
        first, last = typed.get("first_day"), typed.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", f"结束日期早于开始日期{dated(first)}，请改正。")
        earliest, latest = self.on - timedelta(days=LEAVE_BACK), self.on + timedelta(days=LEAVE_AHEAD)
        for name, day in (("first_day", first), ("last_day", last)):
            if day and not earliest <= day <= latest:
                self.add_error(name, f"请填{dated(earliest)}至{dated(latest)}之间的日期；更长的请办理休学。")
        return typed


class LeaveEndForm(forms.Form):
    """The last day of a leave that ends early; the day before its first day withdraws it."""

    last_day = forms.DateField(label="最后请假日", widget=DayInput())


class DecisionForm(forms.Form):
    """A second person's answer to a correction; a refusal says why."""

    answer = forms.ChoiceField(
        choices=(("yes", "同意"), ("no", "不同意")), error_messages={"required": "请选择同意或不同意。"}
    )
    why = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """A refusal needs its reason."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("answer") == "no" and not typed.get("why"):
            self.add_error("why", "不同意的，请写明理由。")
        return typed

    @property
    def sentences(self) -> list[str]:
        """Everything wrong, as sentences."""
        return [str(text) for texts in self.errors.values() for text in texts]
