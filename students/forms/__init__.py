"""What pages send: the roll, a child on no list, leave, decisions; each mistake a sentence with its remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from agencies.choices import Permission
from agencies.models import Unit
from agencies.rules.calendar import dated
from agencies.rules.numbers import whole
from students.choices import Care, LeaveKind
from students.models import Guardian, Student
from students.rules.identity import check_phone, clean_phone
from students.rules.masks import mask_address, mask_phone
from students.rules.names import check_name, clean_name
from students.rules.roll import Change, Value
from students.rules.sent import LONGEST_NOTE, plain, read_sent, read_value
from students.rules.visits import Visit, mistakes

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
        pk = whole(text)
        if pk is not None:
            _read_child(sent, post, pk)
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


def sentences(form: forms.BaseForm) -> list[str]:
    """Everything wrong with a form, as sentences."""
    return [str(text) for texts in form.errors.values() for text in texts]


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


WHY_HELP = "原来的内容会保留，更正人和理由一并留存。"


class WhyField(forms.CharField):
    """The reason of a correction, without the characters nobody sees."""

    def __init__(self) -> None:
        super().__init__(
            label="更正理由",
            max_length=100,
            help_text=WHY_HELP,
            widget=forms.TextInput(attrs={"list": "home-words", "autocomplete": "off"}),
            error_messages={"required": "请写明更正理由，例如“家长来电告知”。"},
        )

    def to_python(self, value: Any) -> str:
        """What can be read of it; nothing is no reason."""
        return plain(super().to_python(value) or "")


class PhoneField(forms.CharField):
    """A telephone number in one form; blank leaves what is on record."""

    def __init__(self, label: str, **extra: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
        super().__init__(label=label, required=False, max_length=30, widget=widget, **extra)

    def clean(self, value: Any) -> str:
        """The cleaned number; a sentence with the remedy for anything else."""
        typed = super().clean(value)
        number = clean_phone(typed) if typed else ""
        if number and (problems := check_phone(number)):
            raise forms.ValidationError([f"{one.message}：{one.remedy}。" for one in problems])
        return number


class GuardianForm(forms.Form):
    """A member of the family; only the fields the person's posts carry (`may`) are asked.

    `known`: the member as on record; numbers are not shown, a blank one stays, a tick empties it.
    """

    name = forms.CharField(label="姓名", max_length=60, error_messages={"required": "请填写姓名。"})
    relation = forms.CharField(
        label="与学生关系",
        max_length=20,
        help_text="如：父亲、母亲、祖父。",
        error_messages={"required": "请填写关系。"},
    )
    care = forms.ChoiceField(
        label="身份",
        choices=Care.choices,
        widget=forms.RadioSelect,
        initial=Care.LEGAL,
        help_text="通知书只送达法定监护人；祖父母等受托照看的选“受委托照护人”。",
        error_messages={"required": "请选择身份。"},
    )
    phone = PhoneField("电话")
    drop_phone = forms.BooleanField(label="原电话已停用，删去", required=False)
    spare_phone = PhoneField("备用电话")
    drop_spare = forms.BooleanField(label="原备用电话已停用，删去", required=False)
    lives_away = forms.BooleanField(label="外出（不在家居住）", required=False)
    away_place = forms.CharField(
        label="外出地点", max_length=80, required=False, help_text="如：广东省东莞市；在家的留空。"
    )
    workplace = forms.CharField(label="工作单位", max_length=80, required=False)
    why = WhyField()

    PARTS: Mapping[Permission, tuple[str, ...]] = {
        Permission.EDIT_CHILD: ("name", "relation", "care", "workplace"),
        Permission.EDIT_PHONE: ("phone", "drop_phone", "spare_phone", "drop_spare"),
        Permission.EDIT_RESIDENCE: ("lives_away", "away_place"),
    }

    def __init__(self, data: Any = None, *, may: Iterable[Permission], known: Guardian | None = None) -> None:
        initial: dict[str, Any] = {}
        if known:
            names = ("name", "relation", "care", "workplace", "lives_away", "away_place")
            initial = {name: getattr(known, name) for name in names}
        super().__init__(data, initial=initial)
        self.known = known
        asked = {name for permission in may for name in self.PARTS.get(permission, ())}
        if known is None:
            asked -= {"drop_phone", "drop_spare"}
        else:
            asked.add("why")
            self._cover("phone", "drop_phone", known.phone, asked)
            self._cover("spare_phone", "drop_spare", known.spare_phone, asked)
        for name in set(self.fields) - asked:
            del self.fields[name]

    def _cover(self, name: str, drop: str, number: str, asked: set[str]) -> None:
        if number:
            self.fields[name].help_text = f"现为{mask_phone(number)}；不改的留空。"
        else:
            asked.discard(drop)

    def clean(self) -> dict[str, Any]:
        """Plain text only; a place away says that the person is away."""
        typed: dict[str, Any] = super().clean() or {}
        for name in ("name", "relation", "workplace", "away_place"):
            if typed.get(name):
                typed[name] = plain(typed[name])
        if typed.get("name") and (problems := check_name(clean_name(typed["name"]))):
            self.add_error("name", [f"{one.message}，{one.remedy}。" for one in problems])
        if typed.get("away_place") and not typed.get("lives_away"):
            self.add_error("lives_away", "填了外出地点的，请勾选“外出”；已回家的请清空外出地点。")
        return typed

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by the names of the model's fields; numbers left blank are left out."""
        typed = dict(self.cleaned_data)
        found: dict[str, Any] = {
            name: typed[name] for name in ("relation", "workplace", "lives_away", "away_place") if name in typed
        }
        if "name" in typed:
            found["name"] = clean_name(typed["name"])
        if "care" in typed:
            found |= {"is_guardian": typed["care"] == Care.LEGAL, "is_carer": typed["care"] == Care.ENTRUSTED}
        for name, drop in (("phone", "drop_phone"), ("spare_phone", "drop_spare")):
            if typed.get(name) or typed.get(drop):
                found[name] = typed.get(name, "")
        return found


class ResidenceForm(forms.Form):
    """Where the child lives now: the village or grid, and the address; a blank address stays."""

    residence = forms.ChoiceField(label="居住村（网格）", required=False)
    address = forms.CharField(label="现住址", max_length=200, required=False)
    why = WhyField()

    def __init__(self, data: Any = None, *, places: Iterable[Unit], student: Student) -> None:
        super().__init__(data, initial={"residence": str(student.residence_id or "")})
        choices = [(str(unit.pk), f"{unit.parent.name} {unit.name}" if unit.parent else unit.name) for unit in places]
        if student.residence and str(student.residence.pk) not in dict(choices):
            choices.insert(0, (str(student.residence.pk), student.residence.name))
        self.fields["residence"] = forms.ChoiceField(
            label="居住村（网格）",
            required=False,
            choices=[("", "未登记"), *choices],
            error_messages={"invalid_choice": "请从列表中选择居住村或网格。"},
        )
        if student.residence_address:
            self.fields["address"].help_text = f"现为{mask_address(student.residence_address)}；不改的留空。"

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by the names of the model's fields."""
        typed = self.cleaned_data
        found: dict[str, Any] = {"residence_id": int(typed["residence"]) if typed["residence"] else None}
        if address := plain(typed["address"]):
            found["residence_address"] = address
        return found


class ReasonForm(forms.Form):
    """Only the reason of an act that takes something away."""

    why = WhyField()


class TimeInput(forms.TimeInput):
    """A clock of the browser; its value is always 14:30."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def _long(label: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": f"请填写{label}。"},
    )


def _clock(label: str) -> forms.TimeField:
    errors = {"required": f"请填写{label}。", "invalid": "时间请写成 14:30 这样。"}
    return forms.TimeField(label=label, widget=TimeInput(), error_messages=errors)


class HomeVisitForm(forms.Form):
    """A visit as the record form of 送教上门 has it; `wrong`: it replaces a wrong record, with the reason."""

    visited_on = forms.DateField(label="送教日期", widget=DayInput(), error_messages={"required": "请填写送教日期。"})
    starts_at = _clock("开始时间")
    ends_at = _clock("结束时间")
    lessons = forms.IntegerField(
        label="课时", min_value=1, max_value=8, error_messages={"required": "请填写课时，如 2。"}
    )
    place = forms.CharField(label="地点", max_length=60, error_messages={"required": "请填写地点，如“学生家中”。"})
    teacher = forms.CharField(label="送教教师", max_length=60, error_messages={"required": "请填写送教教师。"})
    second_teacher = forms.CharField(
        label="同行教师",
        max_length=60,
        help_text="送教须两名教师同行。",
        error_messages={"required": "送教须两名教师同行，请填写另一名教师的姓名。"},
    )
    content = _long("送教内容")
    performance = _long("学生表现")
    feedback = _long("家长反馈", required=False)
    next_on = forms.DateField(label="下次送教", widget=DayInput(), required=False)
    next_plan = forms.CharField(label="下次安排", max_length=200, required=False)
    why = WhyField()
    token = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, now: datetime, wrong: bool = False, **fields: Any) -> None:
        super().__init__(data, **fields)
        self.now = now
        if not wrong:
            del self.fields["why"]

    def clean(self) -> dict[str, Any]:
        """Everything the rules find wrong with the visit."""
        typed: dict[str, Any] = super().clean() or {}
        for name in ("place", "teacher", "second_teacher", "next_plan"):
            if name in typed:
                typed[name] = plain(typed[name])
        if not self.errors:
            for name, sentence in mistakes(self.visit, self.now.date(), self.now.time()).items():
                self.add_error(name, sentence)
        return typed

    @property
    def visit(self) -> Visit:
        """The visit as typed."""
        typed = self.cleaned_data
        return Visit(**{name: typed[name] for name in Visit.__dataclass_fields__})
