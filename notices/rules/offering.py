"""Which papers of a plan are worth offering on a case: those its facts call for, so that nobody searches among all."""

from collections.abc import Collection, Iterable

from cases.choices import EventKind
from notices.choices import PaperLayout
from notices.rules.issuers import NAMES_PAPERS
from notices.rules.wording import PaperForm


def offered(forms: Iterable[PaperForm], kinds: Collection[EventKind]) -> list[PaperForm]:
    """The forms for a case in which these kinds of events have happened, in the order given.

    What leads to a court waits for a served order; 附件2 stands for a child never enrolled where the plan has it,
    附件3 for one that stayed away.
    """
    rows = list(forms)
    layouts = {form.layout for form in rows}
    never_entered = EventKind.NOT_ENROLLED in kinds
    hidden = set() if EventKind.NOTICE_SERVED in kinds else set(NAMES_PAPERS)
    if never_entered and PaperLayout.ENROLMENT_RECORD in layouts:
        hidden.add(PaperLayout.TOWNSHIP_RECORD)
    if not never_entered:
        hidden.add(PaperLayout.ENROLMENT_RECORD)
    return [form for form in rows if form.layout not in hidden]
