"""The forms of papers: what a draft adds to the record, how a paper was served, why one is voided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from cases.forms import day_field
from notices.choices import PaperLayout, ServiceMethod, ServiceResult
from notices.rules.asking import ask_by
from notices.rules.issuers import ADVICE, ASKS_GUARDIANS, SERVED
from notices.rules.papers import day_text
from notices.rules.reporting import NewReport
from notices.rules.service import FIELDS, ServiceFacts
from notices.rules.told import Issuer, Relative, Told, Typed


class DraftForm(forms.Form):
    """What the officer adds: addressees and day of service of an order, when and where to come, a school's opinion."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=28, required=False)

    def __init__(
        self,
        layout: PaperLayout,
        told: Told,
        issuer: Issuer,
        data: Mapping[str, Any] | None = None,
        *,
        on: date,
        **extra: Any,
    ) -> None:
        super().__init__(data, **extra)
        self.layout, self.on = layout, on
        if layout in SERVED:
            self._for_order(told.guardians, issuer, on)
        if layout in ADVICE:
            self._for_advice(told, issuer, on)
        if layout == PaperLayout.SITUATION_REPORT:
            self.fields["opinion"] = forms.CharField(
                label="学校意见",
                max_length=300,
                required=False,
                error_messages={"max_length": "学校意见最多300字"},
                widget=forms.Textarea(attrs={"rows": 3}),
                initial="经学校、村（社区）劝返，该生仍未返校，请镇政府依法督促监护人送其返校。",
            )

    def _for_order(self, guardians: Iterable[Relative], issuer: Issuer, on: date) -> None:
        people = [(str(person.pk), f"{person.name}（{person.relation}）") for person in guardians]
        self.fields["guardians"] = forms.MultipleChoiceField(
            label="受送达人（监护人）",
            choices=people,
            initial=[value for value, _ in people],
            widget=forms.CheckboxSelectMultiple,
            help_text="逐人送达，每人一份通知书和一份送达回证。",
            error_messages={
                "required": "请至少选择一名监护人",
                "invalid_choice": "所选的人不是该生登记的监护人，请重新选择",
            },
        )
        self.fields["planned_service"] = day_field(
            "计划送达日期", initial=on, help_text="限期从实际送达之日起算，这一天只用于在通知书上写明届满日。"
        )
        self._ask_contact(issuer)

    def _for_advice(self, told: Told, issuer: Issuer, on: date) -> None:
        if self.layout in ASKS_GUARDIANS:
            asked = ask_by(told.calendar, on)
            help_text = "这只是请求，不是限期；逾期仍未到校的，由乡镇依法处理。"
            self.fields["report_by"] = day_field("请于何日前到校", initial=asked, help_text=help_text)
            self.fields["report_at"] = _needed("到校（报到）地点", 60)
            self.fields["report_at"].initial = told.school
        self._ask_contact(issuer)

    def _ask_contact(self, issuer: Issuer) -> None:
        self.fields["contact"], self.fields["phone"] = _needed("联系人", 40), _needed("联系电话", 30)
        self.initial = {"contact": issuer.contact, "phone": issuer.phone, **self.initial}

    def clean_report_by(self) -> date:
        """A day still to come, and near enough to be meant."""
        asked: date = self.cleaned_data["report_by"]
        if asked < self.on:
            raise forms.ValidationError(f"到校日期不能早于今天（{day_text(self.on)}），请改为今天或之后。")
        if (asked - self.on).days > 60:
            raise forms.ValidationError("到校日期不能晚于60天之后，请检查年份。")
        return asked

    def clean_planned_service(self) -> date:
        """Not in the past: the printed last day would be wrong."""
        planned: date = self.cleaned_data["planned_service"]
        if planned < self.on:
            raise forms.ValidationError(f"计划送达日期不能早于今天（{day_text(self.on)}），请改为今天或之后。")
        if (planned - self.on).days > 60:
            raise forms.ValidationError("计划送达日期不能晚于60天之后，请检查年份。")
        return planned

    def typed(self) -> list[Typed]:
        """One for each addressee; one alone for papers without."""
        said = self.cleaned_data
        if self.layout in ADVICE:
            names = ("report_by", "report_at", "contact", "phone")
            return [Typed(**{name: said[name] for name in names if name in said})]
        if self.layout not in SERVED:
            return [Typed(opinion=said.get("opinion", ""))]
        return [
            Typed(
                guardian=int(pk),
                planned_service=said["planned_service"],
                contact=said["contact"],
                phone=said["phone"],
            )
            for pk in said["guardians"]
        ]


class ReportForm(forms.Form):
    """Which children a school reports together, whom to ask, and what else it reports of the term."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=28, required=False)

    def __init__(
        self, choices: list[tuple[str, str]], issuer: Issuer, data: Mapping[str, Any] | None = None, **extra: Any
    ) -> None:
        super().__init__(data, **extra)
        self.fields["cases"] = forms.MultipleChoiceField(
            label="报告的学生",
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            help_text="尚未报告的已勾选；分属几个乡镇的，每个乡镇一份，只写该乡镇的学生。",
            error_messages={
                "required": "请至少勾选一名学生；没有失学、辍学学生的，不出具本报告",
                "invalid_choice": "所选学生已不在名单中（已返校、转出或销号），请重新勾选",
            },
        )
        self.fields["more"] = _text("入学、变动和学籍变化情况", 300, "转入、转出、复学等需要说明的；没有的不填")
        self.fields["more"].widget = forms.Textarea(attrs={"rows": 2, "maxlength": 300})
        self.fields["contact"], self.fields["phone"] = _needed("联系人", 40), _needed("联系电话", 30)
        self.initial = {"contact": issuer.contact, "phone": issuer.phone, **self.initial}

    def said(self) -> NewReport:
        """What the school adds to what is on record."""
        said = self.cleaned_data
        return NewReport(contact=said["contact"], phone=said["phone"], more=said["more"])


class LetterForm(forms.Form):
    """What a 撤回函 or 更正函 says beside the paper it is about: the reason, and for 更正 what is wrong and right."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=28, required=False)

    def __init__(
        self, layout: PaperLayout, issuer: Issuer, data: Mapping[str, Any] | None = None, **extra: Any
    ) -> None:
        super().__init__(data, **extra)
        self.fields["reason"] = _long("理由", 200, "写成半句话，接在“经核实，”之后；不写罚款、押金等字样")
        if layout == PaperLayout.CORRECTION:
            self.fields["reason"] = _long("更正原因", 200, "写成半句话，接在“因”之后，例如：录入疏忽")
            self.fields["wrong"] = _long("原文（有误的内容）", 200, "照原文书抄写有误的一句")
            self.fields["right"] = _long("更正为", 200)
        self.fields["contact"] = _text("联系人", 40)
        self.fields["phone"] = _text("联系电话", 30)
        self.initial = {"contact": issuer.contact, "phone": issuer.phone, **self.initial}

    def typed(self) -> Typed:
        """What the officer adds to the record."""
        said = self.cleaned_data
        names = ("reason", "wrong", "right", "contact", "phone")
        return Typed(**{name: said.get(name, "").strip() for name in names})


class SealForm(forms.Form):
    """One entry of the seal register."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, on: date, **extra: Any) -> None:
        super().__init__(data, **extra)
        self.fields["name"] = _needed("印章名称", 60)
        self.fields["sealed_on"] = day_field("用印日期", latest=on)
        self.fields["copies"] = forms.IntegerField(
            label="份数",
            min_value=1,
            max_value=50,
            error_messages={
                "required": "请填写份数",
                "invalid": "份数请写成整数",
                "min_value": "份数至少1份",
                "max_value": "份数最多50份，请核对",
            },
        )
        self.fields["sealed_by"] = _needed("用印人", 60, "实际盖章的人")
        self.fields["approved_by"] = _needed("批准人", 60, "批准用印的负责人")
        self.fields["note"] = _text("备注", 100)


class WhyForm(forms.Form):
    """A reason in words."""

    def __init__(self, label: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["why"] = forms.CharField(
            label=label,
            max_length=200,
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"required": f"请写明{label}", "max_length": f"{label}最多200字"},
        )


def _text(label: str, length: int = 60, help_text: str = "") -> forms.CharField:
    wrong = {"max_length": f"{label}最多{length}字"}
    return forms.CharField(label=label, max_length=length, required=False, help_text=help_text, error_messages=wrong)


def _needed(label: str, length: int = 60, help_text: str = "") -> forms.CharField:
    field = _text(label, length, help_text)
    field.required = True
    field.error_messages["required"] = f"请填写{label}"
    return field


def _long(label: str, length: int, help_text: str = "") -> forms.CharField:
    field = _needed(label, length, help_text)
    field.widget = forms.Textarea(attrs={"rows": 2, "maxlength": length})
    field.widget.is_required = True
    return field


class ServiceForm(forms.Form):
    """One attempt to serve a paper; which fields a way needs is said by `FIELDS`, what is missing by the rules."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)
    method = forms.ChoiceField(
        label="送达方式",
        choices=ServiceMethod.choices,
        error_messages={"required": "请选择送达方式", "invalid_choice": "送达方式不在列表中，请重新选择"},
    )
    result = forms.ChoiceField(
        label="结果",
        choices=ServiceResult.choices,
        initial=ServiceResult.SERVED,
        widget=forms.RadioSelect(attrs={"class": "chips"}),
        error_messages={"required": "请选择结果", "invalid_choice": "结果不在列表中，请重新选择"},
    )
    happened_time = forms.TimeField(
        label="送达时间",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": "请填写送达时间", "invalid": "时间请写成 16:40 这样"},
    )
    place = _text("送达地点", 120, "例如受送达人住所的村组门牌")
    server_1 = _text("送达人一", 30)
    server_2 = _text("送达人二", 30, "当面送达须二人以上")
    receiver = _text("签收人")
    receiver_relation = _text("与受送达人关系", 30)
    receiver_age = forms.IntegerField(
        label="代收人年龄",
        required=False,
        min_value=0,
        max_value=120,
        error_messages={
            "invalid": "代收人年龄请写成整数",
            "min_value": "代收人年龄不合理",
            "max_value": "代收人年龄不合理",
        },
    )
    receiver_lives_with_addressee = forms.BooleanField(label="代收人与受送达人同住", required=False)
    refusal_reason = _text("拒收事由", 200)
    witness = _text("见证人")
    witness_office = _text("见证人单位、职务", 60, "村（居）委会等基层组织或所在单位的代表")
    photo = _text("照片、录像编号", 120, "照片、录像在下面“拍照/选文件”处附上；另有编号的填在这里")
    post_number = _text("邮件号码")
    consent = _text("电子送达确认书编号")
    entrusted_to = _text("受委托（转交）机关")
    announced_in = _text("公告刊登或张贴处所", 120)
    announcement_names_child = forms.BooleanField(label="公告中出现了学生姓名", required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, on: date, **extra: Any) -> None:
        super().__init__(data, **extra)
        first = {name: self.fields.pop(name) for name in ("token", "method", "result")}
        self.fields = {**first, "happened_on": day_field("送达日期", latest=on), **self.fields}

    def shown(self) -> list[tuple[forms.BoundField, str]]:
        """Every field after the method with the methods (and results) that need it; empty = all."""
        rows = []
        for field in self.visible_fields():
            name = "servers" if field.name.startswith("server_") else field.name
            needs = [method.value for method, names in FIELDS.items() if name in names]
            if name in ("place", "servers", "refusal_reason"):
                needs.append(ServiceResult.REFUSED.value)
            if name in ("place", "servers"):
                needs.append(ServiceResult.NOT_FOUND.value)
            if name == "post_number":
                needs.append(ServiceResult.RETURNED.value)
            always = field.name in ("method", "result", "happened_on", "happened_time")
            rows.append((field, "" if always else " ".join(needs)))
        return rows

    def happened_at(self) -> datetime:
        """The moment of service."""
        day: date = self.cleaned_data["happened_on"]
        at: time = self.cleaned_data["happened_time"]
        return timezone.make_aware(datetime.combine(day, at))

    def facts(self, addressee: str, failures: int, pictures: int = 0) -> ServiceFacts:
        """What was typed, as the rules of service want it; fields the chosen way does not have are left out."""
        said = self.cleaned_data
        own = {"place", "servers", "refusal_reason", *FIELDS[ServiceMethod(said["method"])]}
        texts = (
            *("place", "receiver", "receiver_relation", "refusal_reason", "witness"),
            *("witness_office", "photo", "post_number", "consent", "entrusted_to", "announced_in"),
        )
        ticks = ("receiver_lives_with_addressee", "announcement_names_child")
        typed: dict[str, Any] = {name: said[name].strip() if name in own else "" for name in texts}
        typed |= {name: bool(said[name]) and name in own for name in ticks}
        return ServiceFacts(
            method=ServiceMethod(said["method"]),
            result=ServiceResult(said["result"]),
            happened_on=said["happened_on"],
            addressee=addressee,
            servers=tuple(name for name in (said["server_1"].strip(), said["server_2"].strip()) if name),
            receiver_age=said["receiver_age"] if "receiver_age" in own else None,
            earlier_failures=failures,
            pictures=pictures,
            **typed,
        )
