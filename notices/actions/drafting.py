"""A paper is drafted (拟稿): one for each chosen guardian, nothing numbered yet; what bars it is said at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies.choices import Verb
from agencies.models import Unit
from agencies.rules.refusals import FieldSentence
from agencies.scope import Actor
from cases.choices import EventKind, Stage
from cases.models import Case
from cases.rules.transitions import bars, caution
from notices.actions.papers import PaperRefusedError, frozen, note, require_post
from notices.choices import NoticeState, PaperLayout
from notices.models import Notice
from notices.queries.papers import forms_of, layout_under
from notices.queries.story import Story, issuer_of, issuing_unit, paper_story, speaks_for
from notices.rules.child_words import addressee
from notices.rules.demanding import Demand, early_demands, order_to
from notices.rules.drafting import facts_for
from notices.rules.gaps import gaps
from notices.rules.issuers import ADVICE, DRAFTING, LETTERS, REPORTS, SERVED
from notices.rules.issuing import issue_refusal
from notices.rules.offering import no_longer_asked, not_called_for
from notices.rules.papers import Order
from notices.rules.told import Gap, Typed
from notices.rules.wording import PaperForm


def case_bars(form: PaperForm, story: Story) -> tuple[str, ...]:
    """Why the case itself cannot take the event this paper makes; help without absence asks for none."""
    if story.standing.stage == Stage.HELP and form.layout not in LETTERS:
        return ("学生在帮扶中，没有缺课，不出具劝返文书；有辍学倾向、未报到的，先登记该情况",)
    if form.layout == PaperLayout.ORDER:
        return tuple(bars(story.standing, EventKind.NOTICE_ISSUED))
    if form.layout in LETTERS:
        return tuple(bars(story.standing, EventKind.PAPER_WITHDRAWN))
    if form.layout == PaperLayout.DEMAND:
        return tuple(bars(story.standing, EventKind.DEMAND_SERVED))
    if form.layout in ADVICE:
        kinds = {happening.kind for happening in story.told.happenings}
        why_not = not_called_for(story.known.policy, form, kinds), no_longer_asked(story.standing.returned_on)
        return (*filter(None, why_not), *bars(story.standing, EventKind.ADVICE_SENT))
    return tuple(bars(story.standing, EventKind.REPORT_SENT)) if form.layout in REPORTS else ()


def standing_orders(
    case: Case, story: Story, guardian: int | None, layout: PaperLayout = PaperLayout.ORDER
) -> list[Notice]:
    """Orders (or demands) to this guardian since the child last came back, void and withdrawn ones left out.

    Nobody gets two, but for a demand that came within the time to sue and so does not count.
    """
    rows = Notice.objects.filter(case=case, addressee_id=guardian or 0, about__isnull=True)
    rows = rows.exclude(state__in=[NoticeState.VOID, NoticeState.WITHDRAWN])
    back = story.told.last(EventKind.RETURNED, EventKind.RETURN_CONFIRMED)
    if back:
        rows = rows.filter(drafted_at__date__gt=back.on)
    found = [row for row in rows.defer("pdf").order_by("id") if layout_under(case.policy, row) == layout]
    early = early_demands(story.told, guardian) if found and layout == PaperLayout.DEMAND else frozenset()
    return [row for row in found if row.number not in early]


def free_guardians(case: Case, story: Story, layout: PaperLayout = PaperLayout.ORDER) -> list[int]:
    """The guardians to whom no such paper stands and, for a demand, an order was served: those a new one is for."""
    free = [person for person in story.told.guardians if not standing_orders(case, story, person.pk, layout)]
    return [person.pk for person in free if layout != PaperLayout.DEMAND or order_to(story.told, person)]


def _cautions(form: PaperForm, story: Story) -> tuple[Gap, ...]:
    """Of a child that stayed away again: criticised before, but not this time (never at all bars the order)."""
    if form.layout != PaperLayout.ORDER or story.told.last(EventKind.CRITICISM) is None:
        return ()
    text = caution(story.standing, EventKind.NOTICE_ISSUED)
    return (Gap(text, f"event:{EventKind.CRITICISM}"),) if text else ()


def all_gaps(
    form: PaperForm, story: Story, typed: Typed, unit: Unit, *, besides: int | None = None
) -> tuple[Gap, ...]:
    """Everything missing on a paper of this unit; `besides` is the draft itself, which does not bar itself."""
    found = (*gaps(form, story.told, typed, issuer_of(unit), bars=case_bars(form, story)), *_cautions(form, story))
    if form.layout not in SERVED:
        return found
    person = addressee(story.told, typed)
    twins = standing_orders(story.case, story, person.pk, form.layout) if person else []
    twin = next((row for row in twins if row.pk != besides), None)
    if twin is None or person is None:
        return found
    label = twin.number or "一份拟稿"
    word = "责令" if form.layout == PaperLayout.ORDER else "催告"
    text = f"对{person.name}已有{label}（{twin.get_state_display()}），不重复{word}；有误的请先作废该文书。"
    return (Gap(text, f"notice:{twin.pk}", bars=True), *found)


def drafting_unit(by: Actor, case: Case, form: PaperForm) -> Unit:
    """The unit in whose name `by` may draft; raises PermissionDenied with the reason of law or post."""
    unit: Unit | None
    if by.system:
        unit = case.school if form.layout in REPORTS or form.layout == PaperLayout.SCHOOL_RECORD else case.township
    else:
        unit = issuing_unit(by, case, DRAFTING[form.layout])
    if unit is None:
        kind = speaks_for(by, case)
        reason = issue_refusal(form.layout, kind, typed_basis=form.typed_basis)
        raise PermissionDenied(reason or f"您的岗位不能为本案拟制《{form.title}》。")
    return unit


def draft_papers(
    *, by: Actor, case: Case, key: str, typed: Iterable[Typed], token: str, now: datetime
) -> list[Notice]:
    """Draft one paper for each `typed` (each guardian of an order); the same token gives the same drafts.

    Raises PaperRefusedError with what bars it, PermissionDenied for a body that may not issue it.
    """
    form = forms_of(case.policy).get(key)
    if form is None or form.layout not in DRAFTING:
        raise PaperRefusedError(["本方案没有这种文书，请从个案页选择。"])
    unit = drafting_unit(by, case, form)
    require_post(by, unit, case, DRAFTING[form.layout])
    wanted = list(typed)
    if not wanted:
        raise PaperRefusedError(
            [FieldSentence("请至少选择一名监护人：通知书按监护人逐人送达，一人一份。", "guardians")]
        )
    story = paper_story(case, now.date(), about=None, actor=by, unit=unit, form=form)
    with transaction.atomic():
        Case.objects.select_for_update().filter(pk=case.pk).values_list("pk", flat=True).first()
        return [
            _draft(by=by, form=form, story=story, unit=unit, typed=one, token=_token(token, one), now=now)
            for one in wanted
        ]


def _token(token: str, typed: Typed) -> str:
    return f"{token[:28]}:{typed.guardian or ''}" if token else ""


def _draft(*, by: Actor, form: PaperForm, story: Story, unit: Unit, typed: Typed, token: str, now: datetime) -> Notice:
    case = story.case
    if token and (twin := Notice.objects.filter(case=case, token=token).first()):
        return twin
    found = all_gaps(form, story, typed, unit)
    if barring := [gap for gap in found if gap.bars]:
        raise PaperRefusedError([gap.text for gap in barring], barring)
    person = addressee(story.told, typed) if form.layout in SERVED else None
    typed = replace(typed, guardian=person.pk if person else None)
    notice = Notice.objects.create(
        case=case,
        kind=form.key,
        title=form.title,
        unit=unit,
        addressee_id=person.pk if person else None,
        addressee_name=person.name if person else "",
        facts=frozen(plan=case.policy_id, typed=typed),
        deadline_on=_deadline(form, story, typed, unit, now.date()),
        drafted_by_id=by.user_id,
        drafted_name=by.name,
        drafted_at=now,
        token=token,
    )
    note(by=by, verb=Verb.PAPER_DRAFTED, notice=notice, now=now)
    return notice


def _deadline(form: PaperForm, story: Story, typed: Typed, unit: Unit, on: date) -> date | None:
    facts = facts_for(form, story.told, typed, on, issuer_of(unit))
    return facts.deadline if isinstance(facts, Order | Demand) else None
