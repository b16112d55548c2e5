"""The unit tree: who adds and renames what, and what papers say of a unit."""

from collections.abc import Callable

import pytest

from agencies.choices import Role, UnitKind
from agencies.models import Unit
from tests import make
from tests.agencies.people import Places, places, signed_in
from tests.students.test_roll_races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Places:
    return places()


def new(kind: str, name: str, **more: str) -> dict[str, str]:
    return {"act": "add", "add-kind": kind, "add-name": name, **{f"add-{key}": text for key, text in more.items()}}


def test_a_registrar_adds_a_class_to_her_own_school_only(here: Places) -> None:
    registrar = signed_in(Role.REGISTRAR, here.school)
    assert registrar.get("/units/")["Location"] == f"/units/{here.school.pk}/"
    assert registrar.post(f"/units/{here.school.pk}/", new("class", "六（1）班", grade="6")).status_code == 302
    made = Unit.objects.get(name="六（1）班")
    assert (made.grade, made.parent, made.path) == (6, here.school, f"{here.school.path}{made.pk}/")
    assert registrar.get(f"/units/{here.sister_school.pk}/").status_code == 404
    assert registrar.get(f"/units/{here.township.pk}/").status_code == 404


def test_a_registrar_does_not_rename_the_school_or_set_its_papers(here: Places) -> None:
    registrar = signed_in(Role.REGISTRAR, here.school)
    address = f"/units/{here.school.pk}/"
    assert registrar.post(address, {"act": "name", "name-name": "新校"}).status_code == 403
    assert registrar.post(address, {"act": "settings", "settings-phone": "1"}).status_code == 403
    assert registrar.post(address, {"act": "nonsense"}).status_code == 403


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (new("class", "五（1）班", grade="5"), "已有名为“五（1）班”的班级"),
        (new("class", "六（2）班"), "请选择班级所在的年级"),
        (new("class", "", grade="5"), "必填"),
        (new("village", "新村"), "不在可用的选项"),
    ],
)
def test_a_mistake_is_shown_beside_its_field(here: Places, sent: dict[str, str], sentence: str) -> None:
    answer = signed_in(Role.REGISTRAR, here.school).post(f"/units/{here.school.pk}/", sent)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_the_system_administrator_shapes_the_tree(here: Places) -> None:
    admin = signed_in(Role.SYSTEM_ADMIN, here.county)
    admin.post(f"/units/{here.village.pk}/", new("grid", "第二网格"))
    admin.post(f"/units/{here.township.pk}/", new("village", "河湾村"))
    admin.post(f"/units/{here.township.pk}/", {"act": "name", "name-name": "云溪街道"})
    sent = {
        "act": "settings",
        "settings-issuer": "云溪镇人民政府",
        "settings-code_word": "云政",
        "settings-phone": "0590",
    }
    admin.post(f"/units/{here.township.pk}/", sent)
    changed = Unit.objects.get(pk=here.township.pk)
    assert Unit.objects.filter(kind=UnitKind.GRID, parent=here.village).count() == 2
    assert Unit.objects.filter(name="河湾村", parent=changed).exists()
    assert (changed.name, changed.settings["code_word"], changed.settings["issuer"]) == (
        "云溪街道",
        "云政",
        "云溪镇人民政府",
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_that_make_the_same_unit_at_once_one_is_told() -> None:
    here = places()

    def make_it() -> None:
        make.unit(UnitKind.VILLAGE, "河湾村", here.township)

    (told,) = at_once(make_it, make_it)
    assert "之下已有名为“河湾村”的村（社区），请换一个名称" in str(told)
    assert isinstance(told, ValueError)
    assert Unit.objects.filter(name="河湾村").count() == 1


def test_a_class_teacher_keeps_no_units(here: Places) -> None:
    teacher = signed_in(Role.CLASS_TEACHER, here.school_class)
    assert teacher.get("/units/").status_code == 403
    assert teacher.get(f"/units/{here.school_class.pk}/").status_code == 403


def test_a_unit_page_costs_the_same_for_one_and_for_three_classes(
    here: Places, django_assert_num_queries: Callable[..., object]
) -> None:
    registrar = signed_in(Role.REGISTRAR, here.school)
    address = f"/units/{here.school.pk}/"
    registrar.get(address)
    with django_assert_num_queries(6):
        registrar.get(address)
    make.school_class(here.school, "五（2）班")
    make.school_class(here.school, "五（3）班")
    with django_assert_num_queries(6):
        registrar.get(address)
