"""The renderer of forms writes what Django's own writes, letter for letter."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from config.widgets import Renderer

TYPED = """<b>"王' & {{ 1 }}"""
CHOICES = [
    ("", "不限"),
    (1, "一"),
    ("<2>", TYPED),
    ("safe", mark_safe("<i>三</i>")),
    ("组", [("a", "甲"), ("b", TYPED)]),
]
WIDGETS: list[tuple[forms.Widget, Any]] = [
    (forms.TextInput(attrs={"class": "wide", "required": True, "disabled": False, "title": TYPED}), TYPED),
    (forms.TextInput(), None),
    (forms.TextInput(), ""),
    (forms.NumberInput(attrs={"min": 0}), 12),
    (forms.HiddenInput(), TYPED),
    (forms.DateInput(), "2026-10-10"),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), False),
    (forms.PasswordInput(), "secret"),
    (forms.Select(choices=CHOICES), 1),
    (forms.Select(choices=CHOICES, attrs={"id": TYPED}), "b"),
    (forms.Select(choices=[]), None),
    (forms.SelectMultiple(choices=CHOICES), ["1", "a"]),
    (forms.NullBooleanSelect(), None),
    (forms.RadioSelect(choices=CHOICES), "b"),
    (forms.CheckboxSelectMultiple(choices=CHOICES), ["a"]),
    (forms.Textarea(), TYPED),
    (forms.ClearableFileInput(), None),
]


@pytest.mark.parametrize(("widget", "value"), WIDGETS, ids=lambda one: type(one).__name__)
def test_a_control_is_written_as_django_writes_it(widget: forms.Widget, value: Any) -> None:
    attributes = {"id": "id_x", "aria-label": "姓名"}
    ours, theirs = Renderer(), DjangoTemplates()
    assert widget.render('n"<', value, attributes, ours) == widget.render('n"<', value, attributes, theirs)


def test_a_form_of_the_product_is_written_by_it() -> None:
    class Asked(forms.Form):
        """One list."""

        school = forms.ChoiceField(choices=CHOICES)

    assert isinstance(Asked().renderer, Renderer)
