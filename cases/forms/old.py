"""The form of an open case from an old list: at which step it stands, since when, and what was done before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms

from cases.choices import Cause
from cases.forms import day_field
from cases.rules.entering import ServedOrder
from cases.rules.event_fields import REMEDIES
from cases.rules.picture import OLD_COUNTS

OF_ORDER = ("addressee", "number", "issued_on", "deadline")

# 待查 stands once: to leave the cause open is to say so.
CAUSES = [("", Cause.NOT_KNOWN.label), *(one for one in Cause.choices if one[0] != Cause.NOT_KNOWN)]


class OldCaseForm(forms.Form):
    """An open case from an old list: at which step it stands, since when, and what was done before."""

    started_on = day_field("首次缺课（辍学）日期", help_text="旧台账上的辍学时间")
    cause = forms.ChoiceField(label="辍学原因", choices=CAUSES, required=False)
    whereabouts = forms.CharField(label="去向", max_length=120, required=False)
    note = forms.CharField(label="旧台账名称和备注", max_length=500, required=False)

    order_served_on = day_field(
        "限期通知书送达日期",
        required=False,
        help_text="所选步骤在送达之后的才填；监护人期限、起诉期限和申请强制执行都从这一天起算",
    )
    remedies = forms.ChoiceField(
        label="通知书是否写明复议、诉讼途径", choices=[("", "填了送达日期的请选择"), *REMEDIES], required=False
    )

    # What a 催告书 names of the order; the day of service alone is asked, an old list seldom has the rest at hand.
    addressee = forms.CharField(
        label="受送达人（监护人）",
        max_length=60,
        required=False,
        help_text="这项和以下三项写进催告书；手边没有的先不填，以后在个案的“通知书送达”登记中更正补填",
    )
    number = forms.CharField(label="通知书文号", max_length=60, required=False)
    issued_on = day_field("通知书签发日期", required=False)
    deadline = day_field("通知书限期届满日", required=False)

    def __init__(
        self,
        steps: Iterable[tuple[str, str]],
        data: Mapping[str, Any] | None = None,
        *,
        on: date,
        order: bool = True,
    ) -> None:
        """`order`: whether the plan has steps behind the service of an order."""
        super().__init__(data)
        for name in ("order_served_on", "issued_on"):
            self.fields[name].widget.attrs["max"] = on.isoformat()
        if not order:
            for name in ("order_served_on", "remedies", *OF_ORDER):
                del self.fields[name]
        self.fields["started_on"].widget.attrs["max"] = on.isoformat()
        step = forms.ChoiceField(
            label="目前所处步骤",
            choices=[("", "请选择"), *steps],
            error_messages={"required": "请选择目前所处步骤", "invalid_choice": "所选步骤不在本方案中，请重新选择"},
            help_text="从这一步起按本方案计时；以前的步骤不再追溯。",
        )
        self.fields = {"step": step, **self.fields}
        for name, label in OLD_COUNTS:
            self.fields[name] = forms.IntegerField(
                label=f"{label}（次）",
                required=False,
                min_value=0,
                max_value=99,
                error_messages={"invalid": "请填整数", "max_value": "最多99次", "min_value": "不能小于0"},
            )

    def clean(self) -> dict[str, Any]:
        """The day of service and what the order told belong together."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("order_served_on") and not cleaned.get("remedies"):
            self.add_error("remedies", "请选择通知书是否写明复议、诉讼途径：起诉期限因此是六个月或一年")
        elif "order_served_on" in cleaned and not cleaned["order_served_on"] and self._tells_of_order(cleaned):
            self.add_error("order_served_on", "请填写限期通知书送达日期")
        return cleaned

    def _tells_of_order(self, cleaned: Mapping[str, Any]) -> bool:
        return any(cleaned.get(name) for name in ("remedies", *OF_ORDER))

    def order(self) -> ServedOrder | None:
        """The order served before the case is entered."""
        served_on = self.cleaned_data.get("order_served_on")
        if not served_on:
            return None
        return ServedOrder(served_on, **{name: self.cleaned_data[name] for name in ("remedies", *OF_ORDER)})

    def facts(self) -> dict[str, str]:
        """The earlier facts as the entering event keeps them."""
        names = ("cause", "whereabouts", "note", *(name for name, _ in OLD_COUNTS))
        return {name: str(self.cleaned_data[name]) for name in names if self.cleaned_data.get(name)}
