"""Cases entered by hand: from old lists at their present step, and 辍学倾向."""

from datetime import date

import pytest
from django.urls import reverse

from agencies.choices import Role
from agencies.rules.policy_schema import Policy
from agencies.rules.policy_triggers import WaitTrigger
from cases.actions.opening import enter_old_case
from cases.choices import EventKind
from cases.models import Case, DutyRow, Event
from cases.rules.transitions import bars
from tests import make
from tests.cases.scene import at, client, scene, text_of
from tests.cases.stories import absent, event, roll, stands
from tests.counties import KEYS, policy_of

pytestmark = pytest.mark.django_db
URL = "/cases/old/"
OLD = {
    "step": "village",
    "started_on": "2026-10-12",
    "cause": "weary",
    "calls": "3",
    "visits": "1",
    "note": "2025年总台账",
}


def test_the_child_is_found_by_name_or_initials_and_only_in_sight() -> None:
    place = scene()
    other = scene(place.county, "青石")
    child = place.child("周小安")
    other.child("周小安")
    with at():
        page = text_of(client(place.officer).get(URL, {"q": "zxa"}))
        assert page.count("周小安") == 1
        assert f"?student={child.pk}" in page
        assert "没有找到" in text_of(client(place.officer).get(URL, {"q": "赵"}))


def test_an_old_case_enters_at_its_step_and_counts_from_there() -> None:
    place = scene()
    child = place.child()
    with at():
        browser = client(place.officer)
        shown = text_of(browser.get(URL, {"student": child.pk}))
        assert "村书记牵头入户核查辍学原因" in shown
        assert shown.count(">待查</option>") == 1
        answer = browser.post(URL, OLD | {"student": child.pk})
        case = Case.objects.get(student=child)
        assert answer["Location"] == reverse("cases:case", args=[case.pk])
        page = text_of(browser.get(answer["Location"]))
    assert (case.origin, case.cause) == ("old_list", "weary")
    assert "旧台账补录" in page
    assert "已电话3次" in page
    assert DutyRow.objects.filter(case=case, step="village", state="overdue").exists()


def test_a_corrected_entry_of_an_old_list_keeps_its_step_and_its_counts() -> None:
    place = scene()
    child = place.child()
    with at():
        browser = client(place.officer)
        browser.post(URL, OLD | {"student": child.pk})
        old = Event.objects.get()
        where = reverse("cases:event_supersede", args=[old.pk])
        right = {"happened_on": "2026-10-13", "step": "village", "why": "台账日期抄错", "cause": "weary"}
        assert browser.post(where, right | {"correction": "抄错一天", "mend": "replace"}).status_code == 302
        page = text_of(browser.get(reverse("cases:case", args=[old.case_id])))
    new = Event.objects.get(superseded_at__isnull=True)
    assert (new.step, new.data["calls"], new.data["note"]) == ("village", "3", "2025年总台账")
    assert page.count("旧台账补录") >= 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"step": "court"}, "所选步骤不在本方案中"),
        ({"step": ""}, "请选择目前所处步骤"),
        ({"started_on": "2030-01-01"}, "日期不合理"),
        ({"started_on": "2001-01-01"}, "日期不合理"),
        ({"started_on": "去年"}, "日期请写成"),
        ({"calls": "-1"}, "不能小于0"),
        ({"calls": "many"}, "请填整数"),
    ],
)
def test_bad_input_is_said_and_no_case_opens(change: dict[str, str], sentence: str) -> None:
    place = scene()
    child = place.child()
    with at():
        answer = client(place.officer).post(URL, OLD | change | {"student": child.pk})
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert not Case.objects.exists()


def test_a_child_with_an_open_case_leads_to_it() -> None:
    place = scene()
    child = place.child()
    (case,) = place.absent(child)
    with at():
        for answer in (
            client(place.officer).post(URL, OLD | {"student": child.pk}),
            client(place.officer).get(URL, {"student": child.pk}),
            client(place.teacher).get(reverse("cases:begin", args=[child.pk, "flagged"])),
        ):
            assert answer["Location"] == reverse("cases:case", args=[case.pk])


def test_strangers_and_the_wrong_posts_are_refused() -> None:
    place = scene()
    other = scene(place.county, "青石")
    child = place.child()
    flag = reverse("cases:begin", args=[child.pk, "flagged"])
    with at():
        assert client(other.officer).get(URL, {"student": child.pk}).status_code == 404
        assert client(other.officer).get(URL, {"student": "x"}).status_code == 404
        assert client(place.teacher).get(URL).status_code == 403
        assert client(other.teacher).get(flag).status_code == 404
        assert client(make.person(Role.INSPECTOR, place.county)).get(flag).status_code == 403


def test_a_flagged_child_gets_a_case_at_the_plan_s_first_step() -> None:
    place = scene()
    child = place.child()
    flag = reverse("cases:begin", args=[child.pk, "flagged"])
    with at():
        browser = client(place.secretary)
        page = text_of(browser.get(flag))
        assert f"{place.school.label} {place.school_class.label} · 11周岁 · 没有个案" in page
        assert browser.post(flag, {"happened_on": "2026-11-11", "why": ""}).status_code == 400
        assert browser.post(flag, {"happened_on": "2026-11-11", "why": "厌学，提出不再上学"}).status_code == 302
    case = Case.objects.get(student=child)
    assert case.origin == "flag"
    assert case.duties.get().step == "phone"


def test_a_child_found_by_a_survey_gets_a_case_though_no_school_knows_it() -> None:
    place = scene()
    child = make.child(None, "林小禾", residence=place.village)
    begin = reverse("cases:begin", args=[child.pk, "not_enrolled"])
    with at():
        browser = client(place.secretary)
        assert f"{place.township.label} {place.village.label}（未在县内就读）" in text_of(browser.get(begin))
        answer = browser.post(begin, {"happened_on": "2026-11-11", "found_by": "入户摸排", "why": "随父母外出"})
        assert answer.status_code == 302
        assert client(place.teacher).get(begin).status_code == 403
    assert Case.objects.get(student=child).origin == "survey"


def test_only_what_begins_a_case_has_such_a_page() -> None:
    place = scene()
    child = place.child()
    with at():
        browser = client(place.officer)
        assert browser.get(reverse("cases:begin", args=[child.pk, "closed"])).status_code == 404
        assert browser.get(reverse("cases:begin", args=[child.pk, "nonsense"])).status_code == 404


def test_a_child_without_a_case_has_no_door_to_cases_and_one_with_has() -> None:
    place = scene()
    without, absent = place.child("陈小满"), place.child("周小安")
    place.absent(absent)
    with at(hour=17):
        browser = client(place.teacher)
        assert "查看该生的个案" not in text_of(browser.get(reverse("students:child", args=[without.pk])))
        assert "查看该生的个案" in text_of(browser.get(reverse("students:child", args=[absent.pk])))


def test_a_child_who_still_comes_gets_its_support_plan_straight_from_the_report() -> None:
    place = scene()
    child = place.child()
    with at():
        browser = client(place.teacher)
        url = reverse("cases:begin", args=[child.pk, EventKind.FLAGGED])
        assert "登记并定一生一策" in text_of(browser.get(url))
        sent = {"happened_on": "2026-11-11", "why": "厌学，常说不想来", "cause": "weary", "plan": "1"}
        answer = browser.post(url, sent)
        case = Case.objects.get(student=child)
        assert answer["Location"] == reverse("cases:plan_edit", args=[case.pk])
        assert "厌学，2026-11-11（周三）发现辍学倾向" in text_of(browser.get(answer["Location"]))


def behind_the_order(policy: Policy) -> list[str]:
    """The steps that wait for the order, or for a step that does."""
    found = [step.key for step in policy.steps if "notice_served" in step.done_by]
    for step in policy.steps:
        if any(isinstance(trigger, WaitTrigger) and trigger.after in found for trigger in step.triggers):
            found.append(step.key)
    return [step.key for step in policy.steps if step.key in found[1:] and not step.source]


BEHIND_THE_ORDER = [(key, step) for key in KEYS for step in behind_the_order(policy_of(key))]


def test_three_plans_go_on_behind_the_order() -> None:
    assert {"justice", "route", "mayor", "joint"} <= {step for _, step in BEHIND_THE_ORDER}


@pytest.mark.parametrize(("plan", "step"), BEHIND_THE_ORDER)
def test_whatever_step_an_old_case_enters_at_the_case_takes_what_fulfils_it(plan: str, step: str) -> None:
    """The order was served on the old list: 司法所协助, 选定途径 and the suit wait for no second service."""
    policy = policy_of(plan)
    flag = event(1, EventKind.FLAGGED, date(2026, 10, 12), at_step=step, from_old_list=True)
    standing = stands(roll(*absent(date(2026, 10, 12), date(2026, 11, 11))), (flag,), date(2026, 11, 11), policy)
    (duty,) = [duty for duty in standing.waiting if duty.step_key == step]
    owed = policy.step(duty.step_key)
    assert owed is not None
    assert [kind for kind in owed.done_by if bars(standing, EventKind(kind))] == []


def test_no_way_to_a_court_is_chosen_before_the_order_is_served() -> None:
    standing = stands(
        roll(*absent(date(2026, 11, 2), date(2026, 11, 11))), (), date(2026, 11, 11), policy_of("xx-2024")
    )
    assert bars(standing, EventKind.ROUTE_CHOSEN) == ["限期通知书尚未送达，司法程序还不能启动"]


def test_steps_of_another_path_are_not_offered_and_not_taken() -> None:
    place = scene(plan="xx-2024")
    child = place.child()
    with at():
        browser = client(place.officer)
        page = text_of(browser.get(URL, {"student": child.pk}))
        assert 'value="route"' in page
        assert 'value="decide-leave"' not in page
        answer = browser.post(URL, OLD | {"student": child.pk, "step": "decide-leave"})
        assert (answer.status_code, "所选步骤不在本方案中" in text_of(answer)) == (400, True)
        with pytest.raises(ValueError, match="所选步骤不在本方案中"):
            enter_old_case(
                by=make.actor(place.officer),
                student=child,
                step="decide-leave",
                started_on=date(2026, 10, 12),
                data={},
                now=make.moment(make.DAY),
            )


def test_the_order_served_before_stands_on_the_case_and_starts_the_time_to_sue() -> None:
    place = scene(plan="xx-2024")
    child = place.child()
    of_order = {"addressee": "周母", "number": "旧政限复3号", "issued_on": "2026-10-19", "deadline": "2026-10-30"}
    order = {"step": "route", "order_served_on": "2026-10-20", "remedies": "told", **of_order}
    with at():
        browser = client(place.officer)
        answer = browser.post(URL, OLD | order | {"student": child.pk})
        case = Case.objects.get(student=child)
        page = text_of(browser.get(answer["Location"]))
        chosen = text_of(browser.get(reverse("cases:event_new", args=[case.pk, EventKind.ROUTE_CHOSEN])))
    assert "通知书送达（旧台账）" in page
    assert "通知书文号：旧政限复3号" in page
    kept = case.events.get(kind=EventKind.NOTICE_SERVED).data
    assert kept == {"remedies": "told", "from_old_list": True, **of_order}
    assert "本案通知书2026-10-20（周二）送达，起诉期限至2027-04-20（周二）届满" in chosen


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"remedies": ""}, "请选择通知书是否写明复议、诉讼途径"),
        ({"order_served_on": ""}, "请填写限期通知书送达日期"),
        ({"order_served_on": "", "remedies": "", "number": "旧3号"}, "请填写限期通知书送达日期"),
        ({"issued_on": "2026-10-21"}, "签发日期不能晚于送达日期"),
        ({"order_served_on": "2026-09-01"}, "不能早于首次缺课日期"),
        ({"order_served_on": "十月"}, "日期请写成"),
        ({"step": "order"}, "所选步骤在送达限期通知书之前"),
    ],
)
def test_an_order_that_cannot_lie_behind_is_said_and_no_case_opens(change: dict[str, str], sentence: str) -> None:
    place = scene(plan="xx-2024")
    child = place.child()
    order = {"step": "route", "order_served_on": "2026-10-20", "remedies": "told", **change}
    with at():
        answer = client(place.officer).post(URL, OLD | order | {"student": child.pk})
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert not Case.objects.exists()


def test_a_day_of_service_wrong_on_the_old_list_is_corrected_on_the_case() -> None:
    place = scene(plan="xx-2024")
    child = place.child()
    order = {"step": "route", "order_served_on": "2026-10-20", "remedies": "told"}
    with at():
        browser = client(place.officer)
        browser.post(URL, OLD | order | {"student": child.pk})
        case = Case.objects.get(student=child)
        served = case.events.get(kind=EventKind.NOTICE_SERVED)
        right = {"happened_on": "2026-10-22", "mode": "direct", "addressee": "周母", "remedies": "not_told"}
        for day in ("2026-10-22", "2026-10-23"):
            event = case.events.get(kind=EventKind.NOTICE_SERVED, superseded_at__isnull=True)
            url = reverse("cases:event_supersede", args=[event.pk])
            assert url in text_of(browser.get(f"/cases/{case.pk}/"))
            answer = browser.post(url, right | {"happened_on": day, "correction": "回证日期看错", "mend": "replace"})
            assert answer.status_code == 302
    served.refresh_from_db()
    assert served.superseded_at is not None
    event = case.events.get(kind=EventKind.NOTICE_SERVED, superseded_at__isnull=True)
    assert (event.happened_on, event.data["remedies"], event.data["from_old_list"]) == (
        date(2026, 10, 23),
        "not_told",
        True,
    )
