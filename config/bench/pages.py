"""What is measured through the pages: each line of the peers' table, by URL name, as the person who does the work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.test import Client
from django.urls import NoReverseMatch, reverse

from agencies.choices import Role, UnitKind
from agencies.models import Post, Unit, User
from cases.models import Case
from config.bench.forms import form_of, with_absent
from config.bench.measure import Row, measure
from students.choices import EnrolmentStatus
from students.models import Absence, Enrolment, RollCall, Student

NOT_YET = "尚未实现"
REASONS = ("unexcused", "sick", "personal")
AT = "localhost"
LIST = "cases:figure_list"


@dataclass(frozen=True, slots=True)
class Page:
    """One page to measure: its name in the table, its URL name, who opens it, with what."""

    name: str
    url: str
    role: Role
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    aim: str = ""


@dataclass(slots=True)
class County:
    """The rows of the large county the measures need."""

    on: date
    classes: list[Unit]
    teacher: dict[int, User]
    principal: dict[int, User]
    child: Student

    @property
    def class_of_45(self) -> Unit:
        """The class with the most children up to 45."""
        counts = dict(
            Enrolment.objects.filter(status=EnrolmentStatus.IN_SCHOOL, last_day__isnull=True)
            .values("school_class_id")
            .annotate(n=Count("id"))
            .values_list("school_class_id", "n")
        )
        return max((row for row in self.classes if counts.get(row.pk, 0) <= 45), key=lambda row: counts.get(row.pk, 0))


def read_county() -> County:
    """Find the last day with registers, the classes and who answers for them."""
    on = RollCall.objects.order_by("-day").values_list("day", flat=True)[0]
    posts = Post.objects.filter(last_day__isnull=True).select_related("user")
    return County(
        on=on,
        classes=list(Unit.objects.filter(kind=UnitKind.CLASS).order_by("id")),
        teacher={post.unit_id: post.user for post in posts.filter(role=Role.CLASS_TEACHER)},
        principal={post.unit_id: post.user for post in posts.filter(role=Role.PRINCIPAL)},
        child=Student.objects.order_by("id")[Student.objects.count() // 2],
    )


def client_for(user: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client(SERVER_NAME=AT)
    client.force_login(user)
    return client


def holder_of(role: Role) -> User:
    """The first holder of a role."""
    return Post.objects.filter(role=role, last_day__isnull=True).select_related("user").order_by("id")[0].user


def pages(county: County) -> list[Page]:
    """The pages of the table."""
    bureau, day = Role.BUREAU_OFFICER, county.on.isoformat()
    case = Case.objects.filter(closed_on__isnull=True, township__isnull=False).order_by("id").first()
    given = county.child.name[1:] if len(county.child.name) > 2 else county.child.name
    found = [
        Page("按姓名任意部分查找（全县）", "students:search", bureau, query={"q": given}, aim="≤ 10 CPU ms"),
        Page(
            "按拼音首字母查找（全县）",
            "students:search",
            bureau,
            query={"q": county.child.initials},
            aim="≤ 10 CPU ms",
        ),
        Page("今天缺勤名单（全县）", LIST, bureau, {"key": "absent"}, {"day": day}, "≤ 60 CPU ms"),
        Page("连续缺勤满3个上课日（全县）", LIST, bureau, {"key": "in-a-row"}, {"day": day, "n": "3"}, "≤ 50 CPU ms"),
        Page("本学期缺勤满10天（全县）", LIST, bureau, {"key": "in-term"}, {"day": day, "n": "10"}, "≤ 100 CPU ms"),
        Page("未点名班级（全县）", LIST, bureau, {"key": "unreported"}, {"day": day}, "≤ 40 CPU ms"),
        Page("教育局首页（工作台）", "cases:dashboard", bureau, aim="≤ 80 CPU ms"),
        Page("我今天的工作（乡镇专干）", "cases:work", Role.TOWNSHIP_OFFICER),
        Page("劝返队列（教育局，全县）", "cases:queue", bureau),
    ]
    if case:
        found.append(Page("个案页", "cases:case", bureau, kwargs={"pk": case.pk}))
    return found


def measure_pages(county: County, runs: int) -> Iterator[Row]:
    """Open a class of 45, then every page of the table."""
    wide = county.class_of_45
    day = {"day": county.on.isoformat()}
    client, url = client_for(county.teacher[wide.pk]), reverse("students:roll_class", args=[wide.pk])
    yield measure(
        "打开45人班级的点名页", lambda number: _get(client, url, day), runs=runs, note="目标 ≤ 12 CPU ms，≤ 10 条 SQL"
    )
    for page in pages(county):
        yield measure_page(page, runs)


def measure_page(page: Page, runs: int) -> Row:
    """One page, or the line that says it does not exist yet."""
    try:
        url = reverse(page.url, kwargs=dict(page.kwargs))
    except NoReverseMatch:
        return Row(page.name, note=NOT_YET)
    client = client_for(holder_of(page.role))
    size = _get(client, url, page.query)
    note = f"目标 {page.aim}；{size / 1024:.0f} KB" if page.aim else f"{size / 1024:.0f} KB"
    return measure(page.name, lambda number: _get(client, url, page.query), runs=runs, note=note)


def _get(client: Client, url: str, query: Mapping[str, str]) -> int:
    answer = client.get(url, dict(query), follow=True)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return len(answer.content)


def forget_registers(county: County, count: int) -> list[Unit]:
    """Take the last day's registers of some classes out of this copy, so that they can be saved for the first time."""
    classes = [row for row in county.classes if row.pk in county.teacher][-count:]
    ids = [row.pk for row in classes]
    Absence.objects.filter(school_class_id__in=ids, day=county.on).delete()
    RollCall.objects.filter(school_class_id__in=ids, day=county.on).delete()
    return classes


def measure_saves(county: County, classes: list[Unit], runs: int) -> Row:
    """Save a class for the first time with three absent; runs and cases are brought up to date by the same save."""
    ready = []
    for school_class in classes[: runs + 2]:
        client = client_for(county.teacher[school_class.pk])
        url = reverse("students:roll_class", args=[school_class.pk]) + f"?day={county.on}"
        page = client.get(url).content.decode()
        ready.append((client, url, with_absent(form_of(page, "roll"), REASONS)))

    def save(number: int) -> None:
        client, url, sent = ready[number]
        answer = client.post(url, urlencode(sent, doseq=True), content_type="application/x-www-form-urlencoded")
        if answer.status_code not in (200, 302):
            raise RuntimeError(f"saving answered {answer.status_code}")

    row = measure("保存点名（3人缺勤，首次）", save, runs=runs, note="目标 ≤ 15 CPU ms，≤ 20 条 SQL")
    missing = runs + 2 - RollCall.objects.filter(school_class__in=classes, day=county.on).count()
    if missing > 0:
        raise RuntimeError(f"{missing} registers were not saved")
    return row
