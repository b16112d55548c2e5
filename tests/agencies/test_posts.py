"""Posts are given by those who may, deputies stand in for days, all duties pass in one act."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from agencies.choices import Role
from agencies.models import AuditRow, Deputy, Post, User
from agencies.queries.people import actor_for
from cases.models import Case
from tests import make
from tests.agencies.people import LONG_AGO, Places, client_of, places, signed_in
from tests.students.test_roll_races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Places:
    return places()


def test_a_principal_appoints_a_teacher_of_his_own_school(here: Places) -> None:
    principal = signed_in(Role.PRINCIPAL, here.school)
    newcomer = make.user("吴老师", "wulaoshi")
    address = f"/posts/new/?unit={here.school_class.pk}"
    assert "班主任" in principal.get(address).content.decode()
    answer = principal.post(address, {"user": "wulaoshi", "role": "class_teacher", "first_day": "2026-09-01"})
    assert answer["Location"] == f"/units/{here.school_class.pk}/"
    assert Post.objects.get(user=newcomer).role == Role.CLASS_TEACHER


def test_an_unknown_account_is_an_error_with_its_remedy(here: Places) -> None:
    principal = signed_in(Role.PRINCIPAL, here.school)
    sent = {"user": "nobody", "role": "class_teacher", "first_day": "2026-09-01"}
    answer = principal.post(f"/posts/new/?unit={here.school_class.pk}", sent)
    assert answer.status_code == 400
    assert "没有姓名或账号是“nobody”的人" in answer.content.decode()


def test_a_name_that_only_one_person_has_is_enough(here: Places) -> None:
    principal = signed_in(Role.PRINCIPAL, here.school)
    address = f"/posts/new/?unit={here.school_class.pk}"
    sent = {"user": "吴老师", "role": "class_teacher", "first_day": "2026-09-01"}
    newcomer = make.user("吴老师", "wulaoshi")
    assert principal.post(address, sent).status_code == 302
    assert Post.objects.get(user=newcomer).role == Role.CLASS_TEACHER
    make.user("吴老师", "wulaoshi2")
    answer = principal.post(address, sent)
    assert answer.status_code == 400
    assert "叫“吴老师”的不止一人，请改填其登录账号" in answer.content.decode()


def test_nobody_gives_a_post_elsewhere_or_above_himself(here: Places) -> None:
    principal = signed_in(Role.PRINCIPAL, here.school)
    assert principal.get(f"/posts/new/?unit={here.sister_school.pk}").status_code == 404
    assert principal.get("/posts/new/?unit=x").status_code == 404
    sent = {"user": make.user().username, "role": "bureau_head", "first_day": "2026-09-01"}
    assert principal.post(f"/posts/new/?unit={here.school.pk}", sent).status_code == 400


def test_colleagues_are_suggested_where_an_account_is_typed(here: Places) -> None:
    teacher = make.person(Role.CLASS_TEACHER, here.school_class, "林老师", on=LONG_AGO)
    principal = signed_in(Role.PRINCIPAL, here.school)
    for address in (f"/posts/new/?unit={here.school_class.pk}", "/hand-over/"):
        page = principal.get(address).content.decode()
        assert f'<option value="{teacher.username}">林老师 · ' in page


def test_the_administrator_of_posts_gives_himself_none_and_so_sees_no_child(here: Places) -> None:
    admin = make.person(Role.SECURITY_ADMIN, here.county, on=LONG_AGO)
    head = make.person(Role.PRINCIPAL, here.school, on=LONG_AGO)
    client = client_of(admin)
    sent = {"user": admin.username, "role": "principal", "first_day": "2026-09-01"}
    refused = client.post(f"/posts/new/?unit={here.school.pk}", sent)
    assert refused.status_code == 403
    assert "不能为自己任命" in refused.content.decode()
    today = timezone.localdate().isoformat()
    days = {"first_day": today, "last_day": today, "why": "出差"}
    post = Post.objects.get(user=head)
    refused = client.post(f"/deputy/?post={post.pk}", {"post": post.pk, "username": admin.username, **days})
    assert refused.status_code == 403
    taken = {"giver": head.username, "taker": admin.username, "on": today, "sure": "1"}
    assert client.post("/hand-over/", taken).status_code == 403
    assert [post.role for post in actor_for(admin, timezone.localdate()).posts] == [Role.SECURITY_ADMIN]


def test_who_stands_in_for_a_principal_appoints_others_but_not_himself(here: Places) -> None:
    teacher = make.person(Role.CLASS_TEACHER, here.school_class, on=LONG_AGO)
    newcomer = make.user("吴老师", "wulaoshi")
    head = make.person(Role.PRINCIPAL, here.school, on=LONG_AGO)
    today = timezone.localdate()
    Deputy.objects.create(post=Post.objects.get(user=head), user=teacher, first_day=today, last_day=today, why="出差")
    client, sent = client_of(teacher), {"role": "registrar", "first_day": "2026-09-01"}
    address = f"/posts/new/?unit={here.school.pk}"
    assert client.post(address, {"user": teacher.username, **sent}).status_code == 403
    assert client.post(address, {"user": "wulaoshi", **sent}).status_code == 302
    assert Post.objects.get(user=newcomer).role == Role.REGISTRAR


def test_the_principal_of_a_small_school_takes_a_class_himself(here: Places) -> None:
    head = make.person(Role.PRINCIPAL, here.school, on=LONG_AGO)
    sent = {"user": head.username, "role": "class_teacher", "first_day": "2026-09-01"}
    assert client_of(head).post(f"/posts/new/?unit={here.school_class.pk}", sent).status_code == 302


def test_a_deputy_is_taken_back_at_once(here: Places) -> None:
    teacher = make.person(Role.CLASS_TEACHER, here.school_class, on=LONG_AGO)
    colleague = make.user("吴老师", "wulaoshi")
    post, today = Post.objects.get(user=teacher), timezone.localdate()
    running = Deputy.objects.create(
        post=post, user=colleague, first_day=today - timedelta(days=2), last_day=today + timedelta(days=2), why="病假"
    )
    client = client_of(teacher)
    assert 'data-testid="withdraw"' in client.get("/deputy/").content.decode()
    client.post("/deputy/", {"withdraw": running.pk})
    running.refresh_from_db()
    assert running.last_day == today - timedelta(days=1)
    assert actor_for(colleague, today).posts == ()
    assert AuditRow.objects.filter(verb="deputy_ended").count() == 1
    assert "已经收回或结束" in client.post("/deputy/", {"withdraw": running.pk}, follow=True).content.decode()
    coming = Deputy.objects.create(post=post, user=colleague, first_day=today, last_day=today, why="出差")
    client.post("/deputy/", {"withdraw": coming.pk})
    assert not Deputy.objects.filter(pk=coming.pk).exists()


def test_a_stranger_takes_no_deputy_back(here: Places) -> None:
    teacher = make.person(Role.CLASS_TEACHER, here.school_class, on=LONG_AGO)
    today = timezone.localdate()
    standing = Deputy.objects.create(
        post=Post.objects.get(user=teacher), user=make.user(), first_day=today, last_day=today, why="出差"
    )
    signed_in(Role.CLASS_TEACHER, make.school_class(here.sister_school)).post("/deputy/", {"withdraw": standing.pk})
    signed_in(Role.REGISTRAR, here.school).post("/deputy/", {"withdraw": standing.pk})
    assert Deputy.objects.filter(pk=standing.pk).exists()


def test_a_post_ends_and_what_it_showed_is_gone(here: Places) -> None:
    teacher = make.person(Role.CLASS_TEACHER, here.school_class, on=LONG_AGO)
    post = Post.objects.get(user=teacher)
    principal = signed_in(Role.PRINCIPAL, here.school)
    yesterday = timezone.localdate() - timedelta(days=1)
    assert principal.post(f"/posts/{post.pk}/end/", {"last_day": yesterday.isoformat()})["Location"] == "/posts/"
    assert actor_for(teacher, timezone.localdate()).posts == ()


def test_a_post_that_is_over_is_not_brought_back_by_another_end(here: Places) -> None:
    post = Post.objects.get(user=make.person(Role.CLASS_TEACHER, here.school_class, on=LONG_AGO))
    Post.objects.filter(pk=post.pk).update(last_day=date(2026, 1, 22))
    principal = signed_in(Role.PRINCIPAL, here.school)
    answer = principal.post(f"/posts/{post.pk}/end/", {"last_day": "2099-01-01"})
    assert answer.status_code == 400
    assert "这个岗位已于2026-01-22（周四）结束" in answer.content.decode()
    post.refresh_from_db()
    assert post.last_day == date(2026, 1, 22)


def test_a_sister_schools_post_cannot_be_ended(here: Places) -> None:
    stranger = make.person(Role.REGISTRAR, here.sister_school, on=LONG_AGO)
    principal = signed_in(Role.PRINCIPAL, here.school)
    assert principal.get(f"/posts/{stranger.posts.get().pk}/end/").status_code == 404


def test_a_teacher_names_a_colleague_for_a_day_who_then_acts_in_her_place(here: Places) -> None:
    teacher = make.person(Role.CLASS_TEACHER, here.school_class, "吴老师", on=LONG_AGO)
    other = make.person(Role.CLASS_TEACHER, make.school_class(here.school, "五（2）班"), "郑老师", on=LONG_AGO)
    stranger = make.person(Role.PRINCIPAL, here.sister_school, "青山校长", on=LONG_AGO)
    page = client_of(teacher).get("/deputy/").content.decode()
    assert "郑老师" in page
    assert stranger.name not in page
    day = timezone.localdate()
    sent = {
        "post": teacher.posts.get().pk,
        "user": other.pk,
        "first_day": day.isoformat(),
        "last_day": day.isoformat(),
        "why": "外出学习",
    }
    assert client_of(teacher).post("/deputy/", sent).status_code == 302
    standing_in = actor_for(other, day)
    assert [post.deputy_of for post in standing_in.posts] == ["", "吴老师"]
    assert actor_for(other, day + timedelta(days=1)).posts[1:] == ()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"last_day": "2020-01-01"}, "结束日期早于开始日期"),
        ({"user": ""}, "请选择代理人"),
        ({"user": "", "why": ""}, "请选择代理人"),
        ({"why": ""}, "请填写事由。"),
        ({"last_day": "2027-11-11"}, "代理一次最长一年"),
        ({"user": "", "username": "青山校长"}, "代理人须是本单位同事"),
        ({"first_day": "9999-12-31", "last_day": "9999-12-31"}, "年份应在2000至2100之间"),
        ({"first_day": "昨天"}, "日期无法识别"),
        ({"post": "999999"}, "不在可用的选项"),
    ],
)
def test_a_deputy_form_with_a_mistake_says_which(here: Places, changes: dict[str, str], sentence: str) -> None:
    teacher = make.person(Role.CLASS_TEACHER, here.school_class, on=LONG_AGO)
    other = make.person(Role.PRINCIPAL, here.school, on=LONG_AGO)
    make.person(Role.PRINCIPAL, here.sister_school, "青山校长", on=LONG_AGO)
    sent = {
        "post": str(teacher.posts.get().pk),
        "user": str(other.pk),
        "first_day": "2026-11-11",
        "last_day": "2026-11-11",
        "why": "代课",
    }
    answer = client_of(teacher).post("/deputy/", sent | changes)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not Deputy.objects.exists()


def hand_over_form(giver: str, taker: str, **more: str) -> dict[str, str]:
    return {"giver": giver, "taker": taker, "on": "2026-11-11", **more}


def test_all_posts_of_one_person_pass_in_one_act_after_a_preview(here: Places) -> None:
    giver = make.person(Role.CLASS_TEACHER, here.school_class, "吴老师", on=LONG_AGO)
    make.posts.give_post(
        by=make.SYSTEM,
        user=giver,
        unit=here.school,
        role=Role.REGISTRAR,
        first_day=LONG_AGO,
        now=make.moment(LONG_AGO),
    )
    taker = make.user("郑老师")
    principal = signed_in(Role.PRINCIPAL, here.school)
    sent = hand_over_form(giver.username, taker.username)
    preview = principal.post("/hand-over/", sent)
    assert "五（1）班 班主任" in preview.content.decode()
    assert "2026-11-11（周三）" in preview.content.decode()
    assert not taker.posts.exists()

    assert principal.post("/hand-over/", sent | {"sure": "1"})["Location"] == "/posts/"
    assert {post.role for post in actor_for(taker, make.DAY).posts} == {Role.CLASS_TEACHER, Role.REGISTRAR}
    assert actor_for(giver, make.DAY).posts == ()
    assert AuditRow.objects.filter(verb="duties_handed_over").count() == 1


def test_cases_held_in_person_pass_with_the_posts(here: Places) -> None:
    make.plan(here.township)
    giver = make.person(Role.CLASS_TEACHER, here.school_class, "吴老师", on=LONG_AGO)
    taker = make.user("郑老师")
    make.roll(here.school_class, absent={make.child(here.school_class, residence=here.village): "unexcused"})
    case = Case.objects.get()
    Case.objects.update(person=giver)
    principal = signed_in(Role.PRINCIPAL, here.school)
    sent = hand_over_form(giver.username, taker.username)
    assert "任责任人的在办个案 1 件</li>" in principal.post("/hand-over/", sent).content.decode()
    later = principal.post("/hand-over/", sent | {"on": "2099-01-04"}).content.decode()
    assert "任责任人的在办个案 1 件（确认后即时转交）" in later
    principal.post("/hand-over/", sent | {"sure": "1"})
    case.refresh_from_db()
    assert case.person == taker
    assert AuditRow.objects.filter(verb="case_assigned", child_number=case.student.number).count() == 1


def test_nothing_passes_where_one_post_is_not_ones_own_to_give(here: Places) -> None:
    giver = make.person(Role.CLASS_TEACHER, here.school_class, "吴老师", on=LONG_AGO)
    make.posts.give_post(
        by=make.SYSTEM,
        user=giver,
        unit=here.sister,
        role=Role.TOWNSHIP_OFFICER,
        first_day=LONG_AGO,
        now=make.moment(LONG_AGO),
    )
    taker = make.user("郑老师")
    principal = signed_in(Role.PRINCIPAL, here.school)
    answer = principal.post("/hand-over/", hand_over_form(giver.username, taker.username, sure="1"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "职责范围以外的岗位" in page
    assert "青山镇" not in page
    assert not taker.posts.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_hand_overs_at_once_the_later_finds_nothing_left() -> None:
    here = places()
    giver = make.person(Role.CLASS_TEACHER, here.school_class, "吴老师", on=LONG_AGO)
    takers = [make.user("郑老师"), make.user("王老师")]

    def pass_to(taker: User) -> Callable[[], object]:
        return lambda: make.posts.hand_over(
            by=make.SYSTEM, giver=giver, taker=taker, on=make.DAY, now=make.moment(make.DAY)
        )

    (told,) = at_once(*map(pass_to, takers))
    assert "没有可移交的职责" in str(told)
    assert Post.objects.filter(user__in=takers).count() == 1


def test_who_holds_nothing_has_nothing_to_hand_over(here: Places) -> None:
    principal = signed_in(Role.PRINCIPAL, here.school)
    one, two = make.user(), make.user()
    answer = principal.post("/hand-over/", hand_over_form(one.username, two.username, sure="1"))
    assert "没有可移交的职责" in answer.content.decode()
    answer = principal.post("/hand-over/", hand_over_form(one.username, one.username))
    assert "接任人与移交人是同一人" in answer.content.decode()


def test_a_class_teacher_manages_no_posts(here: Places) -> None:
    teacher = signed_in(Role.CLASS_TEACHER, here.school_class)
    for path in ("/posts/", f"/posts/new/?unit={here.school_class.pk}", "/posts/1/end/", "/hand-over/"):
        assert teacher.get(path).status_code == 403


def test_the_list_costs_the_same_for_one_and_for_three_posts(
    here: Places, django_assert_num_queries: Callable[..., object]
) -> None:
    principal = signed_in(Role.PRINCIPAL, here.school)
    principal.get("/posts/")
    with django_assert_num_queries(4):
        principal.get("/posts/")
    make.person(Role.REGISTRAR, here.school, on=LONG_AGO)
    make.person(Role.CLASS_TEACHER, here.school_class, on=LONG_AGO)
    with django_assert_num_queries(4):
        principal.get("/posts/")
