"""Events recorded in place: the plan's fields, once, against what the page saw; wrong ones superseded."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.choices import Role, Verb
from agencies.models import AuditRow
from cases.actions.events import NewEvent, record_event
from cases.choices import EventKind
from cases.forms import EventForm
from cases.models import Case, DutyRow, Event
from tests import make
from tests.cases.scene import absent_scene, at, client, scene, text_of

pytestmark = pytest.mark.django_db

CALL = {"happened_on": "2026-11-11", "happened_at": "09:05", "result": "no_answer"}
VISIT = {"happened_on": "2026-11-11", "by": "王老师", "guardian_attitude": "愿意配合", "methods": "讲清法律责任"}


def url(case: Case, kind: str) -> str:
    return reverse("cases:event_new", args=[case.pk, kind])


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def form(browser: Client, case: Case, kind: str) -> dict[str, str]:
    page = text_of(browser.get(url(case, kind)))
    return {name: hidden(page, name) for name in ("token", "seen_version", "step")}


def test_the_form_opens_with_today_the_writer_and_the_steps_it_fulfils() -> None:
    place, case = absent_scene()
    with at():
        page = text_of(client(place.teacher).get(url(case, "home_visit")))
    assert 'name="happened_on" value="2026-11-11"' in page
    assert f'name="by" value="{place.teacher.name}"' in page
    assert "本次登记办理的是：班主任当日电话联系监护人、班主任联合德育处入户劝返" in page


def test_a_call_result_is_one_of_four_chips() -> None:
    place, case = absent_scene()
    with at():
        page = text_of(client(place.teacher).get(url(case, "phone_call")))
    assert re.findall(r'type="radio" name="result" value="(\w+)"', page) == [
        "connected",
        "no_answer",
        "empty_number",
        "refused",
    ]


def test_what_was_recorded_fulfils_the_duty_and_says_who_under_which_post() -> None:
    place = scene()
    (case,) = place.absent(place.child(), days=[make.DAY])
    with at():
        answer = client(place.teacher).post(url(case, "phone_call"), CALL | {"next": "/today/"})
    assert answer["Location"] == "/today/"
    event = Event.objects.get(case=case)
    assert event.data == {"result": "no_answer"}
    assert (event.recorded_name, event.recorded_post) == (place.teacher.name, "五（1）班 班主任")
    assert DutyRow.objects.get(case=case, step="phone").state == "done"


def test_the_same_form_sent_twice_is_stored_once() -> None:
    place, case = absent_scene()
    with at():
        browser = client(place.teacher)
        sent = CALL | form(browser, case, "phone_call")
        assert browser.post(url(case, "phone_call"), sent).status_code == 302
        assert browser.post(url(case, "phone_call"), sent).status_code == 302
    assert Event.objects.filter(case=case).count() == 1


def test_the_later_of_two_officers_is_told_keeps_every_word_and_may_send_again() -> None:
    place, case = absent_scene()
    with at():
        first, second = client(place.teacher), client(place.secretary)
        page_of_first, page_of_second = form(first, case, "home_visit"), form(second, case, "phone_call")
        first.post(url(case, "home_visit"), VISIT | page_of_first)
        answer = second.post(url(case, "phone_call"), CALL | page_of_second | {"note": "邻居说去了县城"})
        page = text_of(answer)
        assert answer.status_code == 409
        assert f"{place.teacher.name} 登记了" in page
        assert "愿意配合" in page
        assert "邻居说去了县城" in page
        assert Event.objects.filter(case=case, kind=EventKind.PHONE_CALL).count() == 0
        again = CALL | {"token": hidden(page, "token"), "seen_version": hidden(page, "seen_version")}
        assert second.post(url(case, "phone_call"), again).status_code == 302
    assert Event.objects.filter(case=case).count() == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"result": ""}, "请选择结果"),
        ({"result": "asleep"}, "结果不能是“asleep”，请从列表中选择"),
        ({"happened_on": "2026-13-40"}, "日期请写成 2026-10-10 这样"),
        ({"happened_on": "2026-11-12"}, "还没有到，请改为今天或之前的日期"),
        ({"happened_on": "1999-01-01"}, "早于学生出生日期"),
        ({"happened_at": "25:99"}, "时间请写成 16:40 这样"),
        ({"spoke_with": "长" * 200}, "接听人最多120字"),
        ({"seen_version": "many"}, "seen_version"),
        ({"note": "\x00"}, "备注"),
    ],
)
def test_bad_input_is_a_sentence_on_the_form_and_nothing_is_stored(change: dict[str, str], sentence: str) -> None:
    place, case = absent_scene()
    with at():
        answer = client(place.teacher).post(url(case, "phone_call"), CALL | change)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert not Event.objects.filter(case=case).exists()


def test_what_cannot_be_recorded_yet_says_which_fact_is_missing() -> None:
    place, case = absent_scene()
    with at():
        browser = client(place.officer)
        page = text_of(browser.get(url(case, "report_received")))
        assert "学校尚未登记书面报告，不能接收" in page
        assert 'data-testid="event-form"' not in page
        answer = browser.post(url(case, "report_received"), {"happened_on": "2026-11-11", "receiver": "专干"})
    assert answer.status_code == 400
    assert "学校尚未登记书面报告，不能接收" in text_of(answer)


def test_visits_already_made_are_shown_before_a_second_one() -> None:
    place, case = absent_scene()
    visit = {"by": "张老师", "guardian_attitude": "同意", "methods": "上门"}
    data = NewEvent(EventKind.HOME_VISIT, make.DAY, visit)
    record_event(by=make.SYSTEM, case=case, event=data, now=make.moment(make.DAY, 15))
    with at(make.DAY + timedelta(days=1)):
        page = text_of(client(place.secretary).get(url(case, "village_verification")))
    assert "昨天 张老师 已入户家访" in page


def test_the_number_to_dial_stands_on_the_call_form_of_whoever_owes_it_or_is_in_charge() -> None:
    place, case = absent_scene()
    with at():
        assert "tel:13812345678" in text_of(client(place.teacher).get(url(case, "phone_call")))
        assert "13812345678" not in text_of(client(place.officer).get(url(case, "phone_call")))
        Case.objects.filter(pk=case.pk).update(person=place.officer)
        assert "tel:13812345678" in text_of(client(place.officer).get(url(case, "phone_call")))


def test_papers_and_closing_have_pages_of_their_own() -> None:
    place, case = absent_scene()
    browser = client(place.officer)
    with at():
        assert browser.get(url(case, "notice_served"))["Location"] == f"/cases/{case.pk}/papers/"
        assert browser.get(url(case, "closed"))["Location"] == f"/cases/{case.pk}/close/"
        assert browser.get(url(case, "flagged")).status_code == 404
        assert browser.get(url(case, "dance")).status_code == 404


def test_who_may_record_what() -> None:
    place = scene()
    other = scene(place.county, "青石")
    (case,) = place.absent(place.child())
    inspector = make.person(Role.INSPECTOR, place.county)
    with at():
        assert client(place.secretary).get(url(case, "village_verification")).status_code == 200
        assert client(place.secretary).get(url(case, "phone_call")).status_code == 200
        assert client(place.teacher).get(url(case, "village_verification")).status_code == 403
        assert client(place.secretary).post(url(case, "persuasion"), VISIT).status_code == 403
        assert client(other.secretary).post(url(case, "village_verification"), VISIT).status_code == 404
        assert client(inspector).get(url(case, "note")).status_code == 403


@pytest.mark.parametrize("kind", [k for k in EventKind if k not in (EventKind.FLAGGED, EventKind.HELP_BEGUN)])
def test_every_form_opens_for_some_post(kind: EventKind) -> None:
    place, case = absent_scene()
    people = [place.teacher, place.secretary, place.officer, place.person(Role.JUSTICE_OFFICE)]
    people += [place.person(Role.TOWNSHIP_HEAD), place.person(Role.BUREAU_HEAD, place.county)]
    with at():
        assert any(client(who).get(url(case, kind)).status_code in (200, 302) for who in people)


def supersede(case: Case, who: Any, data: dict[str, str]) -> Any:
    event = Event.objects.filter(case=case).latest("id")
    return client(who).post(reverse("cases:event_supersede", args=[event.pk]), data)


def test_a_wrong_entry_is_replaced_by_the_right_one_and_both_stay() -> None:
    place, case = absent_scene()
    old = make.event(case, EventKind.PHONE_CALL, result="connected")
    with at(hour=16):
        right = CALL | {"correction": "看错了通话记录", "mend": "replace", "token": "one"}
        assert supersede(case, place.teacher, right).status_code == 302
        again = client(place.teacher).post(reverse("cases:event_supersede", args=[old.pk]), right)
    assert again.status_code == 302
    old.refresh_from_db()
    assert old.superseded_why == "看错了通话记录"
    assert AuditRow.objects.get(verb=Verb.EVENT_SUPERSEDED).child_number == case.student.number
    new = Event.objects.get(case=case, superseded_at__isnull=True)
    assert (new.replaces, new.data["result"]) == (old, "no_answer")


def test_correcting_needs_a_reason_and_a_valid_replacement() -> None:
    place, case = absent_scene()
    make.event(case, EventKind.PHONE_CALL, result="connected")
    with at(hour=16):
        assert "请写明更正理由" in text_of(supersede(case, place.teacher, CALL | {"correction": " ", "mend": "void"}))
        wrong = supersede(
            case, place.teacher, CALL | {"correction": "错", "mend": "replace", "happened_on": "2026-12-12"}
        )
        assert wrong.status_code == 400
    assert Event.objects.get(case=case).superseded_at is None


def test_only_those_who_may_record_a_kind_may_correct_it() -> None:
    place = scene()
    other = scene(place.county, "青石")
    (case,) = place.absent(place.child())
    make.event(case, EventKind.VILLAGE_VERIFICATION, people="书记", cause="weary", record="属实")
    data = {"correction": "错", "mend": "void"}
    with at(hour=16):
        assert supersede(case, place.teacher, data).status_code == 403
        assert supersede(case, other.secretary, data).status_code == 404
        assert supersede(case, place.secretary, data).status_code == 302


def test_the_reason_of_a_correction_and_the_reason_of_the_entry_are_two_fields() -> None:
    place, case = absent_scene()
    event = make.event(case, EventKind.NOT_REGISTERED, why="随母亲外出")
    with at(hour=16):
        url = reverse("cases:event_supersede", args=[event.pk])
        right = {"happened_on": "2026-11-11", "why": "在家照顾弟弟", "correction": "听错了", "mend": "replace"}
        assert client(place.teacher).post(url, right).status_code == 302
    event.refresh_from_db()
    assert event.superseded_why == "听错了"
    assert event.replaced_by.get().data["why"] == "在家照顾弟弟"


def test_a_return_is_corrected_in_its_own_words_or_taken_back() -> None:
    place, case = absent_scene()
    event = make.event(case, EventKind.RETURNED, how="监护人送回")
    url = reverse("cases:event_supersede", args=[event.pk])
    with at(hour=16):
        page = text_of(client(place.teacher).get(url))
        right = {"happened_on": "2026-11-11", "how": "班主任接回", "correction": "写错", "mend": "replace"}
        assert client(place.teacher).post(url, right).status_code == 302
    assert "监护人送回</textarea>" in page
    assert "只作废，不另登记" in page
    event.refresh_from_db()
    assert event.replaced_by.get().data["how"] == "班主任接回"


def test_a_correction_offers_what_the_plan_has_and_nothing_else() -> None:
    place = scene(plan="hulin-2020")
    (case,) = place.absent(place.child())
    said = {"category": "ill", "by": "市教育局", "why": "住院证明"}
    new = NewEvent(EventKind.CATEGORY_DECIDED, make.DAY, said)
    event = record_event(by=make.SYSTEM, case=case, event=new, now=make.moment(make.DAY, 15))
    where = reverse("cases:event_supersede", args=[event.pk])
    wrong = {"happened_on": "2026-11-11", "correction": "归错", "mend": "replace", **said, "category": "moved_away"}
    with at(hour=16):
        browser = client(place.officer)
        page, answer = text_of(browser.get(where)), browser.post(where, wrong)
    assert "省内外就读无学籍" in page
    assert 'value="moved_away"' not in page
    assert answer.status_code == 400
    assert "类别不能是“moved_away”" in text_of(answer)
    event.refresh_from_db()
    assert event.superseded_at is None


def test_a_form_that_was_overtaken_still_offers_what_the_plan_has() -> None:
    place = scene(plan="hulin-2020")
    (case,) = place.absent(place.child())
    seen = case.version
    make.event(case, EventKind.PHONE_CALL, result="no_answer")
    sent = {"happened_on": "2026-11-11", "category": "ill", "by": "市教育局", "why": "住院", "seen_version": seen}
    with at(hour=16):
        answer = client(place.officer).post(url(case, "category_decided"), sent)
    assert answer.status_code == 409
    assert 'value="ill"' in text_of(answer)
    assert 'value="moved_away"' not in text_of(answer)


def test_no_field_of_an_event_hides_one_of_the_correction() -> None:
    for kind in EventKind:
        own = set(EventForm(kind, on=make.DAY).fields)
        assert not own & {"correction", "mend"}, kind
