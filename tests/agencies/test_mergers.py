"""Units merged or put under another parent: what is refused, what becomes of the tree, the posts and the calendar."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from agencies.actions.mergers import merge_unit, move_unit
from agencies.actions.posts import name_deputy
from agencies.choices import CalendarKind, Role, UnitKind, Verb
from agencies.models import AuditRow, Deputy, Post, Unit
from agencies.queries.calendars import calendar_of
from agencies.rules.calendar import MORNING, Calendar, Entry
from agencies.rules.mergers import Place, day_refusal, kept_days, kept_name, merge_refusal, move_refusal
from agencies.scope import current
from tests import make
from tests.agencies.people import Places, places, signed_in
from tests.cases.scene import at

NUMBER = "清教〔2026〕12号"
SCHOOL = Place(5, UnitKind.SCHOOL, "甲校", "1/2/5/", parent_id=2)
OTHER = Place(6, UnitKind.SCHOOL, "乙校", "1/3/6/", parent_id=3)
CLASS = Place(7, UnitKind.CLASS, "五（1）班", "1/2/5/7/", grade=5, parent_id=5)


# The rules


def test_a_school_may_go_into_a_school_of_the_county_and_a_class_under_one() -> None:
    assert merge_refusal(SCHOOL, OTHER) == ""
    assert move_refusal(CLASS, OTHER) == ""


@pytest.mark.parametrize(
    ("unit", "into", "sentence"),
    [
        (SCHOOL, SCHOOL, "不能把“甲校”并入它自己"),
        (SCHOOL, Place(3, UnitKind.TOWNSHIP, "石桥镇", "1/3/"), "学校只能并入学校；“石桥镇”是乡镇"),
        (SCHOOL, CLASS, "“五（1）班”是“甲校”的下级"),
        (SCHOOL, Place(6, UnitKind.SCHOOL, "乙校", "1/3/6/", closed=True), "“乙校”已经撤并"),
        (SCHOOL, Place(9, UnitKind.SCHOOL, "外校", "8/9/"), "“外校”不在本县"),
        (CLASS, Place(8, UnitKind.CLASS, "六（1）班", "1/2/5/8/", grade=6), "请选择同一年级的班级"),
        (Place(1, UnitKind.COUNTY, "清河县", "1/"), Place(2, UnitKind.COUNTY, "远安县", "2/"), "不能在本系统内撤并"),
    ],
)
def test_a_merger_that_makes_no_sense_is_refused_with_its_remedy(unit: Place, into: Place, sentence: str) -> None:
    assert sentence in merge_refusal(unit, into)


@pytest.mark.parametrize(
    ("unit", "parent", "sentence"),
    [
        (CLASS, SCHOOL, "现在就在“甲校”之下"),
        (CLASS, Place(3, UnitKind.TOWNSHIP, "石桥镇", "1/3/"), "班级不能设在乡镇之下"),
        (SCHOOL, CLASS, "它自己或其下级"),
        (Place(2, UnitKind.TOWNSHIP, "云溪镇", "1/2/"), OTHER, "乡镇不能划转"),
        (CLASS, Place(9, UnitKind.SCHOOL, "外校", "8/9/"), "不在本县"),
        (CLASS, Place(6, UnitKind.SCHOOL, "乙校", "1/3/6/", closed=True), "已经撤并"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_with_its_remedy(unit: Place, parent: Place, sentence: str) -> None:
    assert sentence in move_refusal(unit, parent)


def test_the_act_takes_effect_today_or_lately_never_before_the_unit_was_there() -> None:
    assert day_refusal(make.DAY, make.DAY, None) == ""
    assert "还没有到" in day_refusal(make.DAY + timedelta(days=1), make.DAY, None)
    assert "2026-11-12（周四）" in day_refusal(make.DAY + timedelta(days=1), make.DAY, None)
    assert "一年以前" in day_refusal(date(2025, 9, 1), make.DAY, None)
    assert "才启用" in day_refusal(make.DAY, make.DAY, make.DAY)


def test_a_name_is_kept_unless_it_is_taken() -> None:
    assert kept_name("五（1）班", {"五（2）班"}, "村小") == "五（1）班"
    assert kept_name("五（1）班", {"五（1）班"}, "村小") == "五（1）班（原村小）"
    assert kept_name("五（1）班", {"五（1）班", "五（1）班（原村小）"}, "村小") == "五（1）班（原村小2）"
    assert len(kept_name("班" * 80, {"班" * 80}, "校" * 80)) <= 80


def test_past_days_keep_what_the_old_calendar_said_of_them() -> None:
    term = Entry(CalendarKind.TERM, make.TERM_START, make.TERM_END, "第一学期", "", 1)
    storm = Entry(CalendarKind.CLOSED, date(2026, 11, 3), date(2026, 11, 4), "台风", "", 2)
    first, last = date(2026, 11, 1), date(2026, 11, 10)
    plain, closed = Calendar((term,)), Calendar((term, storm))
    assert kept_days(closed, plain, first, last) == [(CalendarKind.CLOSED, date(2026, 11, 3), date(2026, 11, 4))]
    assert kept_days(plain, closed, first, last) == [(CalendarKind.OPEN, date(2026, 11, 3), date(2026, 11, 4))]
    assert kept_days(closed, closed, first, last) == []


def test_a_half_day_off_is_kept_as_a_half_day() -> None:
    term = Entry(CalendarKind.TERM, make.TERM_START, make.TERM_END, "第一学期", "", 1)
    half = Entry(CalendarKind.CLOSED_PM, make.DAY, make.DAY, "家长会", "", 2)
    found = kept_days(Calendar((term, half)), Calendar((term,)), make.DAY, make.DAY)
    assert found == [(CalendarKind.CLOSED_PM, make.DAY, make.DAY)]


def test_a_half_day_off_is_kept_where_the_other_school_was_closed_all_day() -> None:
    term = Entry(CalendarKind.TERM, make.TERM_START, make.TERM_END, "第一学期", "", 1)
    half = Entry(CalendarKind.CLOSED_PM, make.DAY, make.DAY, "家长会", "", 2)
    storm = Entry(CalendarKind.CLOSED, make.DAY, make.DAY, "台风", "", 2)
    found = kept_days(Calendar((term, half)), Calendar((term, storm)), make.DAY, make.DAY)
    lines = tuple(Entry(kind, first, last, "", "", 3) for kind, first, last in found)
    after = Calendar((term, storm, *lines))
    assert (after.is_school_day(make.DAY), after.halves_open(make.DAY)) == (True, MORNING)


# The act


@pytest.fixture
def here(db: None) -> Places:
    return places()


def merge(unit: Unit, into: Unit, **more: Any) -> None:
    said = {"by": make.SYSTEM, "on": make.DAY, "number": NUMBER, "now": make.moment(make.DAY, 9), **more}
    merge_unit(unit=unit, into=into, **said)
    unit.refresh_from_db()


def test_the_classes_of_a_merged_school_stand_under_the_receiving_one(here: Places) -> None:
    make.school_class(here.sister_school, "五（1）班")
    merge(here.school, here.sister_school)
    moved = Unit.objects.get(pk=here.school_class.pk)
    assert (moved.parent, moved.name) == (here.sister_school, "五（1）班（原云溪中心学校）")
    assert moved.path == f"{here.sister_school.path}{moved.pk}/"
    assert here.school.last_day == make.DAY - timedelta(days=1)
    assert (here.school.merged_into, here.school.closing_document) == (here.sister_school, NUMBER)
    assert AuditRow.objects.filter(verb=Verb.UNIT_MERGED, object_id=str(here.school.pk)).count() == 1


def test_a_name_given_by_an_earlier_merger_stands_in_the_way_of_no_later_one(here: Places) -> None:
    """Three schools of one name, one after the other: each class keeps a name of its own under the last of them."""
    schools = [make.school(here.township, f"第{word}小学", code=f"21990200{word}") for word in "一二三"]
    Unit.objects.filter(pk__in=[row.pk for row in schools]).update(short_name="中心小学")
    for row in schools:
        make.school_class(row)
    first, second, third = Unit.objects.filter(pk__in=[row.pk for row in schools]).order_by("pk")
    merge(first, second)
    merge(second, third)
    names = set(Unit.objects.filter(parent=third).values_list("name", flat=True))
    assert names == {"五（1）班", "五（1）班（原中心小学）", "五（1）班（原中心小学2）"}


def test_a_class_is_moved_though_its_new_name_is_taken_where_it_stood(here: Places) -> None:
    for school, name in ((here.school, "五（1）班（原云溪中心学校）"), (here.sister_school, "五（1）班")):
        make.school_class(school, name)
    said: dict[str, Any] = {"on": make.DAY, "number": NUMBER, "now": make.moment(make.DAY, 9)}
    move_unit(by=make.SYSTEM, unit=here.school_class, parent=here.sister_school, **said)
    moved = Unit.objects.get(pk=here.school_class.pk)
    assert (moved.name, moved.parent) == ("五（1）班（原云溪中心学校）", here.sister_school)


def test_a_whole_township_goes_with_its_villages_schools_and_grids(here: Places) -> None:
    merge(here.township, here.sister)
    assert Unit.objects.get(pk=here.grid.pk).path == f"{here.sister.path}{here.village.pk}/{here.grid.pk}/"
    class_path = f"{here.sister.path}{here.school.pk}/{here.school_class.pk}/"
    assert Unit.objects.get(pk=here.school_class.pk).path == class_path
    assert not Unit.objects.filter(path__startswith=here.township.path).exclude(pk=here.township.pk).exists()


def test_posts_of_the_closed_unit_end_and_those_of_its_classes_stay(here: Places) -> None:
    registrar, teacher = make.person(Role.REGISTRAR, here.school), make.person(Role.CLASS_TEACHER, here.school_class)
    merge(here.school, here.sister_school)
    assert make.actor(registrar).posts == ()
    (post,) = make.actor(teacher).posts
    assert post.unit_path.startswith(here.sister_school.path)


def test_a_post_that_stays_goes_on_at_the_receiving_unit_with_its_deputy(here: Places) -> None:
    principal, deputy = make.person(Role.PRINCIPAL, here.school), make.user("代理人")
    post = Post.objects.get(user=principal)
    name_deputy(
        by=make.SYSTEM,
        post=post,
        user=deputy,
        first_day=make.DAY - timedelta(days=2),
        last_day=make.DAY + timedelta(days=2),
        why="出差",
        now=make.moment(make.DAY),
    )
    merge(here.school, here.sister_school, staying=[post.pk])
    for who in (principal, deputy):
        assert [held.unit_id for held in make.actor(who).posts] == [here.sister_school.pk]
    assert Deputy.objects.get(post=post).last_day == make.DAY - timedelta(days=1)


def test_a_post_that_was_over_before_a_late_entry_stays_as_it_was(here: Places) -> None:
    gone = Post.objects.get(user=make.person(Role.REGISTRAR, here.school))
    Post.objects.filter(pk=gone.pk).update(last_day=make.DAY - timedelta(days=1))
    principal = Post.objects.get(user=make.person(Role.PRINCIPAL, here.school))
    merge(here.school, here.sister_school, on=make.DAY - timedelta(days=5))
    assert Post.objects.get(pk=gone.pk).last_day == make.DAY - timedelta(days=1)
    assert Post.objects.get(pk=principal.pk).last_day == make.DAY - timedelta(days=6)


def test_a_post_that_had_not_begun_begins_at_the_receiving_unit_or_never(here: Places) -> None:
    people = [make.person(role, here.school) for role in (Role.PRINCIPAL, Role.REGISTRAR)]
    begins = make.DAY + timedelta(days=5)
    Post.objects.filter(user__in=people).update(first_day=begins)
    merge(here.school, here.sister_school, staying=[Post.objects.get(user=people[0]).pk])
    held = Post.objects.filter(current(begins), user__in=people)
    assert [(post.user, post.unit, post.first_day) for post in held] == [(people[0], here.sister_school, begins)]


def test_nobody_takes_his_own_post_along(here: Places) -> None:
    admin = make.person(Role.SYSTEM_ADMIN, here.county)
    Post.objects.create(user=admin, unit=here.school, role=Role.PRINCIPAL, first_day=make.TERM_START)
    own = Post.objects.get(user=admin, unit=here.school)
    with pytest.raises(ValueError, match="不能为自己办理随转岗位"):
        merge(here.school, here.sister_school, by=make.actor(admin), staying=[own.pk])
    assert Unit.objects.get(pk=here.school.pk).last_day is None


def test_a_day_off_of_the_old_school_stays_a_day_off(here: Places) -> None:
    storm, other = date(2026, 11, 3), date(2026, 11, 5)
    make.calendar_line(here.school, CalendarKind.CLOSED, storm, storm, "台风")
    make.calendar_line(here.sister_school, CalendarKind.CLOSED, other, other, "停电")
    merge(here.school, here.sister_school)
    calendar = calendar_of(Unit.objects.get(pk=here.school_class.pk), make.DAY)
    assert (calendar.is_school_day(storm), calendar.is_school_day(other)) == (False, True)


def test_a_merged_unit_is_not_merged_again(here: Places) -> None:
    merge(here.school, here.sister_school)
    with pytest.raises(ValueError, match="已经撤并"):
        merge(here.school, here.sister_school)


def test_of_two_mergers_into_each_other_the_second_is_refused(here: Places) -> None:
    merge(here.school, here.sister_school)
    with pytest.raises(ValueError, match="“云溪中心学校”已经撤并"):
        merge(here.sister_school, here.school)


def test_only_who_keeps_units_at_both_places_merges_them(here: Places) -> None:
    registrar = make.actor(make.person(Role.REGISTRAR, here.school))
    with pytest.raises(PermissionDenied):
        merge(here.school, here.sister_school, by=registrar)
    theirs = make.school_class(here.sister_school)
    with pytest.raises(PermissionDenied):
        merge(here.school_class, theirs, by=registrar)
    assert Unit.objects.get(pk=here.school_class.pk).last_day is None


def test_a_village_put_under_another_township_takes_its_grids_along(here: Places) -> None:
    move_unit(
        by=make.SYSTEM,
        unit=here.village,
        parent=here.sister,
        on=make.DAY,
        number=NUMBER,
        now=make.moment(make.DAY, 9),
    )
    moved = Unit.objects.get(pk=here.village.pk)
    assert (moved.parent, moved.last_day) == (here.sister, None)
    assert Unit.objects.get(pk=here.grid.pk).path == f"{moved.path}{here.grid.pk}/"


def test_nothing_is_built_under_a_closed_unit(here: Places) -> None:
    merge(here.school, here.sister_school)
    with pytest.raises(ValueError, match="“云溪中心学校”已经撤并，请到承接它的单位办理"):
        make.school_class(here.school, "六（1）班", 6)


# The pages


@pytest.fixture
def today(here: Places) -> Iterator[Places]:
    with at():
        yield here


def sent(to: Unit, **more: str) -> dict[str, str]:
    return {"to": str(to.pk), "on": make.DAY.isoformat(), "number": NUMBER, **more}


def test_the_page_shows_what_will_change_before_anything_does(today: Places) -> None:
    make.child(today.school_class)
    make.person(Role.REGISTRAR, today.school, "张管理员")
    admin = signed_in(Role.SYSTEM_ADMIN, today.county)
    address = f"/units/{today.school.pk}/merge/"
    page = admin.post(address, sent(today.sister_school)).content.decode()
    assert "2026-11-11（周三）" in page
    assert "在读学生（名）：1" in page
    assert "岗位到2026-11-10（周二）结束：学籍管理员 张管理员" in page
    assert Unit.objects.get(pk=today.school.pk).last_day is None
    answer = admin.post(address, sent(today.sister_school, sure="1"))
    assert answer["Location"] == f"/units/{today.sister_school.pk}/"
    old = admin.get(f"/units/{today.school.pk}/").content.decode()
    assert f'href="/units/{today.sister_school.pk}/"' in old
    assert NUMBER in old
    assert "更名" not in old
    assert admin.post(f"/units/{today.school.pk}/", {"act": "name", "name-name": "新校"}).status_code == 403
    again = admin.post(address, sent(today.sister_school, sure="1"), follow=True)
    assert again.redirect_chain == [(f"/units/{today.sister_school.pk}/", 302)]
    assert f"已办理：{today.school.name}已并入" in again.content.decode()
    assert admin.get(address).status_code == 404


def test_the_page_warns_where_no_plan_would_govern_the_children(today: Places) -> None:
    make.plan(today.township)
    admin = signed_in(Role.SYSTEM_ADMIN, today.county)
    address = f"/units/{today.school.pk}/merge/"
    assert "没有采用任何方案" in admin.post(address, sent(today.sister_school)).content.decode()
    near = make.school(today.township, "第三小学", code="2199010003")
    assert "没有采用任何方案" not in admin.post(address, sent(near)).content.decode()


def test_the_page_warns_where_the_cases_of_a_class_will_go_by_other_days(today: Places) -> None:
    second, third = make.school_class(today.school, "五（2）班"), make.school_class(today.school, "五（3）班")
    make.calendar_line(third, CalendarKind.CLOSED, date(2026, 11, 3), date(2026, 11, 3), "流感")
    admin = signed_in(Role.SYSTEM_ADMIN, today.county)
    address = f"/units/{today.school_class.pk}/merge/"
    same, other = (admin.post(address, sent(to)).content.decode() for to in (second, third))
    assert ("过去的上课日、停课日不同" in same, "已经过去的上课日和停课日" in same) == (False, True)
    assert ("过去的上课日、停课日不同" in other, "已经过去的上课日和停课日" in other) == (True, False)


def test_nobody_is_appointed_at_a_closed_unit(today: Places) -> None:
    security = signed_in(Role.SECURITY_ADMIN, today.county)
    address = f"/posts/new/?unit={today.school.pk}"
    assert security.get(address).status_code == 200
    merge(today.school, today.sister_school)
    assert security.get(address).status_code == 404
    assert 'data-testid="appoint"' not in security.get(f"/units/{today.school.pk}/").content.decode()


def test_a_confirmation_sends_what_was_shown_and_nothing_typed_since(today: Places) -> None:
    principal = Post.objects.get(user=make.person(Role.PRINCIPAL, today.school))
    admin = signed_in(Role.SYSTEM_ADMIN, today.county)
    page = admin.post(
        f"/units/{today.school.pk}/merge/", {**sent(today.sister_school), "staying": [str(principal.pk)]}
    ).content.decode()
    confirm = page[page.index('data-testid="confirm"') : page.index("</form>", page.index('data-testid="confirm"'))]
    for name, value in (*sent(today.sister_school).items(), ("staying", principal.pk)):
        assert f'<input type="hidden" name="{name}" value="{value}">' in confirm
    assert "岗位随转：校长" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"to": "999999"}, "请从列表中选择一个仍在的单位"),
        ({"to": ""}, "请从列表中选择一个仍在的单位"),
        ({"on": "2026-13-01"}, "日期无法识别"),
        ({"number": ""}, "请填写文件文号。"),
    ],
)
def test_a_mistake_is_shown_beside_its_field(today: Places, wrong: dict[str, str], sentence: str) -> None:
    admin = signed_in(Role.SYSTEM_ADMIN, today.county)
    answer = admin.post(f"/units/{today.school.pk}/merge/", sent(today.sister_school) | wrong)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_a_day_to_come_is_looked_at_but_not_confirmed(today: Places) -> None:
    tomorrow = (make.DAY + timedelta(days=1)).isoformat()
    admin = signed_in(Role.SYSTEM_ADMIN, today.county)
    page = admin.post(f"/units/{today.school.pk}/merge/", sent(today.sister_school, on=tomorrow)).content.decode()
    assert "还没有到" in page
    assert 'data-testid="sure"' not in page
    answer = admin.post(
        f"/units/{today.school.pk}/merge/",
        sent(today.sister_school, on=tomorrow, sure="1"),
    )
    assert "还没有到" in answer.content.decode()
    assert Unit.objects.get(pk=today.school.pk).last_day is None


def test_a_registrar_merges_classes_of_her_school_and_no_school(today: Places) -> None:
    second = make.school_class(today.school, "五（2）班")
    make.school_class(today.school, "六（1）班", 6)
    registrar = signed_in(Role.REGISTRAR, today.school)
    assert registrar.get(f"/units/{today.school.pk}/merge/").status_code == 403
    page = registrar.get(f"/units/{today.school_class.pk}/merge/").content.decode()
    assert "五（2）班" in page
    assert "六（1）班" not in page
    answer = registrar.post(f"/units/{today.school_class.pk}/merge/", sent(second, sure="1"))
    assert answer.status_code == 302
    assert Unit.objects.get(pk=today.school_class.pk).merged_into == second


def test_the_system_administrator_moves_a_village_by_its_page(today: Places) -> None:
    admin = signed_in(Role.SYSTEM_ADMIN, today.county)
    address = f"/units/{today.village.pk}/move/"
    assert "划转到" in admin.get(address).content.decode()
    page = admin.post(address, sent(today.sister)).content.decode()
    assert "青山镇" in page
    assert "可以用同样的办法划回来" in page
    admin.post(address, sent(today.sister, sure="1"))
    assert Unit.objects.get(pk=today.village.pk).parent == today.sister
    assert "已办理" in admin.post(address, sent(today.sister, sure="1"), follow=True).content.decode()
    assert admin.get(f"/units/{today.township.pk}/move/").status_code == 404
    assert admin.get(f"/units/{today.county.pk}/merge/").status_code == 404
