"""Which papers of a plan are worth offering on a case: those its facts call for, so that nobody searches among all."""

from collections.abc import Collection, Iterable
from datetime import date

from agencies.rules.calendar import dated
from agencies.rules.policy_schema import Policy
from cases.choices import EventKind
from notices.choices import PaperLayout
from notices.rules.issuers import ADVICE, NAMES_PAPERS
from notices.rules.wording import PaperForm


def offered(policy: Policy, forms: Iterable[PaperForm], kinds: Collection[EventKind]) -> list[PaperForm]:
    """The forms for a case in which these kinds of events have happened, in the order given.

    What leads to a court waits for a served order; a paper that asks waits for the event without which its step does
    not open (虎林 六1: 《入学通知书》 goes to no pupil of a school); 附件2 stands for a child never enrolled where the
    plan has it, 附件3 for one that stayed away.
    """
    rows = [form for form in forms if _awaited(policy, form.layout) <= set(kinds)]
    layouts = {form.layout for form in rows}
    never_entered = EventKind.NOT_ENROLLED in kinds
    hidden = set() if EventKind.NOTICE_SERVED in kinds else set(NAMES_PAPERS)
    if never_entered and PaperLayout.ENROLMENT_RECORD in layouts:
        hidden.add(PaperLayout.TOWNSHIP_RECORD)
    if not never_entered:
        hidden.add(PaperLayout.ENROLMENT_RECORD)
    return [form for form in rows if form.layout not in hidden]


def not_called_for(policy: Policy, form: PaperForm, kinds: Collection[EventKind]) -> str:
    """Why a paper that asks is not for this case, as a sentence; "" where its events have happened."""
    lacking = _awaited(policy, form.layout) - set(kinds)
    names = "、".join(sorted(f"“{kind.label}”" for kind in lacking))
    if not names:
        return ""
    return f"按本方案，《{form.title}》只在登记{names}后发放，本案没有这项登记，请从个案页选择其他文书"


def no_longer_asked(returned_on: date | None) -> str:
    """Why the family of a child that is back is asked no more, as a sentence; "" while the child is away."""
    return f"该生已于{dated(returned_on)}返校，不再劝学；再次缺课的，点名后再出具" if returned_on else ""


def _awaited(policy: Policy, layout: PaperLayout) -> set[EventKind]:
    """The events for which every step waits that sending a paper of this layout does; none where one step does not."""
    word = ADVICE.get(layout)
    asked = [step for step in policy.steps if word and word in dict(step.done_where).get("paper", ())]
    if not asked or any(step.only_after is None for step in asked):
        return set()
    return {EventKind(step.only_after.event) for step in asked if step.only_after}
