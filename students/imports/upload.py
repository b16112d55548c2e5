"""What the pages of an import send: the upload, the start of writing, answers to uncertain rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from agencies.choices import UnitKind
from agencies.models import Unit
from agencies.rules.numbers import whole
from students.imports.workbook import DEFAULT_LIMITS

LONGEST = timedelta(days=200)
NEW = "new"


class ImportUpload(forms.Form):
    """A student-record sheet and the school (or county) it is for."""

    unit = forms.TypedChoiceField(label="导入到", coerce=int, error_messages={"required": "请选择要导入的学校。"})
    file = forms.FileField(
        label="学籍信息表（.xls 或 .xlsx）",
        help_text="全国学籍系统的“学籍信息表”，列的顺序不限；30 MB、20000 行以内。",
        allow_empty_file=True,
        error_messages={"required": "请选择要上传的文件。", "invalid": "文件没有传上来，请重新选择。"},
        widget=forms.FileInput(attrs={"accept": ".xls,.xlsx"}),
    )

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {unit.pk: unit for unit in units}
        field = self.fields["unit"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  # says the type of the field above
        field.choices = [(unit.pk, _label(unit)) for unit in units]
        if len(units) == 1:
            field.initial = units[0].pk
        else:
            field.choices = [("", "请选择"), *field.choices]

    def clean_file(self) -> Any:
        """An empty or oversized file is refused before it is stored."""
        file = self.cleaned_data["file"]
        if not file.size:
            raise forms.ValidationError(f"文件“{file.name}”是空的（0 字节）。请确认文件已经保存好，再重新上传。")
        if file.size > DEFAULT_LIMITS.max_bytes:
            raise forms.ValidationError(
                f"文件“{file.name}”有 {file.size >> 20} MB，超过 {DEFAULT_LIMITS.max_bytes >> 20} MB。"
                "请删去图片和多余的工作表，或分年级上传。"
            )
        return file

    @property
    def chosen(self) -> Unit:
        """The unit of a valid form."""
        return self.units[self.cleaned_data["unit"]]


def _label(unit: Unit) -> str:
    return f"{unit.name}（全部学校，按学校标识码）" if unit.kind == UnitKind.COUNTY else unit.name


class ImportStart(forms.Form):
    """The start of writing: from which day new children are on the roll, and whether faulty rows may wait."""

    first_day = forms.DateField(
        label="新增学生从哪一天起列入点名",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": "请填写日期，格式：2026-10-10。",
            "invalid": "日期无法识别，格式：2026-10-10。",
        },
    )
    partly = forms.BooleanField(label="先导入无误的行（有误和待确认的行以后再导入）", required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_first_day(self) -> date:
        """A day within about one school year around today."""
        day: date = self.cleaned_data["first_day"]
        if abs(day - self.today) > LONGEST:
            raise forms.ValidationError("日期离今天超过 200 天，请核对年份。")
        return day


def read_answers(post: QueryDict) -> Mapping[int, int | None]:
    """Answers to uncertain rows, `row-<number>` = id of the child or “new”; what is no answer is passed over."""
    answers: dict[int, int | None] = {}
    for name, sent in post.items():
        row = whole(name.removeprefix("row-")) if name.startswith("row-") else None
        child = whole(str(sent))
        if row is not None and (child is not None or sent == NEW):
            answers[row] = child
    return answers


def read_places(post: QueryDict) -> list[int]:
    """Ticked places of a list."""
    return [place for text in post.getlist("class") if (place := whole(text)) is not None]
