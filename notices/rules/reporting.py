"""Which papers of a plan report a school's children together, to whom, and how many at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from notices.choices import PaperLayout
from notices.rules.issuers import REPORTS
from notices.rules.wording import PaperForm

# One letter names so many children at most: every one of them is looked at before anything is numbered.
CHILDREN_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class NewReport:
    """What the school adds to what is on record: whom to ask, and what else it reports of the term."""

    contact: str
    phone: str
    more: str = ""


def letter_form(forms: Mapping[str, PaperForm]) -> PaperForm | None:
    """The plan's letter, None where its schools report child by child."""
    return next((form for form in forms.values() if form.layout == PaperLayout.REPORT_LETTER), None)


def sheet_form(forms: Mapping[str, PaperForm]) -> PaperForm | None:
    """The sheet that goes into each reported child's file."""
    return next((form for form in forms.values() if form.layout in REPORTS), None)


def recipients_words(form: PaperForm, *, township: str, bureau: str) -> str:
    """主送: whom the plan names, in its order."""
    names = {"township": township, "bureau": bureau}
    return "、".join(names[key] for key in form.recipients if names[key])


def choice_refusal(count: int) -> str:
    """Why so many children cannot stand in one letter, as a sentence; "" where they can."""
    if not count:
        return "请至少勾选一名学生；没有失学、辍学学生的，不出具本报告。"
    if count > CHILDREN_AT_ONCE:
        return f"一次最多报告{CHILDREN_AT_ONCE}名学生，请分批出具。"
    return ""


def by_township(places: Iterable[tuple[int, int | None]]) -> dict[int | None, list[int]]:
    """Cases (case, township) by township: one letter for each, so that no township reads of another's children."""
    found: dict[int | None, list[int]] = {}
    for case, township in places:
        found.setdefault(township, []).append(case)
    return found
