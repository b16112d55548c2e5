"""What the ledgers and the number register can be narrowed by; shared by page and export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms

from agencies.models import Unit
from agencies.rules.county_text import EARLIEST
from agencies.web import day_label
from cases.forms import day_field
from notices.choices import NoticeState
from notices.models import Notice, Seal
from students.queries.roll import school_year_start

# A ledger that is kept weekly looks a week back, the others from the beginning of the school year.
WEEK = timedelta(days=6)


class LedgerFilter(forms.Form):
    """Unit and period of a ledger; what was not asked keeps its default."""

    def __init__(self, kind: str, units: Iterable[Unit], data: Mapping[str, Any] | None = None, *, on: date) -> None:
        self.units = {str(unit.pk): unit for unit in units}
        self.on = on
        first = on - WEEK if kind == "school_risk" else school_year_start(on)
        given = {name: value for name, value in (data or {}).items() if value}
        start = {"unit": next(iter(self.units), ""), "first": first.isoformat(), "last": on.isoformat()}
        super().__init__({**start, **given})
        self.fields["unit"] = forms.ChoiceField(
            label="单位",
            choices=[(pk, unit.label) for pk, unit in self.units.items()],
            error_messages={"invalid_choice": "所选单位不在您的职责范围内，请重新选择", "required": "请选择单位"},
        )
        self.fields["first"] = day_field("起")
        self.fields["last"] = day_field("止", latest=on)

    def clean(self) -> dict[str, Any]:
        """The period in order, of years somebody means, and not in the future."""
        said = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        for name in ("first", "last"):
            if said.get(name) and said[name] < EARLIEST:
                self.add_error(name, f"日期早于{day_label(EARLIEST)}，请检查年份。")
        if last and last > self.on:
            self.add_error("last", f"截止日期不能晚于今天（{day_label(self.on)}）。")
        if first and last and first > last:
            self.add_error("first", "起始日期晚于截止日期，请调整。")
        return said

    @property
    def unit(self) -> Unit:
        """The chosen unit."""
        return self.units[self.cleaned_data["unit"]]


class SealFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The seal register by unit, days and number; shared by page and export."""

    unit = django_filters.ChoiceFilter(label="用印单位", field_name="unit_id", empty_label="全部")
    first = django_filters.DateFilter(
        label="起", field_name="sealed_on", lookup_expr="gte", widget=forms.DateInput(attrs={"type": "date"})
    )
    last = django_filters.DateFilter(
        label="止", field_name="sealed_on", lookup_expr="lte", widget=forms.DateInput(attrs={"type": "date"})
    )
    number = django_filters.CharFilter(
        label="文号", field_name="notice__number", lookup_expr="contains", max_length=40
    )

    class Meta:
        model = Seal
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, units: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unit"].extra["choices"] = [(str(pk), name) for pk, name in units]


class RegisterFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The number register by series, year, state and text."""

    number = django_filters.CharFilter(label="文号", field_name="number", lookup_expr="contains", max_length=40)
    state = django_filters.ChoiceFilter(label="状态", choices=NoticeState.choices, empty_label="全部")
    unit = django_filters.ChoiceFilter(label="出具单位", field_name="unit_id", empty_label="全部")
    year = django_filters.NumberFilter(
        label="年度", field_name="drafted_at__year", min_value=2000, max_value=2100, decimal_places=0
    )

    class Meta:
        model = Notice
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, units: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unit"].extra["choices"] = [(str(pk), name) for pk, name in units]
