"""The recipes and tables of the documents hold: what they quote passes the check, what they name is there."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from agencies.choices import Role
from agencies.models import Adoption
from agencies.queries.policies import clauses_of, policy_of, unit_plan_of
from notices.ledgers.adopted import kept_by
from notices.queries.papers import forms_of
from tests import make, recipes

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/screenshots/*.md")])
APPS = "agencies|students|cases|notices|config|templates|fixtures|tests|docs"
SOURCES = [
    path for app in ("agencies", "students", "cases", "notices", "config") for path in ROOT.glob(f"{app}/**/*.py")
]
LARGEST_PICTURE = 300 * 1024


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """The folder of the invented plan, as the recipes quote it."""
    return recipes.county(tmp_path)


@pytest.fixture
def overlay(recipe: Path) -> Path:
    """The folder of the township's overlay beside the plan of its county, as the recipe quotes both."""
    return recipes.overlay(recipe.parent)


def test_the_county_of_the_recipes_may_be_adopted(recipe: Path) -> None:
    said = StringIO()
    call_command("check_county", str(recipe), stdout=said)
    told = said.getvalue().strip()
    assert "3 个算例全部符合" in told
    assert told in (ROOT / "docs" / "add-a-county.md").read_text(encoding="utf-8"), "the recipe prints another answer"


@pytest.mark.django_db
def test_a_unit_runs_the_plan_of_the_recipes_with_all_that_a_plan_can_hold(recipe: Path) -> None:
    county, said = make.county("清禾县", terms=False), StringIO()
    call_command("load_county", str(recipe), adopt=county.code, on="2026-09-01", stdout=said)
    assert said.getvalue() in (ROOT / "docs" / "add-a-county.md").read_text(encoding="utf-8")
    version = Adoption.objects.get(unit=county).version
    plan, units = policy_of(version), unit_plan_of(version)
    assert [row.key for row in plan.categories] == ["ill"]
    assert [row.key for row in plan.applications] == ["suspension"]
    assert plan.step("law-sue")
    assert plan.step("law-apply")
    assert {duty.owner_unit for duty in units.duties} == {"village", "township"}
    assert units.agencies
    assert {clause.mark for clause in clauses_of(version)} == {"rule", "duty", "text", "refused"}
    bureau = make.actor(make.person(Role.BUREAU_OFFICER, county))
    assert [kept.ledger.title for kept in kept_by(bureau, make.DAY)] == ["清禾县控辍保学总台账"]
    assert "order" in forms_of(version)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(rf"`((?:{APPS})/[\w./-]*\w)/?(?:::\w+|: \w+)?`", text)
    linked = [link for link in re.findall(r"\]\(([^)#:]+)\)", text) if "://" not in link]
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing + [link for link in linked if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_name_of_a_module_a_document_gives_stands_in_it(document: Path) -> None:
    text, missing = document.read_text(encoding="utf-8"), []
    for file, names in re.findall(r"`([\w/]+\.py): ([\w, ]+)`", text):
        sources = "\n".join(
            path.read_text(encoding="utf-8") for path in SOURCES if path.as_posix().endswith(f"/{file}")
        )
        missing += [f"{file}: {name}" for name in names.split(", ") if not re.search(rf"\b{name}\b", sources)]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_a_document_names_is_there(document: Path) -> None:
    missing = []
    for file, test in re.findall(
        r"`(?:[\w/…]*/|…)?(test_\w+\.py)?::(test_\w+)`", document.read_text(encoding="utf-8")
    ):
        files = ROOT.glob(f"tests/**/{file or 'test_*.py'}")
        if not any(f"def {test}(" in path.read_text(encoding="utf-8") for path in files):
            missing.append(test)
    assert missing == []


def test_pictures_load_on_a_slow_line() -> None:
    pictures = list((ROOT / "docs" / "screenshots").glob("*.png"))
    assert {path.name for path in pictures} == {"roll-390.png", "queue-1280.png", "case-1280.png"}
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE] == []


def test_the_overlay_of_the_recipe_is_resolved_on_its_base(overlay: Path) -> None:
    said = StringIO()
    call_command("check_county", str(overlay), stdout=said)
    assert said.getvalue().strip() == "柳溪镇控辍保学实施细则：9 个步骤，1 个算例全部符合，可以采用。"
