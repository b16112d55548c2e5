"""Rehearsal 预演: a story clicked together on a calendar, and what one or two plans make of it; stores nothing."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from agencies.choices import Permission
from agencies.models import PolicyVersion, Unit
from agencies.queries.calendars import calendar_of
from agencies.queries.policies import adoptions_reaching, all_versions, calendar_of_plan, examples_of, policy_of
from agencies.rules.calendar import Calendar
from agencies.rules.county_text import EARLIEST, LATEST, as_day
from agencies.rules.numbers import whole
from agencies.rules.policy_dates import validity_warning
from agencies.rules.policy_schema import Policy
from agencies.scope import Actor
from agencies.web import actor_of, day_label, needs, today
from cases.choices import EventKind
from cases.rules.derivation import explain, source_of
from cases.rules.event_fields import FIELDS, Field, plan_choices
from cases.rules.ladder import evaluate
from cases.rules.picture import duty_word, event_text, ladder_picture
from cases.rules.standing import Duty, Standing
from cases.rules.standing_difference import differences, differing
from cases.rules.story import (
    MOST_EVENTS,
    Story,
    add_event,
    begin_story,
    drop_event,
    mark_of,
    read_story,
    tap,
    title_of,
    write_story,
)
from cases.rules.wording import advice_of, today_sentence
from cases.web import DUTY_TONES

READS = (Permission.VIEW_CASE, Permission.VIEW_FIGURES, Permission.ADOPT_POLICY)
LONGEST_BREAK = timedelta(days=70)
WEEKDAYS = "一二三四五六日"
MARK_TONES = {"到校": "here", "病假": "sick"}
# What the rehearsal's small form asks of an event; the long texts of the real form decide nothing.
ASKED_FIELDS = ("choice", "date", "time", "number", "yes_no")


@dataclass
class Asked:
    """What the page was asked with; `wrong` gathers what is the matter with it, in sentences."""

    typed: Mapping[str, str]
    versions: list[PolicyVersion]
    wrong: list[str]
    story: Story | None = None

    @property
    def act(self) -> str:
        """What was pressed: a day, a button, or nothing."""
        return self.typed.get("act", "")

    def version(self, name: str) -> PolicyVersion | None:
        """The chosen version of one of the two columns; the first column always has one."""
        chosen = self.typed.get(name, "")
        found = next((v for v in self.versions if str(v.pk) == chosen), None)
        if chosen and found is None:
            self.wrong.append("所选方案不在列表中，请重新选择。")
        return found

    def day(self, name: str, default: date) -> date:
        """A typed day between 2000 and 2100, else the default with a sentence."""
        text = self.typed.get(name, "")
        day = as_day(text) if text else default
        if day is None or not EARLIEST <= day <= LATEST:
            self.wrong.append(f"日期“{text[:20]}”无法识别，请写成 2026-10-10（2000年至2100年）。")
            return default
        return day


@needs(*READS)
def rehearsal(request: HttpRequest) -> HttpResponse:
    """The page; every press sends the whole story back and gets the page anew."""
    actor = actor_of(request)
    asked = Asked(request.POST if request.method == "POST" else request.GET, all_versions(), [])
    plan, other = asked.version("plan"), asked.version("other")
    adopted = adoptions_reaching([post.unit_path for post in actor.posts], today())
    plan = plan or next((row.version for row in adopted), None) or next(iter(asked.versions), None)
    if plan is None:
        return render(request, "cases/rehearsal.html", {"versions": []})
    unit = next((row.unit for row in adopted if row.version_id == plan.pk), None)
    text, story = _story(asked, plan)
    start = (story.first_day if story else None) or today()
    calendar, whose = _calendar(actor, unit, plan, story, start)
    if story is not None:
        text, story = _changed(asked, text, story, calendar, policy_of(plan))
    on = _on(asked, story)
    columns = _columns([plan, *([other] if other and other.pk != plan.pk else [])], calendar, story, on)
    context = {
        "versions": asked.versions,
        "plan": plan,
        "other": other,
        "columns": columns,
        "changes": _changes(columns),
        "examples": _examples(plan),
        "text": text,
        "wrong": asked.wrong,
        "on": on,
        "on_label": day_label(on),
        "whose": whose,
        "month": _month(asked, story, calendar, on),
        "weekdays": WEEKDAYS,
        "events": _events(story),
        "form": _event_form(asked, policy_of(plan), on),
    }
    return render(request, "cases/rehearsal.html", context, status=400 if asked.wrong else 200)


@require_POST
@needs(*READS)
def rehearsal_file(request: HttpRequest) -> HttpResponse:
    """The story as a file for `manage.py rehearse`; a broken one is said and not handed out."""
    text = request.POST.get("story", "")
    story, mistakes = read_story(text)
    if story is None:
        said = "\n".join(str(mistake) for mistake in mistakes[:20])
        return HttpResponse(said, status=400, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(write_story(story.data), content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="rehearsal.toml"'
    return answer


def _calendar(
    actor: Actor, unit: Unit | None, plan: PolicyVersion, story: Story | None, start: date
) -> tuple[Calendar, str]:
    """The calendar of the unit that runs the plan, else of the reader's own first unit; and whose it is.

    A worked example stands on the calendar that came with its plan; so does a story of years the unit has no term for.
    """
    at = unit or Unit.objects.visible_to(actor, _held(actor)).filter(pk=actor.posts[0].unit_id).first()
    own, plans = calendar_of(at, start) if at else Calendar(()), calendar_of_plan(plan)
    title = str(story.data.get("title")) if story else ""
    worked = any(title == title_of(text) for text in examples_of(plan).values())
    if plans is not None and (worked or (_knows(plans, start) and not _knows(own, start))):
        return plans, "方案所附校历"
    return own, at.name if at else "本单位"


def _knows(calendar: Calendar, day: date) -> bool:
    """Whether a term holds the day or begins not long after it."""
    term = calendar.term_at(day)
    return term is not None and term.first_day - day <= LONGEST_BREAK


def _held(actor: Actor) -> Permission:
    return next(permission for permission in READS if actor.can(permission))


def _story(asked: Asked, plan: PolicyVersion) -> tuple[str, Story | None]:
    """The story sent, the worked example asked for, or a new one from the start day."""
    sent = asked.typed.get("story", "").replace("\r\n", "\n")
    example = asked.act.removeprefix("example ") if asked.act.startswith("example ") else ""
    if example:
        sent = examples_of(plan).get(example, "")
        if not sent:
            asked.wrong.append("该方案版本没有这个算例，请从列表中选择。")
    if asked.act == "begin" or not sent.strip():
        sent = write_story(begin_story(asked.day("start", today() - timedelta(days=30))))
    story, mistakes = read_story(sent)
    asked.wrong += [str(mistake) for mistake in mistakes[:20]]
    return sent, story


def _changed(asked: Asked, text: str, story: Story, calendar: Calendar, policy: Policy) -> tuple[str, Story]:
    """The story after what was pressed; a change that would break it is said and not made."""
    data = _pressed(asked, story, calendar, policy)
    if data is None:
        return text, story
    written = write_story(data)
    made, mistakes = read_story(written)
    asked.wrong += [str(mistake) for mistake in mistakes[:20]]
    return (text, story) if made is None else (written, made)


def _pressed(asked: Asked, story: Story, calendar: Calendar, policy: Policy) -> dict[str, Any] | None:
    word, _, what = asked.act.partition(" ")
    if word == "tap":
        day = as_day(what)
        if day is None or not EARLIEST <= day <= LATEST:
            asked.wrong.append("没有这一天，请在月历上点选。")
            return None
        return tap(story.data, day, calendar)
    if word == "drop" and (place := whole(what)) is not None:
        return drop_event(story.data, place)
    if word == "add":
        return _added(asked, story, policy)
    return None


def _added(asked: Asked, story: Story, policy: Policy) -> dict[str, Any] | None:
    kind = asked.typed.get("kind", "")
    if kind not in EventKind.values:
        asked.wrong.append("请先选择事项。")
        return None
    if len(story.scenario.events) >= MOST_EVENTS:
        asked.wrong.append(f"一个情景最多{MOST_EVENTS}项办理，请先删去一项。")
        return None
    before = len(asked.wrong)
    day = asked.day("happened_on", today())
    data = {field.name: _typed(asked, field) for field in _fields(EventKind(kind), policy)}
    return None if len(asked.wrong) > before else add_event(story.data, EventKind(kind), day, data)


def _typed(asked: Asked, field: Field) -> Any:
    """What was typed into one field, as an event keeps it."""
    text = asked.typed.get(f"data-{field.name}", "").strip()[:40]
    if not text:
        return None
    if field.kind == "yes_no":
        return True
    if field.kind == "number":
        number = whole(text, 9)
        if number is None:
            asked.wrong.append(f"{field.label}请填整数。")
        return number
    return text


def _fields(kind: EventKind, policy: Policy) -> list[Field]:
    """The fields of the small form, with the plan's own choices where it has any."""
    own = plan_choices(policy)
    return [
        Field(field.name, field.label, field.kind, field.required, own.get(field.name) or field.choices)
        for field in FIELDS[kind]
        if field.kind in ASKED_FIELDS
    ]


def _event_form(asked: Asked, policy: Policy, on: date) -> dict[str, Any]:
    kind = asked.typed.get("kind", "")
    chosen = EventKind(kind) if kind in EventKind.values else None
    return {
        "kinds": EventKind.choices,
        "kind": kind,
        "fields": _fields(chosen, policy) if chosen else [],
        "day": (as_day(asked.typed.get("happened_on", "")) if chosen else None) or on,
    }


def _on(asked: Asked, story: Story | None) -> date:
    """The day asked about: as typed, else the story's last; far from the story it is not walked to."""
    last = story.scenario.last_day if story else None
    fresh = asked.act.startswith("example ") or asked.act == "begin"
    on = (last or today()) if fresh else asked.day("on", last or today())
    if story is not None and not story.fits(on):
        asked.wrong.append(f"截至{day_label(on)}离情景中的日子太远，请选情景前后两年内的日子。")
        return last or story.first_day or today()
    return on


def _examples(plan: PolicyVersion) -> list[dict[str, str]]:
    """The plan's worked examples by file name, each with its title."""
    return [{"name": name, "title": title} for name, text in examples_of(plan).items() if (title := title_of(text))]


def _sentence(story: Story, policy: Policy, standing: Standing) -> str:
    if not standing.duties and not story.scenario.events:
        return "还没有触发任何一步；点选缺课或添加办理，看何时该办什么"
    return today_sentence(standing, story.scenario.events, advice_of(policy, standing))


def _columns(versions: list[PolicyVersion], calendar: Calendar, story: Story | None, on: date) -> list[dict[str, Any]]:
    """One column a plan: its standing on the day, and each duty as the case page shows it."""
    if story is None:
        return []
    own = story.scenario.calendar(calendar)
    roll = story.scenario.roll(own)
    standings = [
        evaluate(policy_of(v), own, roll, story.scenario.events, on, born_on=story.scenario.born_on) for v in versions
    ]
    unlike = differing(*standings) if len(standings) == 2 else frozenset()
    made = []
    for version, standing in zip(versions, standings, strict=True):
        policy = policy_of(version)
        shown = [d for d in standing.duties if d.opened_on or d.round == standing.round]
        made.append(
            {
                "version": version,
                "standing": standing,
                "sentence": _sentence(story, policy, standing),
                "ladder": ladder_picture(policy, standing),
                "warning": validity_warning(policy.valid_from, policy.valid_to, on),
                "duties": [
                    _duty(policy, duty, standing, duty.step_key in unlike)
                    | {"why": explain(policy, own, duty, roll, on) if duty.opened_on or duty.due_from else None}
                    for duty in shown
                ],
            }
        )
    return made


def _duty(policy: Policy, duty: Duty, standing: Standing, unlike: bool) -> dict[str, Any]:
    return {
        "duty": duty,
        "source": source_of(policy, duty),
        "owner": duty.owner.label,
        "also": "、".join(role.label for role in duty.also_owners),
        "word": duty_word(duty, standing.on),
        "tone": DUTY_TONES.get(duty.state, ""),
        "opened": day_label(duty.opened_on),
        "opens": day_label(duty.opens_on),
        "due": day_label(duty.due_on),
        "done": day_label(duty.done_on),
        "round": f"第{duty.round}轮" if standing.round > 1 else "",
        "paper": policy.documents.get(duty.document, ""),
        "rehearsed": True,
        "unlike": unlike,
    }


def _changes(columns: list[dict[str, Any]]) -> tuple[str, ...]:
    """How the second plan's answer differs from the first's."""
    if len(columns) != 2:
        return ()
    before, after = (column["standing"] for column in columns)
    return differences(before, after, gone="只前一方案有", new="只后一方案有")


def _month(asked: Asked, story: Story | None, calendar: Calendar, on: date) -> dict[str, Any]:
    """The month shown: the one leafed to, else that of the day just tapped or asked about."""
    word, _, what = asked.act.partition(" ")
    shown = as_day(what) if word in ("month", "tap") else None
    if shown is None and word in ("add", "drop", "kind", "show", ""):
        shown = as_day(asked.typed.get("month", ""))
    shown = shown or on
    shown = min(max(shown, EARLIEST.replace(year=2001)), LATEST.replace(year=2099)).replace(day=1)
    own = story.scenario.calendar(calendar) if story else calendar
    happened = {event.happened_on for event in story.scenario.events} if story else set()
    weeks = [
        [_cell(own, story, date(shown.year, shown.month, day), on, happened) if day else None for day in week]
        for week in months.monthcalendar(shown.year, shown.month)
    ]
    return {
        "label": f"{shown.year}年{shown.month}月",
        "first": shown,
        "earlier": (shown - timedelta(days=1)).replace(day=1),
        "later": (shown + timedelta(days=32)).replace(day=1),
        "weeks": weeks,
    }


def _cell(own: Calendar, story: Story | None, day: date, on: date, happened: set[date]) -> dict[str, Any]:
    """One day: how the story has it on a school day, else why there is no school."""
    is_open = own.is_school_day(day)
    mark = mark_of(story.data, day) if story and is_open else ""
    note = own.why_closed(day) if not is_open else ""
    made_up = is_open and (day.weekday() > 4 or not own.is_working(day))
    short = "" if note.startswith("周") else note
    return {
        "day": day,
        "number": day.day,
        "open": is_open and story is not None,
        "mark": mark,
        "tone": MARK_TONES.get(mark, "gone") if mark else "closed",
        "note": "调休" if made_up else short,
        "event": day in happened,
        "asked": day == on,
        "label": f"{day_label(day)} {mark or note or '不上课'}",
    }


def _events(story: Story | None) -> list[dict[str, Any]]:
    """The events of the story in its order, each with the number by which it is taken out."""
    rows = story.scenario.events if story else ()
    return [
        {
            "number": event.id,
            "day": day_label(event.happened_on),
            "kind": event.kind.label,
            "text": event_text(event.kind, event.data) or _first_choice(event.kind, event.data),
        }
        for event in rows
    ]


def _first_choice(kind: EventKind, data: Mapping[str, Any]) -> str:
    chosen = (dict(f.choices).get(str(data.get(f.name)), "") for f in FIELDS[kind] if f.kind == "choice")
    return "；".join(word for word in chosen if word)
