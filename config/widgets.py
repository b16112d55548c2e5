"""Writes the plain controls of a form without a template for each of their options: the same HTML as Django's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

_FOLDER = "django/forms/widgets/"
_KINDS = ("text", "number", "email", "url", "hidden", "date", "time", "tel", "search", "password", "checkbox")
INPUTS = frozenset(f"{_FOLDER}{kind}.html" for kind in _KINDS)
SELECT, OPTION = f"{_FOLDER}select.html", f"{_FOLDER}select_option.html"


class Renderer(DjangoTemplates):
    """Django's renderer of forms; a list of 120 schools costs it 120 templates, here a few lines of Python."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        """The control as HTML; what is typed or stored is escaped as in a template."""
        widget = context.get("widget", {})
        if template_name in INPUTS:
            return mark_safe(_input(widget))  # noqa: S308 - every value is escaped
        if template_name == SELECT and all(
            option["template_name"] == OPTION for _, options, _ in widget["optgroups"] for option in options
        ):
            return mark_safe(_select(widget))  # noqa: S308 - every value is escaped
        return mark_safe(super().render(template_name, context, request))  # noqa: S308 - a template's own output


def _attributes(attributes: Mapping[str, Any]) -> str:
    """Attributes with a blank before each; True stands alone, False is left out."""
    return "".join(
        f" {name}" if value is True else f' {name}="{conditional_escape(str(value))}"'
        for name, value in attributes.items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{conditional_escape(str(widget["value"]))}"'
    name = conditional_escape(widget["name"])
    return f'<input type="{widget["type"]}" name="{name}"{value}{_attributes(widget["attrs"])}>'


def _select(widget: Mapping[str, Any]) -> str:
    parts = [f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{conditional_escape(group)}">')
        parts += [
            f'\n  <option value="{conditional_escape(str(option["value"]))}"{_attributes(option["attrs"])}>'
            f"{conditional_escape(option['label'])}</option>\n"
            for option in options
        ]
        if group:
            parts.append("\n  </optgroup>")
    parts.append("\n</select>")
    return "".join(parts)
