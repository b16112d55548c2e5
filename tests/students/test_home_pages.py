"""The home's pages: who finds which field, one tap for a household, the grid worker's list of homes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.choices import Role, UnitKind
from students.actions.children import NewGuardian
from students.models import Apart, Guardian, HomeChange, HouseholdMember, Student
from tests import make
from tests.students.pages import House, clock_at, house, signed_in, text_of

pytestmark = pytest.mark.django_db
PHONE = "13912345678"
MOTHER = (NewGuardian(name="安母", relation="母亲", phone=PHONE),)


@pytest.fixture
def place() -> House:
    return house()


@pytest.fixture
def child(place: House) -> Student:
    address = "云溪镇柳树村12号"
    return make.child(
        place.school_class, "安小明", residence=place.village, residence_address=address, guardians=MOTHER
    )


@pytest.fixture
def sibling(place: House, child: Student) -> Student:
    return make.child(place.school_class, "安小红", residence=place.village, guardians=MOTHER)


@pytest.fixture
def registrar(place: House) -> Client:
    return signed_in(Role.REGISTRAR, place.school)


def test_the_number_is_covered_and_a_blank_one_stays(place: House, child: Student) -> None:
    teacher, mother = signed_in(Role.CLASS_TEACHER, place.school_class), child.guardians.get()
    html = text_of(teacher.get(f"/guardians/{mother.pk}/"))
    assert "139****5678" in html
    assert PHONE not in html
    assert 'name="name"' not in html
    assert 'name="lives_away"' not in html
    answer = teacher.post(f"/guardians/{mother.pk}/", {"spare_phone": "0598-7221234", "why": "家长来电告知"})
    assert answer["Location"] == f"/students/{child.pk}/home/"
    mother.refresh_from_db()
    assert (mother.phone, mother.spare_phone) == (PHONE, "0598-7221234")
    teacher.post(f"/guardians/{mother.pk}/", {"drop_phone": "on", "why": "停机"})
    mother.refresh_from_db()
    assert (mother.phone, mother.phone_index) == ("", "")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"phone": "12345", "why": "换号"}, "联系电话不是手机号或座机号"),
        ({"phone": PHONE}, "请写明更正理由"),
        ({"phone": PHONE, "why": "\u200b\u200b"}, "请写明更正理由"),
        ({"phone": PHONE, "why": "长" * 101}, "100"),
    ],
)
def test_a_wrong_number_or_no_reason_changes_nothing(
    place: House, child: Student, typed: dict[str, str], sentence: str
) -> None:
    teacher = signed_in(Role.CLASS_TEACHER, place.school_class)
    answer = teacher.post(f"/guardians/{child.guardians.get().pk}/", typed)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert not HomeChange.objects.exists()


def test_the_registrar_adds_a_carer_and_the_page_tells_what_was_changed(child: Student, registrar: Client) -> None:
    typed = {"name": "安 爷爷", "relation": "祖父", "care": "entrusted", "phone": "13900000002"}
    registrar.post(f"/students/{child.pk}/guardians/new/", typed)
    carer = Guardian.objects.get(name="安爷爷")
    assert (carer.is_guardian, carer.is_carer) == (False, True)
    away = {"name": "安爷爷", "relation": "祖父", "care": "entrusted", "away_place": "东莞市", "why": "入户核实"}
    assert "请勾选“外出”" in text_of(registrar.post(f"/guardians/{carer.pk}/", away))
    registrar.post(f"/guardians/{carer.pk}/", {**away, "lives_away": "on"})
    html = text_of(registrar.get(f"/students/{child.pk}/home/"))
    for words in ("受委托照护人", "外出：东莞市", "增加成员", "更正成员", "入户核实", "外出原为否"):
        assert words in html
    shown = text_of(registrar.get(f"/students/{child.pk}/"))
    assert "受委托照护人" in shown
    assert "外出：东莞市" in shown


def test_taking_out_needs_a_reason_and_leaves_one_guardian(child: Student, registrar: Client) -> None:
    mother = child.guardians.get()
    for typed, sentence in (({}, "请写明更正理由"), ({"why": "已故"}, "唯一的法定监护人")):
        answer = registrar.post(f"/guardians/{mother.pk}/end/", typed)
        assert answer.status_code == 400
        assert sentence in text_of(answer)
    assert not Guardian.objects.filter(ended_on__isnull=False).exists()


def test_a_likely_sibling_is_one_tap_away(child: Student, sibling: Student, registrar: Client) -> None:
    html = text_of(registrar.get(f"/students/{child.pk}/"))
    assert f'data-testid="one-{sibling.pk}"' in html
    assert "监护人姓名、电话和居住地相同" in html
    for _ in range(2):
        registrar.post(f"/students/{child.pk}/household/", {"other": sibling.pk, "answer": "one"})
    assert HouseholdMember.objects.count() == 2
    html = text_of(registrar.get(f"/students/{child.pk}/"))
    assert f'href="/students/{sibling.pk}/"' in html
    assert "可能同户" not in html
    assert registrar.post(f"/students/{child.pk}/household/", {"answer": "leave"}).status_code == 400
    registrar.post(f"/students/{child.pk}/household/", {"answer": "leave", "why": "已分家"})
    assert HouseholdMember.objects.filter(last_day__isnull=True).count() == 1


def test_the_case_page_asks_for_the_other_children_at_school(
    place: House, child: Student, sibling: Student, registrar: Client
) -> None:
    part = {"HX-Request": "true"}
    assert "没有登记同户" in text_of(registrar.get(f"/students/{child.pk}/siblings/", headers=part))
    registrar.post(f"/students/{child.pk}/household/", {"other": sibling.pk, "answer": "one"})
    html = text_of(registrar.get(f"/students/{child.pk}/siblings/", headers=part))
    assert "同户还有1名在读子女" in html
    assert f'href="/students/{sibling.pk}/"' in html
    assert "<html" not in html
    assert "安小红" in text_of(registrar.get(f"/students/{child.pk}/siblings/"))
    make.roll(place.school_class, make.DAY, {child: "unexcused"})
    make.roll(place.school_class, make.DAY - timedelta(days=1), {child: "unexcused"})
    make.roll(place.school_class, make.DAY - timedelta(days=2), {child: "unexcused"})
    case = child.cases.get()
    with clock_at(hour=16):
        assert f'hx-get="/students/{child.pk}/siblings/"' in text_of(registrar.get(f"/cases/{case.pk}/"))


def test_not_one_household_is_remembered(child: Student, sibling: Student, registrar: Client) -> None:
    registrar.post(f"/students/{child.pk}/household/", {"other": sibling.pk, "answer": "apart"})
    assert Apart.objects.count() == 1
    assert "可能同户" not in text_of(registrar.get(f"/students/{sibling.pk}/"))
    for wrong in ({}, {"answer": "one", "other": child.pk}, {"answer": "?", "other": sibling.pk}):
        assert registrar.post(f"/students/{child.pk}/household/", wrong).status_code == 400


def test_a_child_out_of_sight_is_not_joined(place: House, child: Student, registrar: Client) -> None:
    stranger = make.child(place.other_class, "安小远", guardians=MOTHER)
    answer = registrar.post(f"/students/{child.pk}/household/", {"other": stranger.pk, "answer": "one"})
    assert answer.status_code == 404
    assert not HouseholdMember.objects.exists()


def test_the_teacher_sees_the_proposal_without_the_buttons(place: House, child: Student, sibling: Student) -> None:
    html = text_of(signed_in(Role.CLASS_TEACHER, place.school_class).get(f"/students/{child.pk}/"))
    assert "可能同户" in html
    assert "合为一户" not in html


def test_the_village_says_where_the_child_lives_now(place: House, child: Student) -> None:
    grid = make.unit(UnitKind.GRID, "东头网格", place.village)
    secretary = signed_in(Role.VILLAGE_SECRETARY, place.village)
    html = text_of(secretary.get(f"/students/{child.pk}/home/"))
    assert "东头网格" in html
    assert "12号" not in html
    secretary.post(f"/students/{child.pk}/home/", {"residence": grid.pk, "address": "", "why": "入户核实"})
    child.refresh_from_db()
    assert (child.residence, child.residence_address) == (grid, "云溪镇柳树村12号")
    answer = secretary.post(f"/students/{child.pk}/home/", {"residence": place.school.pk, "why": "入户核实"})
    assert answer.status_code == 400
    assert "请从列表中选择居住村或网格" in text_of(answer)


def test_a_grid_worker_finds_the_homes_of_the_grid_only(place: House) -> None:
    grid = make.unit(UnitKind.GRID, "东头网格", place.village)
    mine = make.child(place.school_class, "安小明", residence=grid, guardians=MOTHER)
    make.child(place.school_class, "钱小村", residence=place.village)
    worker = signed_in(Role.GRID_WORKER, grid)
    html = text_of(worker.get("/homes/"))
    assert f'href="/students/{mine.pk}/"' in html
    assert "安母" in html
    assert "钱小村" not in html
    assert "安小明" in text_of(worker.get("/homes/?q=安"))
    assert "没有符合条件的住户" in text_of(worker.get("/homes/?q=钱"))
    assert "没有符合条件的住户" in text_of(worker.get("/homes/?shared=yes"))


def test_homes_stand_household_by_household_and_page_by_page(place: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("students.queries.homes.HOMES_A_PAGE", 2)
    names = ("安小一", "安小二", "钱小一", "孙小一", "李小一")
    one, two, *_ = (make.child(place.school_class, name, residence=place.village) for name in names)
    secretary = signed_in(Role.VILLAGE_SECRETARY, place.village)
    secretary.post(f"/students/{one.pk}/household/", {"other": two.pk, "answer": "one"})
    first = text_of(secretary.get("/homes/"))
    assert [name for name in names if name in first] == ["安小一", "安小二", "钱小一"]
    after = first.split("?after=")[1].split('"')[0]
    second = text_of(secretary.get(f"/homes/?after={after}"))
    assert [name for name in names if name in second] == ["孙小一", "李小一"]
    assert "?after=" not in second


def test_the_list_of_homes_costs_the_same_for_one_and_for_three(place: House) -> None:
    secretary = signed_in(Role.VILLAGE_SECRETARY, place.village)

    def cost() -> int:
        with clock_at(), CaptureQueriesContext(connection) as spent:
            assert secretary.get("/homes/").status_code == 200
        return len(spent)

    make.child(place.school_class, residence=place.village)
    first = cost()
    for _ in range(2):
        make.child(place.school_class, residence=place.village)
    assert cost() == first <= 12


@pytest.mark.parametrize("answer", ["one", "apart"])
def test_a_child_is_no_sibling_of_itself_however_its_number_is_written(
    child: Student, registrar: Client, answer: str
) -> None:
    sent = registrar.post(f"/students/{child.pk}/household/", {"other": f"0{child.pk}", "answer": answer})
    assert sent.status_code == 400
    assert "请选择另一名学生" in text_of(sent)
    assert not Apart.objects.exists()
