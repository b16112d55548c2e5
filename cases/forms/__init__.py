"""The forms of a case: one built from the fields of each kind of event, closing, old lists, assignment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

from django import forms
from django.http import QueryDict

from agencies.rules.numbers import whole
from cases.choices import EventKind, MeasureKind, Outcome
from cases.rules.event_fields import Field
from cases.rules.support_plan import MOST_MEASURES, NO_MEASURE, Measure
from cases.rules.transitions import fields_of

# Cases one form moves to another version at most.
MOST_MOVED = 500
REASON_LENGTH = 200

# Kinds whose plan forms ask for an hour and have no field of their own for it.
TIMED = frozenset(
    {
        EventKind.PHONE_CALL,
        EventKind.HOME_VISIT,
        EventKind.VILLAGE_VERIFICATION,
        EventKind.PERSUASION,
        EventKind.CRITICISM,
        EventKind.POLICE_REPORTED,
    }
)
# These have a page of their own: a wrong one is taken back, and the right one made there.
ONLY_TAKEN_BACK = frozenset({EventKind.CLOSED, EventKind.SUPPORT_PLAN, EventKind.MEASURE_DONE})
CHIPS = 6
# What the day of a beginning is called.
BEGUN = {EventKind.APPLIED: "申请日期", EventKind.HELP_BEGUN: "帮扶开始日期"}
DATE_HELP = "日期请写成 2026-10-10 这样"


def day_field(label: str, *, required: bool = True, latest: date | None = None, **extra: Any) -> forms.DateField:
    """A date, typed or picked; `latest` bounds the picker."""
    attrs = {"type": "date", **({"max": latest.isoformat()} if latest else {})}
    errors = {"invalid": DATE_HELP, "required": f"请填写{label}"}
    widget = forms.DateInput(attrs=attrs, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=required, widget=widget, input_formats=["%Y-%m-%d"], error_messages=errors, **extra
    )


def _time_field(label: str, *, required: bool, hint: str = "") -> forms.TimeField:
    errors = {"invalid": "时间请写成 16:40 这样", "required": f"请填写{label}"}
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=required, widget=widget, help_text=hint, error_messages=errors)


def _choice_field(field: Field) -> forms.ChoiceField:
    wrong = {"required": f"请选择{field.label}", "invalid_choice": f"{field.label}不能是“%(value)s”，请从列表中选择"}
    if field.required and len(field.choices) <= CHIPS:
        chips = forms.RadioSelect(attrs={"class": "chips"})
        return forms.ChoiceField(
            label=field.label, choices=field.choices, widget=chips, help_text=field.hint, error_messages=wrong
        )
    choices = [("", "请选择" if field.required else "不填"), *field.choices]
    return forms.ChoiceField(
        label=field.label, choices=choices, required=field.required, help_text=field.hint, error_messages=wrong
    )


def form_field(field: Field) -> forms.Field:
    """The form field of one field of an event kind."""
    if field.kind == "choice":
        return _choice_field(field)
    if field.kind == "date":
        return day_field(field.label, required=field.required, help_text=field.hint)
    if field.kind == "time":
        return _time_field(field.label, required=field.required, hint=field.hint)
    if field.kind == "yes_no":
        return forms.BooleanField(label=field.label, required=False, help_text=field.hint)
    long = field.kind == "long_text"
    return forms.CharField(
        label=field.label,
        required=field.required,
        max_length=2000 if long else 120,
        widget=forms.Textarea(attrs={"rows": 3}) if long else forms.TextInput,
        help_text=field.hint,
        error_messages={"required": f"请填写{field.label}", "max_length": f"{field.label}最多%(limit_value)d字"},
    )


def _stored(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:%H:%M}" if isinstance(value, time) else value


class EventForm(forms.Form):
    """What happened, when, and the fields of the plan's form for this kind of event."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    step = forms.CharField(widget=forms.HiddenInput, max_length=24, required=False)

    def __init__(
        self,
        kind: EventKind,
        data: Mapping[str, Any] | None = None,
        *,
        on: date,
        narrowed: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(data, **extra)
        self.kind = kind
        self.fields["happened_on"] = day_field("发生日期", latest=on)
        if kind in TIMED:
            self.fields["happened_at"] = _time_field("时间", required=False)
        for field in fields_of(kind):
            own = (narrowed or {}).get(field.name)
            self.fields[field.name] = form_field(replace(field, choices=own) if own is not None else field)

    def facts(self) -> dict[str, Any]:
        """The typed fields as an event stores them; empty ones are left out."""
        values = {field.name: self.cleaned_data.get(field.name) for field in fields_of(self.kind)}
        return {name: _stored(value) for name, value in values.items() if value not in (None, "", False)}


_REPLACE = ("replace", "改为下面的内容")
_NEVER_BEGUN = "不该建立的，不在这里作废：请以“结束帮扶”办结，写明误建。"


class SupersedeForm(EventForm):
    """Why an entry was wrong, and what is right in its place."""

    def __init__(self, kind: EventKind, data: Mapping[str, Any] | None = None, *, on: date, **extra: Any) -> None:
        super().__init__(kind, data, on=on, **extra)
        correction = forms.CharField(
            label="更正理由",
            max_length=200,
            help_text="原登记不删除，划线保留，理由一并留存。",
            error_messages={"required": "请写明更正理由"},
        )
        # Named unlike any field of an event: 返校 has a `how` of its own.
        mend = forms.ChoiceField(
            label="更正方式",
            choices=[_REPLACE] if kind == EventKind.HELP_BEGUN else [_REPLACE, ("void", "只作废，不另登记")],
            initial="replace",
            # The record of a child who is helped is nothing without its beginning: what should not be there is ended.
            help_text=_NEVER_BEGUN if kind == EventKind.HELP_BEGUN else "",
            widget=forms.RadioSelect(attrs={"class": "chips"}),
        )
        if kind in ONLY_TAKEN_BACK:
            # The right one is made anew on its own page.
            self.fields = {"correction": correction}
            return
        self.fields = {"correction": correction, "mend": mend, **self.fields}
        if (self.data.get("mend") if self.is_bound else "") == "void":
            for name, field in self.fields.items():
                field.required = name in ("correction", "mend")


class CloseForm(forms.Form):
    """How the case ends, and the proof."""

    outcome = forms.ChoiceField(
        label="销号结果",
        choices=[],
        error_messages={"required": "请选择销号结果", "invalid_choice": "销号结果不在列表中，请重新选择"},
    )
    proof = forms.CharField(label="证明材料", max_length=200, required=False, help_text="写明材料名称和出具单位")
    note = forms.CharField(label="备注", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, outcomes: Iterable[Outcome], data: Mapping[str, Any] | None = None, **extra: Any) -> None:
        """`outcomes`: how the record may end as it stands."""
        super().__init__(data, **extra)
        choices = [(outcome.value, str(outcome.label)) for outcome in outcomes]
        first = [("", "请选择")] if len(choices) > 1 else []
        self.fields["outcome"].choices = [*first, *choices]  # type: ignore[attr-defined]


class BeginForm(EventForm):
    """What a person reports of a child that has no case yet."""

    def __init__(self, kind: EventKind, data: Mapping[str, Any] | None = None, *, on: date, **extra: Any) -> None:
        super().__init__(kind, data, on=on, **extra)
        self.fields["happened_on"].label = BEGUN.get(kind, "发现日期")


def _words(label: str, most: int, *, required: bool = True, lines: int = 0, **extra: Any) -> forms.CharField:
    errors = {"required": f"请填写{label}", "max_length": f"{label}最多{most}字"}
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput(attrs=extra.pop("attrs", {}))
    return forms.CharField(
        label=label, max_length=most, required=required, error_messages=errors, widget=widget, **extra
    )


class PlanForm(forms.Form):
    """The support plan (一生一策) without its measures: why, to what end, who stands by the child, next review."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    analysis = _words("原因分析", 2000, required=False, lines=3)
    analysis_restricted = forms.BooleanField(
        label="原因分析含残疾、疾病等限制信息",
        required=False,
        help_text="勾选后只有填写人和授权人员能看到原因分析。",
    )
    return_on = day_field("目标返校日期", required=False, help_text="已在校的不填")
    attendance = _words("目标到课率", 20, required=False, help_text="如 95%")
    person = _words("包保责任人", 40, attrs={"list": "plan-people"})

    def __init__(self, data: Mapping[str, Any] | None = None, *, on: date, review: str = "", **extra: Any) -> None:
        super().__init__(data, **extra)
        self.fields["happened_on"] = day_field("制定日期", latest=on)
        self.fields["review_on"] = day_field("下次复查日期", help_text=review)
        self.on = on

    def clean_return_on(self) -> date | None:
        """A goal lies ahead."""
        day: date | None = self.cleaned_data.get("return_on")
        if day is not None and day < self.on:
            raise forms.ValidationError("目标返校日期已经过去，请改为今天或以后的日期；已返校的请留空。")
        return day

    def clean(self) -> None:
        """The review comes after the plan is made."""
        made, review = self.cleaned_data.get("happened_on"), self.cleaned_data.get("review_on")
        if made and review and review <= made:
            self.add_error("review_on", "下次复查应晚于制定日期，请改为以后的日期。")

    def facts(self) -> dict[str, Any]:
        """The typed fields as an event stores them; empty ones are left out."""
        names = ("analysis", "analysis_restricted", "return_on", "attendance", "person", "review_on")
        values = {name: self.cleaned_data.get(name) for name in names}
        return {name: _stored(value) for name, value in values.items() if value not in (None, "", False)}


class MeasureForm(forms.Form):
    """One measure of a support plan; a row without words is no measure."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=16, required=False)
    what = _words("措施", 200, required=False, lines=2)
    kind = forms.ChoiceField(
        label="类别",
        choices=MeasureKind.choices,
        required=False,
        error_messages={"invalid_choice": "类别不能是“%(value)s”，请从列表中选择"},
    )
    person = _words("责任人", 40, required=False, attrs={"list": "plan-people"})
    first = day_field("开始", required=False)
    last = day_field("完成", required=False)

    def clean(self) -> None:
        """A measure somebody wrote down has its person, and an end not before its beginning."""
        typed = self.cleaned_data
        if not typed.get("what"):
            return
        if not typed.get("person") and "person" not in self.errors:
            self.add_error("person", "请填写这项措施的责任人。")
        first, last = typed.get("first"), typed.get("last")
        if first and last and last < first:
            self.add_error("last", "完成日期早于开始日期，请改正其中一个。")

    def measure(self, key: str) -> Measure | None:
        """The measure as typed, under its old key or a new one; None of an empty row."""
        typed = self.cleaned_data
        if not typed.get("what"):
            return None
        kind = MeasureKind(typed.get("kind") or MeasureKind.OTHER)
        return Measure(
            typed.get("key") or key, kind, typed["what"], typed["person"], typed.get("first"), typed.get("last")
        )


class MeasureForms:
    """The rows of one plan: as many as were sent (`rows`), at most MOST_MEASURES."""

    def __init__(self, data: QueryDict | None = None, *, initial: Iterable[Mapping[str, Any]] = ()) -> None:
        started = list(initial)
        sent = str(data.get("rows", "")) if data is not None else ""
        rows = whole(sent, 2)
        count = 1 if rows is None else rows
        wanted = len(started) if data is None else count + ("add" in data)
        self.count = min(max(wanted, 1), MOST_MEASURES)
        judged = data is not None and "add" not in data
        # One more row is asked for: what was typed stays, and is judged when the plan is saved.
        kept = {} if data is None or judged else {name: data.get(name) for name in data}
        self.rows = [
            MeasureForm(
                data if judged else None,
                prefix=f"m{place}",
                initial=self._typed(kept, place) if kept else dict(started[place]) if place < len(started) else {},
            )
            for place in range(self.count)
        ]

    @staticmethod
    def _typed(kept: Mapping[str, Any], place: int) -> dict[str, Any]:
        return {name: kept[f"m{place}-{name}"] for name in MeasureForm.base_fields if f"m{place}-{name}" in kept}

    @property
    def may_grow(self) -> bool:
        """Whether another row may be asked for."""
        return self.count < MOST_MEASURES

    def is_valid(self, *, some: bool) -> bool:
        """Every row is right; `some`: at least one of them is a measure."""
        judged = [row.is_valid() for row in self.rows]
        if some and all(judged) and not self.measures(""):
            self.rows[0].add_error("what", NO_MEASURE)
            return False
        return all(judged)

    @property
    def wrong(self) -> list[tuple[str, str, str]]:
        """Everything wrong with the rows: which field of which row, its id on the page, the sentence."""
        return [
            (f"第{place}项{field.label}", field.id_for_label, str(error))
            for place, row in enumerate(self.rows, 1)
            for field in row
            for error in field.errors
        ]

    def measures(self, key: str) -> list[Measure]:
        """What was typed, in order; new ones under keys that begin with `key`."""
        found = [row.measure(f"{key}{place}") for place, row in enumerate(self.rows)]
        return [measure for measure in found if measure is not None]


class AssignForm(forms.Form):
    """The person in charge of a case."""

    person = forms.ChoiceField(
        label="责任人", required=False, error_messages={"invalid_choice": "所选责任人不在本案有关单位任职，请重新选择"}
    )

    def __init__(self, people: Iterable[tuple[str, str]], data: Mapping[str, Any] | None = None, **extra: Any) -> None:
        super().__init__(data, **extra)
        self.fields["person"].choices = [("", "不指定"), *people]  # type: ignore[attr-defined]


class FilterNameForm(forms.Form):
    """The name under which a filter is kept."""

    name = forms.CharField(
        max_length=30, error_messages={"required": "请给这组筛选起个名字", "max_length": "名称最多30字"}
    )
    query = forms.CharField(max_length=500, required=False)


class MoveForm(forms.Form):
    """Why chosen open cases are moved to another version of their plan."""

    reason = forms.CharField(
        label="变更理由", max_length=REASON_LENGTH, error_messages={"required": "请写明变更理由。"}
    )

    @property
    def chosen(self) -> list[int]:
        """Ids of the ticked cases; what is no number is nobody's case."""
        sent = self.data.getlist("case") if isinstance(self.data, QueryDict) else []
        return [pk for pk in map(whole, sent[:MOST_MOVED]) if pk is not None]

    def clean(self) -> None:
        """At least one case is ticked."""
        if not self.chosen:
            raise forms.ValidationError("请至少选择一个个案。")
