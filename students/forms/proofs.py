"""Proofs as pages send them: every file looked into, everything wrong said at once."""

from __future__ import annotations

from datetime import date
from typing import Any, BinaryIO, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from agencies.rules.calendar import dated
from students.actions.proofs import NewProofs, keep_files
from students.choices import ProofKind
from students.forms import DayInput, sentences
from students.gateways.looking import Looked, look
from students.rules.proofs import (
    ALLOWED,
    FIRST_CAMERA_DAY,
    BadFileError,
    Limits,
    clean_name,
    in_megabytes,
    shows_the_act,
)


class FilesInput(forms.FileInput):
    """A chooser of several files."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """All files sent under the name."""
        return files.getlist(name) if hasattr(files, "getlist") else []


class FilesField(forms.FileField):
    """Several files, none of them looked into yet."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """The files as sent; which may be kept is for the form to say."""
        if not data and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(data or [])


def proof_limits() -> Limits:
    """How much one file and one act may hold, from the settings."""
    return Limits(settings.PROOF_PICTURE_BYTES, settings.PROOF_RECORDING_BYTES, settings.PROOF_FILES)


class ProofsForm(forms.Form):
    """Proofs given together with an act; every file is looked into, everything wrong is said at once.

    `closed`: whatever is given here is restricted, so nobody is asked.
    """

    attached = FilesField(
        label="照片、扫描件、录音", required=False, error_messages={"required": "请选择照片或文件。"}
    )
    restricted = forms.BooleanField(label="属医疗诊断、残疾评估或涉案材料（只有授权人员能打开）", required=False)

    def __init__(self, data: Any = None, files: Any = None, *, on: date, closed: bool = False, **extra: Any) -> None:
        super().__init__(data, files, **extra)
        self.on = on
        self.closed = closed
        if closed:
            del self.fields["restricted"]
        self.looked: list[Looked] = []
        # The page's script checks them too, before it sends.
        self.limits = limits = proof_limits()
        self.fields["attached"].help_text = (
            f"{ALLOWED}；每个照片、PDF 最多 {in_megabytes(limits.picture_bytes)} MB，"
            f"录音录像最多 {in_megabytes(limits.recording_bytes)} MB，一次最多 {limits.files} 个。"
        )

    @property
    def sentences(self) -> list[str]:
        """Everything wrong, as sentences."""
        return sentences(self)

    @property
    def lost(self) -> bool:
        """Whether files were sent that a page shown again no longer holds."""
        return self.is_bound and bool(self["attached"].data)

    @property
    def pictures(self) -> int:
        """How many photos and videos of a valid form show what was done."""
        return sum(shows_the_act(file.content_type) for file in self.looked)

    def clean_attached(self) -> list[UploadedFile]:
        """Each file is one that may be kept."""
        sent: list[UploadedFile] = self.cleaned_data["attached"]
        limits = self.limits
        if len(sent) > limits.files:
            raise forms.ValidationError(f"一次选了 {len(sent)} 个文件，最多 {limits.files} 个，请分几次上传。")
        wrong = []
        for file in sent:
            name = file.name or ""
            source = cast(BinaryIO, file.file)
            try:
                self.looked.append(look(source, name=name, size=file.size or 0, limits=limits, today=self.on))
            except BadFileError as refused:
                wrong.append(f"“{clean_name(name)}”{refused}")
        if wrong:
            raise forms.ValidationError(wrong)
        return sent

    def kept(self, kind: ProofKind | None = None) -> NewProofs:
        """Keep the bytes of a valid form; what is left is to write their rows."""
        said = self.cleaned_data
        return NewProofs(
            files=keep_files(files=self.looked),
            restricted=self.closed or bool(said.get("restricted")),
            kind=kind,
            taken_on=said.get("taken_on"),
            note=said.get("note", ""),
        )


class LaterProofsForm(ProofsForm):
    """Proofs that come after the act, with the day they were taken and a word about them."""

    taken_on = forms.DateField(
        label="拍摄（形成）日期",
        required=False,
        widget=DayInput(),
        help_text="不填的，照片自带日期的按自带日期。",
        error_messages={"invalid": "日期无法识别，格式：2026-10-10。"},
    )
    note = forms.CharField(
        label="说明",
        max_length=200,
        required=False,
        help_text="如：留置送达时在门口拍摄。",
        error_messages={"max_length": "说明最多200字。"},
    )

    def __init__(self, data: Any = None, files: Any = None, *, on: date, **extra: Any) -> None:
        super().__init__(data, files, on=on, **extra)
        self.fields["attached"].required = True
        self.fields["taken_on"].widget.attrs["max"] = on.isoformat()

    def clean_taken_on(self) -> date | None:
        """Not in the future, and not before there were such cameras."""
        day: date | None = self.cleaned_data["taken_on"]
        if day and not FIRST_CAMERA_DAY <= day <= self.on:
            raise forms.ValidationError(f"请填{dated(FIRST_CAMERA_DAY)}至{dated(self.on)}之间的日期。")
        return day


class WithdrawProofForm(forms.Form):
    """Why a proof is taken back."""

    why = forms.CharField(
        label="撤下理由",
        max_length=200,
        help_text="材料不删除，划线保留，理由一并留存。",
        error_messages={"required": "请写明撤下理由，例如：传错了别的学生的照片。", "max_length": "理由最多200字。"},
    )
