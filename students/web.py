"""What the pages about children share: days of an address, classes in reach, names as this person may read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from agencies.choices import Permission, UnitKind
from agencies.models import Unit
from agencies.rules.calendar import Calendar, dated
from agencies.scope import Actor
from agencies.web import View, one_or_404, parse_day, say_refused, today
from students.actions.proofs import NewProofs, may_withdraw
from students.choices import PartOfDay, ProofKind
from students.forms.proofs import LaterProofsForm
from students.models import Proof, Student
from students.queries.homes import Home
from students.queries.search import Hit
from students.rules.identity import age_on
from students.rules.masks import mask_name


def asked_day(request: HttpRequest) -> date:
    """The day of the page (?day= or the sent field), today by default; 404 with a sentence for anything else."""
    return parse_day(request.GET.get("day") or request.POST.get("day"), today())


def class_or_404(actor: Actor, pk: int, permission: Permission) -> Unit:
    """A class in reach, with its school (1 query)."""
    rows = Unit.objects.visible_to(actor, permission).filter(kind=UnitKind.CLASS).select_related("parent")
    return one_or_404(rows, pk=pk)


def school_or_404(actor: Actor, pk: int, permission: Permission) -> Unit:
    """A school in reach (1 query)."""
    return one_or_404(Unit.objects.visible_to(actor, permission).filter(kind=UnitKind.SCHOOL), pk=pk)


def shown_name(actor: Actor, name: str) -> str:
    """A child's name, covered for a person whose posts do not show names."""
    return name if actor.can(Permission.SEE_NAMES) else mask_name(name)


def at_day(url: str, day: date) -> str:
    """An address for a day; today's needs none."""
    return url if day == today() else f"{url}?day={day.isoformat()}"


def neighbours(url: str, calendar: Calendar, day: date) -> dict[str, Any]:
    """`earlier` and `later`: the school days before and after, never beyond today."""
    before = calendar.school_days(date(day.year - 1, 1, 1), day)
    after = calendar.school_days(day, today())
    earlier = next((d for d in reversed(before) if d < day), None)
    later = next((d for d in after if d > day), None)
    return {
        "earlier": {"url": at_day(url, earlier), "label": dated(earlier)} if earlier else None,
        "later": {"url": at_day(url, later), "label": dated(later)} if later else None,
    }


def clock(moment: datetime, day: date) -> str:
    """When something was written: 08:05 on the day itself, else 11-12（周四） 08:05; the year where it is another."""
    local = timezone.localtime(moment)
    if local.date() == day:
        return f"{local:%H:%M}"
    said = dated(local.date())
    return f"{said.removeprefix(f'{day.year}-')} {local:%H:%M}"


def flash_errors(request: HttpRequest, errors: list[str]) -> HttpResponse:
    """Mistakes for a part of a page: htmx puts them where messages stand; nothing was saved."""
    answer = render(request, "parts/errors.html", {"errors": errors}, status=400)
    answer["HX-Retarget"] = "#flash"
    answer["HX-Reswap"] = "innerHTML"
    return answer


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return bool(request.headers.get("HX-Request"))


def cases_url(student: Student) -> str:
    """The list of a child's cases, closed ones too."""
    return f"{reverse('cases:queue')}?{urlencode({'q': student.number, 'state': 'all'})}"


def class_url(class_id: int, day: date) -> str:
    """The class page of a day."""
    return at_day(reverse("students:roll_class", args=[class_id]), day)


def part_url(class_id: int, day: date, part: PartOfDay, parts: tuple[PartOfDay, ...]) -> str:
    """The class page of a day and the register of one half of it; without the half where the day owes one register."""
    url = class_url(class_id, day)
    return f"{url}{'&' if '?' in url else '?'}part={part}" if len(parts) > 1 else url


# Who may call a child's family without uncovering the number first: filled once by the app that knows open duties.
sees_whole_phone: list[Callable[[Actor, int], bool]] = []


@dataclass(frozen=True, slots=True)
class RecordOfChild:
    """There are cases of a child that a person may read: the page of the open one and its words, if one is open."""

    url: str = ""
    label: str = ""


# What this person may know of the cases of a child: filled once by the app that knows cases.
record_known: list[Callable[[Actor, int], RecordOfChild | None]] = []


def home_context(actor: Actor, student: Student, home: Home, *, may_say: bool) -> dict[str, Any]:
    """What students/_household.html shows: brothers and sisters, proposals, and where an answer goes."""
    return {
        "siblings": [sibling_line(actor, hit) for hit in home.siblings],
        "proposed": [
            {
                "pk": other.pk,
                "name": shown_name(actor, other.name),
                "url": reverse("students:child", args=[other.pk]),
                "why": why,
            }
            for other, why in home.proposed
        ],
        "joined": home.household_id is not None,
        "may_say": may_say,
        "url": reverse("students:household", args=[student.pk]),
    }


def sibling_line(actor: Actor, hit: Hit) -> dict[str, str]:
    """Another child of the household: name, age, where it goes to school, its page."""
    born, standing = hit.student.birth_date, hit.enrolment
    return {
        "name": shown_name(actor, hit.student.name),
        "url": reverse("students:child", args=[hit.student.pk]),
        "age": f"{age_on(born, today())}周岁" if born else "",
        "school": f"{standing.school.name} {standing.school_class.name}" if standing else "未在县内就读",
        "status": standing.get_status_display() if standing else "",
    }


def takes_files(view: View) -> View:
    """View decorator for forms with files: the script that shows the progress is told where to go on, not led there.

    A browser's own request follows a redirect by itself and would use up the message of success.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == 302 and request.headers.get("Baoxue-Upload"):
            return HttpResponse(status=204, headers={"Baoxue-Location": response["Location"]})
        return response

    return answer


def later_proofs(
    request: HttpRequest,
    *,
    keep: Callable[[NewProofs], list[Proof]],
    back_to: str,
    page: Mapping[str, Any],
    kind: ProofKind | None = None,
    closed: bool = False,
) -> HttpResponse:
    """The page on which proofs are put to an act that stands (a view under `takes_files`).

    `keep` writes their rows and raises ValueError with the sentence that bars it; `kind`, `closed`: as ProofsForm has
    them; `page`: title, and sub or head, and said, as students/proofs_add.html shows them.
    """
    sent = request.method == "POST"
    form = LaterProofsForm(request.POST if sent else None, request.FILES if sent else None, on=today(), closed=closed)
    if sent and form.is_valid():
        try:
            made = keep(form.kept(kind))
        except ValueError as refused:
            say_refused(form, refused)
        else:
            messages.success(request, f"已附上{len(made)}份材料。" if made else "这些材料先前已经附上，没有重复保存。")
            return redirect(back_to)
    context = {**page, "form": form, "cancel_url": back_to}
    return render(request, "students/proofs_add.html", context, status=400 if sent else 200)


def proof_lines(actor: Actor, proofs: Iterable[Proof], *, named: bool = True) -> list[dict[str, Any]]:
    """Proofs of a child in sight as templates/students/_proofs.html shows them.

    Whoever may not open one still sees that it exists, when and by whom it was given; a picture may show the child.
    """
    rows, whole = list(proofs), named and actor.can(Permission.VIEW_CHILD)
    closed = {row.pk for row in rows if row.restricted}
    if closed and whole:
        seen = Proof.objects.visible_to(actor, Permission.VIEW_CHILD).filter(pk__in=closed)
        closed -= set(seen.openable_by(actor).values_list("pk", flat=True))
    return [_proof_line(actor, row, opens=whole and row.pk not in closed) for row in rows]


def proof_lines_of(actor: Actor, proofs: Mapping[int, list[Proof]]) -> dict[int, list[dict[str, Any]]]:
    """`proof_lines` of several acts at once, at the cost of one."""
    lines = iter(proof_lines(actor, [row for rows in proofs.values() for row in rows]))
    return {act: [next(lines) for _ in rows] for act, rows in proofs.items()}


def _proof_line(actor: Actor, row: Proof, *, opens: bool) -> dict[str, Any]:
    void = row.withdrawn_at is not None
    on = timezone.localtime(row.recorded_at).date()
    return {
        "pk": row.pk,
        "kind": f"限制材料（{row.get_kind_display()}）" if row.restricted else row.get_kind_display(),
        "format": row.get_content_type_display().partition(" ")[0],
        "taken": f"{dated(row.taken_on)}拍摄（形成）" if row.taken_on else f"{dated(on)}附上",
        "by": row.recorded_by,
        "name": row.file_name if opens else "",
        "note": row.note if opens else "",
        "url": reverse("students:proof", args=[row.pk]) if opens else "",
        "small_url": reverse("students:proof_small", args=[row.pk]) if opens and row.has_small and not void else "",
        "void": void,
        "void_reason": f"{row.withdrawn_why if opens else '已撤下'}（{row.withdrawn_by}）" if void else "",
        "withdraw_url": reverse("students:proof_withdraw", args=[row.pk])
        if not void and may_withdraw(actor, row)
        else "",
    }
