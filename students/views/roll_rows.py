"""The rows of a class page: one row rendered with its places open, then filled for each child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from html import escape
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from students.choices import AbsenceReason, PartOfDay

_PLACES = ("id", "name", "initials", "seen", "note", "last5_title", "term", "marks", "tags", "reason_")
_UNCHECKED = dict.fromkeys(
    [*(f"reason_{value}" for value in ("", *AbsenceReason)), *(f"part_{value}" for value in PartOfDay)], ""
)


def render_rows(rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """The rows as HTML; each a mapping as `roll_page.row_of` makes it.

    A place is filled with an escaped value, so nothing typed can become markup or open another place.
    """
    pattern = _pattern()
    return mark_safe("".join(pattern.format_map(_filled(row)) for row in rows))  # noqa: S308 - values are escaped


@cache
def _pattern() -> str:
    """The row with `{name}` at each place; `{reason_sick}` and `{part_am}` stand where a radio may be checked.

    Made once a process: the template asks for nothing of the page.
    """
    return render_to_string(
        "students/_roll_row.html",
        {
            "row": {name: f"{{{name}}}" for name in _PLACES},
            "reasons": [(value, label, f"{{reason_{value}}}") for value, label in AbsenceReason.choices],
            "parts": [(value, label, f"{{part_{value}}}") for value, label in PartOfDay.choices],
        },
    )


def _filled(row: Mapping[str, Any]) -> dict[str, str]:
    places = {name: escape(row[name]) for name in ("name", "initials", "seen", "note", "last5_title")}
    places |= _UNCHECKED
    places[f"reason_{row['reason']}"] = places[f"part_{row['part'] or PartOfDay.DAY}"] = " checked"
    places["id"] = str(int(row["child_id"]))
    places["term"] = _term(row["term_absent"]) if row["term_absent"] else ""
    places["marks"] = "".join([_mark(day["tone"], day["mark"]) for day in row["last5"]])
    places["tags"] = _tags(row)
    return places


@lru_cache(maxsize=64)
def _mark(tone: str, mark: str) -> str:
    """One day of the last five: a handful of them fill every page."""
    return format_html('<i class="mark-{}">{}</i>', tone, mark)


def _term(days: str) -> str:
    return format_html('<span class="roll-term num" title="本学期累计缺课{}天">{}天</span>', days, days)


def _tags(row: Mapping[str, Any]) -> str:
    leave = format_html('<span class="tag tag-wrap">{}</span>', row["on_leave"]) if row["on_leave"] else ""
    waits = '<span class="tag tag-warn">更正待复核</span>' if row["waiting"] else ""
    return leave + waits + ('<span class="tag tag-warn">名单外</span>' if row["off_list"] else "")
