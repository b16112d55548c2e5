"""Units are merged (撤点并校) or put under another parent (划转) in one act; what hangs on them follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from agencies import audit, hooks
from agencies.actions.units import require_shaping
from agencies.choices import UnitKind, Verb
from agencies.models import Adoption, CalendarEntry, Deputy, Post, Unit
from agencies.queries.calendars import calendars_of
from agencies.queries.mergers import names_changing, place_of, posts_to_end
from agencies.rules.calendar import ONE_DAY, Calendar, dated
from agencies.rules.mergers import (
    CALENDAR_KINDS,
    KEPT_BACK,
    Replaced,
    UnitMove,
    day_refusal,
    kept_days,
    merge_refusal,
    move_refusal,
)
from agencies.scope import Actor


def merge_unit(
    *, by: Actor, unit: Unit, into: Unit, on: date, number: str, now: datetime, staying: Iterable[int] = ()
) -> None:
    """Close `unit` into `into` from the day `on`: classes, villages, children, open cases and drafts follow.

    `number` is that of the document, `staying` the ids of posts that go on at the receiving unit; all other posts of
    the closed unit end the day before. Facts of the past and issued papers stay as they are. Raises ValueError with a
    sentence, PermissionDenied unless units of this kind may be shaped at both places.
    """
    with transaction.atomic():
        unit, into = _locked(unit, into)
        for place in (unit, into):
            require_shaping(by=by, kind=UnitKind(unit.kind), path=place.path)
        _refuse(merge_refusal(place_of(unit), place_of(into)))
        _refuse(day_refusal(on, timezone.localtime(now).date(), unit.first_day))
        sentence = f"{unit.name}自{dated(on)}起并入{into.name}（{number}）"
        above = (place_of(unit).above, place_of(into).above)
        move = _move(unit, into.pk, above, on=on, number=number, sentence=sentence)
        before = _calendars(unit, on)
        _adopt_units_below(unit, into)
        ended, moved = _pass_posts(by, unit, into, set(staying), on, now)
        Adoption.objects.filter(unit=unit, last_day__isnull=True, first_day__lt=on).update(last_day=on - ONE_DAY)
        unit.last_day, unit.merged_into, unit.closing_document = on - ONE_DAY, into, number
        unit.save(update_fields=["last_day", "merged_into", "closing_document"])
        _keep_past(before, on, number)
        hooks.unit_moved(move, by=by, now=now)
        hooks.calendar_changed([into.pk], by=by, now=now)
        detail = {"on": on.isoformat(), "into": into.name, "number": number, "posts_ended": ended, "posts_kept": moved}
        _record(by, Verb.UNIT_MERGED, unit, now, detail)


def move_unit(*, by: Actor, unit: Unit, parent: Unit, on: date, number: str, now: datetime) -> None:
    """Put a unit with all below it under another parent from the day `on` (划转); its posts and children go along.

    Raises as `merge_unit` does.
    """
    with transaction.atomic():
        unit, parent = _locked(unit, parent)
        for place in (unit, parent):
            require_shaping(by=by, kind=UnitKind(unit.kind), path=place.path)
        _refuse(move_refusal(place_of(unit), place_of(parent)))
        _refuse(day_refusal(on, timezone.localtime(now).date(), unit.first_day))
        was = unit.parent
        assert was is not None  # noqa: S101 - a root is refused above
        sentence = f"{unit.name}自{dated(on)}起由{was.name}划归{parent.name}（{number}）"
        above = (place_of(unit).above, (*place_of(parent).above, parent.pk))
        move = _move(unit, None, above, on=on, number=number, sentence=sentence)
        before = _calendars(unit, on, itself=True)
        old, renamed = unit.path, dict(names_changing([unit], parent, was.label))
        # In one statement: under the old parent the new name may be taken, under the new one the old.
        Unit.objects.filter(pk=unit.pk).update(parent=parent, name=renamed.get(unit, unit.name))
        _new_paths(old, f"{parent.path}{unit.pk}/")
        _keep_past(before, on, number)
        hooks.unit_moved(move, by=by, now=now)
        hooks.calendar_changed([unit.pk], by=by, now=now)
        unit.refresh_from_db()
        detail = {"on": on.isoformat(), "before": was.name, "into": parent.name, "number": number}
        _record(by, Verb.UNIT_MOVED, unit, now, detail)


def _locked(unit: Unit, other: Unit) -> tuple[Unit, Unit]:
    """Both units as they stand, locked in one order, so that of two mergers at once the later one is refused."""
    rows = Unit.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[unit.pk, other.pk])
    found = {row.pk: row for row in rows.order_by("pk")}
    return found[unit.pk], found[other.pk]


def _refuse(sentence: str) -> None:
    if sentence:
        raise ValueError(sentence)


def _move(unit: Unit, into: int | None, above: tuple[tuple[int, ...], tuple[int, ...]], **said: Any) -> UnitMove:
    """What the act changes above the unit: `above` are the ids before and after."""
    before, after = above
    kinds = dict(Unit.objects.filter(pk__in={*before, *after}).values_list("pk", "kind"))
    stood, stands = ({kinds[pk]: pk for pk in above_it} for above_it in (before, after))
    replaced = tuple(
        Replaced(UnitKind(kind), stood.get(kind), stands.get(kind))
        for kind in {**stood, **stands}
        if stood.get(kind) != stands.get(kind)
    )
    gone, come = tuple(set(before) - set(after)), tuple(set(after) - set(before))
    return UnitMove(unit.pk, UnitKind(unit.kind), into, gone=gone, come=come, replaced=replaced, **said)


def _adopt_units_below(unit: Unit, into: Unit) -> None:
    """The units below get the new parent, with their names (or where they came from, where a name is taken)."""
    below = Unit.objects.filter(parent=unit)
    for row, name in names_changing(below, into, unit.label):
        Unit.objects.filter(pk=row.pk).update(name=name)
    below.update(parent=into)
    _new_paths(unit.path, into.path, but=unit.pk)


def _new_paths(old: str, new: str, but: int | None = None) -> None:
    """Every path that begins with `old` begins with `new` (1 query)."""
    rows = Unit.objects.filter(path__startswith=old).exclude(pk=but or 0)
    rows.update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))


def _pass_posts(by: Actor, unit: Unit, into: Unit, staying: set[int], on: date, now: datetime) -> tuple[int, int]:
    """End the posts of the closed unit; those that stay go on at the receiving one. Returns (ended, kept on).

    A post that was to begin on the day or later ends before it began: nobody ever held it at the closed unit.
    """
    posts = posts_to_end(unit, timezone.localtime(now).date())
    kept = [post for post in posts if post.pk in staying]
    if any(post.user_id == by.user_id for post in kept):
        raise ValueError("不能为自己办理随转岗位，请取消勾选本人，另请安全管理员任命。")
    ends = {post.pk: post.last_day for post in kept}
    for post in posts:
        post.last_day = on - ONE_DAY
    Post.objects.bulk_update(posts, ["last_day"])
    going = [
        Post.objects.get_or_create(
            user=post.user,
            unit=into,
            role=post.role,
            last_day=ends[post.pk],
            defaults={"first_day": max(on, post.first_day)},
        )[0]
        for post in kept
    ]
    for post, new in zip(kept, going, strict=True):
        _pass_deputies(post, new, on)
    for verb, rows in ((Verb.POST_ENDED, posts), (Verb.POST_GIVEN, going)):
        audit.record_many(by=by, verb=verb, kind="post", now=now, rows=[_post_row(post, unit, into) for post in rows])
    return len(posts) - len(kept), len(kept)


def _post_row(post: Post, unit: Unit, into: Unit) -> dict[str, Any]:
    path = unit.path if post.unit_id == unit.pk else into.path
    return {"object_id": post.pk, "unit_path": path, "detail": {"role": post.role, "user": post.user_id}}


def _pass_deputies(post: Post, new: Post, on: date) -> None:
    """Who stands in for a post that stays stands in for it at the receiving unit from then on."""
    for deputy in Deputy.objects.filter(post=post, last_day__gte=on):
        if deputy.first_day >= on:
            Deputy.objects.filter(pk=deputy.pk).update(post=new)
            continue
        Deputy.objects.create(post=new, user=deputy.user, first_day=on, last_day=deputy.last_day, why=deputy.why)
        Deputy.objects.filter(pk=deputy.pk).update(last_day=on - ONE_DAY)


def _calendars(unit: Unit, on: date, *, itself: bool = False) -> dict[int, Calendar]:
    """The calendars of the classes and villages below (and of the unit itself), as they are before the act."""
    below = Unit.objects.filter(path__startswith=unit.path, kind__in=CALENDAR_KINDS)
    return calendars_of(below if itself else below.exclude(pk=unit.pk), on)


def _keep_past(before: dict[int, Calendar], on: date, number: str) -> None:
    """What was a school day before the act stays one, so that no case of the past is reckoned anew by it."""
    after = calendars_of(Unit.objects.filter(pk__in=before), on)
    found: dict[tuple[int, int], list[Any]] = {}
    lines = []
    for pk, calendar in before.items():
        pair = (id(calendar), id(after[pk]))
        if pair not in found:
            found[pair] = kept_days(calendar, after[pk], on - timedelta(days=KEPT_BACK), on - ONE_DAY)
        lines += [
            CalendarEntry(
                unit_id=pk, kind=kind, first_day=first, last_day=last, name="调整前的校历", source=number[:120]
            )
            for kind, first, last in found[pair]
        ]
    CalendarEntry.objects.bulk_create(lines, batch_size=100)


def _record(by: Actor, verb: Verb, unit: Unit, now: datetime, detail: dict[str, Any]) -> None:
    audit.record(by=by, verb=verb, kind="unit", object_id=unit.pk, unit_path=unit.path, now=now, detail=detail)
