"""The audit trail: read by one role only, filtered, paged, and sealed so that a later change shows."""

import ast
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from agencies import audit
from agencies.actions.seals import seal_day
from agencies.choices import Role, Verb
from agencies.models import AuditRow, DailySeal
from agencies.queries.seals import broken_seals
from agencies.rules.audit_words import KINDS, detail_text
from config.audit_codes import CODES, JOBS
from config.jobs import RUNNERS
from tests import make
from tests.agencies.people import Places, places, signed_in

pytestmark = pytest.mark.django_db
NIGHT = make.moment(date(2026, 11, 12), 0, 40)


@pytest.fixture
def here() -> Places:
    return places()


def note(verb: Verb = Verb.ROLL_TAKEN, child: str = "", day: date = make.DAY) -> AuditRow:
    return audit.record(by=make.SYSTEM, verb=verb, kind="class", object_id=7, child=child, now=make.moment(day))


def test_only_the_audit_administrator_reads_it(here: Places) -> None:
    note()
    assert "登记考勤" in signed_in(Role.AUDIT_ADMIN, here.county).get("/audit/").content.decode()
    for role, unit in (
        (Role.SYSTEM_ADMIN, here.county),
        (Role.PRINCIPAL, here.school),
        (Role.BUREAU_HEAD, here.county),
    ):
        assert signed_in(role, unit).get("/audit/").status_code == 403
        assert signed_in(role, unit).post("/audit/").status_code == 403


def test_it_is_filtered_by_day_verb_person_and_child(here: Places) -> None:
    note(child="甲一")
    note(Verb.CASE_OPENED, child="乙二", day=date(2026, 11, 12))
    admin = signed_in(Role.AUDIT_ADMIN, here.county)

    def rows(**query: str) -> str:
        return admin.get("/audit/", query).content.decode().partition('data-testid="audit"')[2]

    assert "甲一" in rows(first_day="2026-11-11", last_day="2026-11-11")
    assert "乙二" not in rows(first_day="2026-11-11", last_day="2026-11-11")
    assert "乙二" in rows(verb="case_opened")
    assert "甲一" not in rows(verb="case_opened")
    assert "甲一" in rows(child_number=" 甲一 ")
    assert "甲一" in rows(actor="测试", child_number="甲一")
    assert admin.get("/audit/", {"first_day": "gestern", "verb": "x", "after": "-1"}).status_code == 200


@pytest.mark.parametrize("query", [{"first_day": "0001-01-01"}, {"last_day": "9999-12-31"}])
def test_a_day_outside_any_sensible_year_is_told_and_narrows_nothing(here: Places, query: dict[str, str]) -> None:
    note(child="甲一")
    page = signed_in(Role.AUDIT_ADMIN, here.county).get("/audit/", query).content.decode()
    assert "年份应在2000至2100之间" in page
    assert "甲一" in page


def test_pages_follow_each_other_without_gap_or_overlap(here: Places) -> None:
    for _ in range(120):
        note(Verb.LOGGED_IN)
    admin = signed_in(Role.AUDIT_ADMIN, here.county)
    seen: list[int] = []
    address = "/audit/?verb=logged_in"
    while address:
        context = admin.get(address).context
        seen += [row.pk for row in context["page"].rows]
        later = context["page"].later_url
        address = f"/audit/{later}" if later else ""
    expected = list(AuditRow.objects.filter(verb="logged_in").order_by("-pk").values_list("pk", flat=True))
    assert seen == expected
    first = admin.get(f"/audit/?verb=logged_in&before={seen[50]}").context["page"]
    assert [row.pk for row in first.rows] == seen[:50]
    assert first.earlier_url == ""


def test_a_day_is_sealed_once_and_the_chain_holds(here: Places) -> None:
    note()
    first = seal_day(by=make.SYSTEM, day=make.DAY, now=NIGHT)
    assert seal_day(by=make.SYSTEM, day=make.DAY, now=NIGHT + timedelta(hours=1)) == first
    note(day=date(2026, 11, 12))
    second = seal_day(by=make.SYSTEM, day=date(2026, 11, 12), now=NIGHT + timedelta(days=1))
    assert second.rows == 1
    assert second.digest != first.digest
    assert broken_seals() == []


def test_a_row_recorded_moments_ago_waits_for_the_next_seal(here: Places) -> None:
    row = audit.record(by=make.SYSTEM, verb=Verb.ROLL_TAKEN, kind="class", now=NIGHT - timedelta(minutes=2))
    assert seal_day(by=make.SYSTEM, day=make.DAY, now=NIGHT).last_id < row.pk
    assert seal_day(by=make.SYSTEM, day=date(2026, 11, 12), now=NIGHT + timedelta(days=1)).last_id == row.pk


@pytest.mark.parametrize("tamper", ["change", "remove", "forget a seal"])
def test_a_later_change_shows(here: Places, tamper: str) -> None:
    row = note()
    seal_day(by=make.SYSTEM, day=make.DAY, now=NIGHT)
    note(day=date(2026, 11, 12))
    seal_day(by=make.SYSTEM, day=date(2026, 11, 12), now=NIGHT + timedelta(days=1))
    if tamper == "change":
        AuditRow.objects.filter(pk=row.pk).update(actor="别人")
    elif tamper == "remove":
        AuditRow.objects.filter(pk=row.pk)._raw_delete("default")
    else:
        DailySeal.objects.filter(day=make.DAY).delete()
    assert broken_seals()
    page = signed_in(Role.AUDIT_ADMIN, here.county).post("/audit/", follow=True).content.decode()
    assert "核验不符" in page


def test_an_untouched_trail_passes_the_check(here: Places) -> None:
    note()
    seal_day(by=make.SYSTEM, day=make.DAY, now=NIGHT)
    page = signed_in(Role.AUDIT_ADMIN, here.county).post("/audit/", follow=True).content.decode()
    assert "核验通过" in page


def test_an_audit_row_cannot_be_saved_again_or_deleted() -> None:
    row = note()
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        row.delete()


def test_the_list_costs_the_same_for_one_and_for_three_rows(
    here: Places, django_assert_num_queries: Callable[..., object]
) -> None:
    admin = signed_in(Role.AUDIT_ADMIN, here.county)
    note()
    with django_assert_num_queries(5):
        admin.get("/audit/", {"verb": "roll_taken"})
    note()
    note()
    with django_assert_num_queries(5):
        admin.get("/audit/", {"verb": "roll_taken"})


def test_what_was_kept_as_a_code_is_read_in_words(here: Places) -> None:
    audit.record(
        by=make.SYSTEM,
        verb=Verb.IDENTITY_REVEALED,
        kind="case",
        object_id=7,
        now=make.moment(make.DAY),
        detail={"page": "work", "cases": [7, 8], "what": "phone, address", "basis": "open_duty", "number": ""},
    )
    audit.record(
        by=make.SYSTEM, verb=Verb.JOB_STARTED, kind="job", now=make.moment(make.DAY), detail={"kind": "nightly"}
    )
    page = signed_in(Role.AUDIT_ADMIN, here.county).get("/audit/").content.decode()
    assert "页面：今日工作；个案：7、8；内容：电话、住址；凭据：有未办职责<" in page
    assert "类别：夜间更新个案" in page
    assert f"{make.DAY.isoformat()}（周" in page


def kinds_written() -> Iterator[str]:
    """The kinds of objects that acts put on record, as their calls name them."""
    for path in Path(settings.BASE_DIR).glob("*/actions/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"record", "row_of", "record_many"}:
                yield from (ast.literal_eval(given.value) for given in node.keywords if given.arg == "kind")


def test_every_verb_the_filter_offers_is_written_by_some_act() -> None:
    acts = "".join(path.read_text(encoding="utf-8") for path in Path(settings.BASE_DIR).glob("*/actions/**/*.py"))
    assert [verb.label for verb in Verb if f"Verb.{verb.name}" not in acts] == []


def test_every_kind_an_act_is_about_has_its_word() -> None:
    assert set(kinds_written()) == set(KINDS)


def test_every_kind_of_job_has_its_word() -> None:
    assert set(JOBS) == set(RUNNERS)


def test_what_is_recorded_of_a_child_reads_in_words() -> None:
    detail = {"kind": "sick", "part": "am", "register": False, "fields": ["spare_phone", "lives_away"]}
    assert detail_text(detail, CODES) == "类别：病假；栏目：备用电话、外出；时段：上午；整班点名：否"
