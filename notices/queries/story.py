"""Gathers what is on record about a case for its papers: child, family, events, units, plan, calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from agencies.choices import Permission, Role, UnitKind
from agencies.models import Post, Unit
from agencies.rules.roles import may
from agencies.scope import Actor, current
from cases.choices import EventKind
from cases.models import Case, Event
from cases.queries.facts import Known, as_fact, known_of_cases
from cases.rules.rounds import withdrawn_ids
from cases.rules.standing import Standing
from notices.choices import IssuerKind
from notices.models import Notice
from notices.queries.held import held_papers
from notices.rules.issuers import MATERIALS, NAMES_PAPERS, default_code_word, issuer_kind
from notices.rules.told import About, Happening, Issuer, Relative, Told
from notices.rules.wording import PaperForm
from students.choices import SpecialGroup
from students.models import GroupMembership, Guardian, Student


@dataclass(frozen=True, slots=True)
class Story:
    """A case as papers see it, and how it stands."""

    case: Case
    told: Told
    standing: Standing
    known: Known


def story_of(case: Case, on: date) -> Story:
    """Everything the papers of a case are filled from (11 queries); the case comes with policy and units."""
    rows = list(Event.objects.filter(case=case, superseded_at__isnull=True).order_by("happened_on", "id"))
    facts = tuple(as_fact(row) for row in rows)
    gone = withdrawn_ids(facts)
    known = known_of_cases([case], on, events={case.pk: facts})[case.pk]
    standing = known.standing(min(case.closed_on or on, on))
    student = Student.objects.select_related("hukou__parent", "residence").get(pk=case.student_id)
    told = _told(case, student, [row for row in rows if row.pk not in gone], known, standing, on)
    return Story(case, told, standing, known)


def paper_story(
    case: Case, on: date, *, about: Notice | None, actor: Actor, unit: Unit, form: PaperForm | None = None
) -> Story:
    """`story_of` for one paper of a unit: which paper a letter is about, and whether its maker may see disability.

    The case's papers are read (3 queries) only where `form` names them.
    """
    story = story_of(case, on)
    sees = actor.system or actor.can_at(Permission.SEE_RESTRICTED, unit.path)
    held = held_papers(case, pages=form.layout in MATERIALS) if form and form.layout in NAMES_PAPERS else ()
    told = replace(story.told, about=_about(about) if about else None, sees_restricted=sees, held=held)
    return replace(story, told=told)


def _about(paper: Notice) -> About:
    """The paper as a letter names it; a report went where its event says, an order to its guardian."""
    sent = str(paper.event.data.get("to") or "") if paper.event else ""
    to = (paper.addressee_name,) if paper.addressee_name else tuple(part for part in sent.split("、") if part)
    # The sheet of a letter is named by the letter's number.
    number = paper.number or (f"{paper.report.number}附页" if paper.report else "")
    on = paper.issued_on or timezone.localtime(paper.drafted_at).date()
    return About(title=paper.title, number=number, on=on, recipients=to, issuer=issuer_name(paper.unit))


def _told(case: Case, student: Student, rows: Iterable[Event], known: Known, standing: Standing, on: date) -> Told:
    family = Guardian.objects.filter(student=student, ended_on__isnull=True).order_by("-is_guardian", "order", "id")
    groups = GroupMembership.objects.filter(student=student, last_day__isnull=True).order_by("id")
    county = _county(case)
    return Told(
        on=on,
        policy=known.policy,
        calendar=known.calendar,
        county=county.name if county else "",
        township=case.township.name if case.township else "",
        government=issuer_name(case.township) if case.township else "",
        bureau=issuer_name(county) if county else "",
        school=case.school.name if case.school else "",
        grade=case.school_class.grade if case.school_class else None,
        class_name=case.school_class.name if case.school_class else "",
        name=student.name,
        sex=str(student.get_sex_display()),
        birth_date=student.birth_date,
        id_number=student.document_number,
        student_number=student.record_number,
        hukou=student.hukou_address or _place(student.hukou),
        address=student.residence_address,
        village=case.village.name if case.village else "",
        family=tuple(Relative(row.pk, row.name, row.relation, row.phone, row.is_guardian) for row in family),
        groups=tuple(SpecialGroup(row.group) for row in groups),
        happenings=tuple(
            Happening(EventKind(row.kind), row.happened_on, row.data, row.recorded_name, row.pk) for row in rows
        ),
        first_absent=standing.absent_since or standing.started_on,
        absent_days=f"{standing.window_count:g}" if standing.window_halves else "",
        principal=_principal(case, on),
    )


def _place(unit: Unit | None) -> str:
    """A village with its township before it, so that what a cover leaves is the township."""
    return "".join(part.name for part in (unit.parent, unit) if part) if unit else ""


def _county(case: Case) -> Unit | None:
    line = case.school or case.township or case.village
    return Unit.objects.filter(pk=line.ancestor_ids[0]).first() if line else None


def _principal(case: Case, on: date) -> str:
    posts = Post.objects.filter(current(on), unit_id=case.school_id or 0, role=Role.PRINCIPAL, user__is_active=True)
    return posts.order_by("id").values_list("user__name", flat=True).first() or ""


def issuer_name(unit: Unit) -> str:
    """The name under which a unit's papers leave."""
    if said := str(unit.settings.get("issuer") or ""):
        return said
    ending = {UnitKind.TOWNSHIP: "人民政府", UnitKind.COUNTY: "教育局"}.get(UnitKind(unit.kind), "")
    return f"{unit.name}{ending}"


def issuer_of(unit: Unit, role: Role | None = None) -> Issuer:
    """The unit as issuing body, as its data have it."""
    said = unit.settings
    return Issuer(
        kind=issuer_kind(UnitKind(unit.kind), role, str(said.get("issuer_kind") or "")),
        name=issuer_name(unit),
        code_word=str(said.get("code_word") or "") or default_code_word(UnitKind(unit.kind), unit.name),
        contact=str(said.get("contact") or ""),
        phone=str(said.get("phone") or ""),
    )


def issuing_unit(actor: Actor, case: Case, permissions: Iterable[Permission]) -> Unit | None:
    """The unit of the case in whose name this person may act with one of these permissions (1 query).

    A township's post acts for its township, the bureau's for the county: nobody signs in another body's name.
    """
    wanted = tuple(permissions)
    line = [unit for unit in (case.school_class, case.school, case.village, case.township) if unit]
    own = {pk for unit in line for pk in unit.ancestor_ids}
    for post in actor.posts:
        if post.unit_id in own and any(may(post.role, permission) for permission in wanted):
            unit = Unit.objects.get(pk=post.unit_id)
            return case.school if unit.kind == UnitKind.CLASS else unit
    return None


def speaks_for(actor: Actor, case: Case) -> IssuerKind:
    """The kind of body this person speaks for in a case, to say why it may not order (its first post there)."""
    line = [unit for unit in (case.school_class, case.school, case.village, case.township) if unit]
    own = {pk for unit in line for pk in unit.ancestor_ids}
    post = next((post for post in actor.posts if post.unit_id in own), None)
    return issuer_kind(post.unit_kind, post.role) if post else IssuerKind.OTHER
