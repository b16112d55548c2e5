"""Illness and disability in a support plan: told to whoever wrote it and to posts that may know, to nobody else."""

import re

import pytest
from django.urls import reverse

from agencies.choices import Role
from cases.actions.events import NewEvent, record_event
from cases.choices import EventKind
from tests import make
from tests.cases.plans import edit_url, form, plan_url, planned, read
from tests.cases.scene import absent_scene, at, client, text_of

pytestmark = pytest.mark.django_db


def test_rehabilitation_is_told_to_its_writer_and_to_who_may_know_and_outlives_a_change_by_others() -> None:
    place, case = absent_scene()
    sent = form(
        case, analysis="听力障碍", analysis_restricted="on", **{"m0-kind": "rehabilitation", "m0-what": "言语训练"}
    )
    with at():
        client(place.teacher).post(edit_url(case), sent)
    head = place.person(Role.TOWNSHIP_HEAD)
    assert "言语训练" in read(place, case)
    with at():
        assert "听力障碍" in text_of(client(head).get(plan_url(case)))
        for url in (plan_url(case), edit_url(case), reverse("cases:case", args=[case.pk])):
            page = text_of(client(place.secretary).get(url))
            assert "言语训练" not in page
            assert "听力障碍" not in page
            assert "康复（" not in page
        changed = form(case, token="plan-2", analysis="")
        assert client(place.secretary).post(edit_url(case), changed).status_code == 302
        # Carrying it along makes nobody its writer.
        for url in (plan_url(case), edit_url(case)):
            page = text_of(client(place.secretary).get(url))
            assert "言语训练" not in page
            assert "听力障碍" not in page
        assert "言语训练" in text_of(client(place.teacher).get(plan_url(case)))
        page = text_of(client(head).get(plan_url(case)))
    assert "言语训练" in page
    assert "听力障碍" in page
    assert "每周补数学两次" in page


def test_an_inspector_reads_that_there_is_a_plan_but_none_of_its_words() -> None:
    place, case = planned()
    inspector = make.person(Role.INSPECTOR, place.county)
    with at():
        browser = client(inspector)
        page = text_of(browser.get(plan_url(case)))
        assert browser.get(edit_url(case)).status_code == 403
    for secret in ("周小安", "每周补数学两次", "跟不上数学", "周母", "王老师"):
        assert secret not in page


def test_a_disability_recorded_as_the_cause_is_told_to_who_may_know_and_never_filled_in() -> None:
    place, case = absent_scene()
    data = {"people": "书记", "cause": "disability", "record": "入户核查"}
    new = NewEvent(kind=EventKind.VILLAGE_VERIFICATION, happened_on=make.DAY, data=data)
    record_event(by=make.actor(place.secretary), case=case, event=new, now=make.moment(make.DAY, 10))
    head = place.person(Role.TOWNSHIP_HEAD)
    with at(hour=16):
        assert re.search("残疾，[-0-9]+（周.）村级入户核查", text_of(client(head).get(plan_url(case))))
        assert re.search("残疾，[-0-9]+（周.）村级入户核查", text_of(client(place.secretary).get(plan_url(case))))
        assert re.search("限制信息，[-0-9]+（周.）村级入户核查", text_of(client(place.teacher).get(plan_url(case))))
        for who in (head, place.teacher):
            assert "残疾，" not in text_of(client(who).get(edit_url(case)))
