"""At which steps an old case may be entered, and what is asked of the order served before it was entered."""

from dataclasses import dataclass
from datetime import date

from agencies.rules.policy_schema import Policy, Step
from agencies.rules.policy_triggers import (
    CategoryTrigger,
    CycleTrigger,
    EventTrigger,
    LapseTrigger,
    LeaveTrigger,
    ReturnedTrigger,
    Trigger,
    WaitTrigger,
)
from agencies.rules.refusals import FieldSentence
from cases.choices import EventKind
from cases.rules.rung import is_after_end

# What only a class, an application or an approved time opens is no place on the ladder: the case is entered on the
# ladder, then classed or applied for.
_OTHER_PATHS = (CategoryTrigger, LapseTrigger, LeaveTrigger, ReturnedTrigger)
_DECIDED = frozenset({EventKind.APPLIED, EventKind.APPLICATION_DECIDED, EventKind.EVALUATED})


@dataclass(frozen=True, slots=True)
class ServedOrder:
    """The 限期通知书 served before the case was entered: when, and whether it told the guardian how to appeal.

    From its service run the guardian's time and the months to sue (行政诉讼法 art. 46, 解释 art. 64), and so those to
    have it enforced (行政强制法 art. 53). What a 催告书 names of it (art. 54) may be entered later, on the case.
    """

    served_on: date
    remedies: str
    addressee: str = ""
    number: str = ""
    issued_on: date | None = None
    deadline: date | None = None

    @property
    def said(self) -> dict[str, str]:
        """What is known of it, as the event of its service keeps it."""
        days = {"issued_on": self.issued_on, "deadline": self.deadline}
        texts = {"remedies": self.remedies, "addressee": self.addressee.strip(), "number": self.number.strip()}
        return {name: text for name, text in texts.items() if text} | {
            name: day.isoformat() for name, day in days.items() if day
        }


def steps_to_enter(policy: Policy) -> tuple[Step, ...]:
    """The steps of the ladder at which an old list may have a case, in the plan's order."""
    return tuple(step for step in policy.steps if _on_ladder(policy, step))


def _on_ladder(policy: Policy, step: Step) -> bool:
    if step.beside or is_after_end(step):
        return False
    return any(_may_open(policy, trigger) for trigger in step.triggers)


def _may_open(policy: Policy, trigger: Trigger) -> bool:
    if isinstance(trigger, EventTrigger):
        return trigger.event not in _DECIDED
    if isinstance(trigger, WaitTrigger | CycleTrigger) and trigger.after:
        before = policy.step(trigger.after)
        return before is not None and _on_ladder(policy, before)
    return not isinstance(trigger, _OTHER_PATHS)


def behind_order(policy: Policy, key: str) -> bool:
    """Whether a case entered at this step has the order behind it."""
    keys = [step.key for step in policy.steps]
    return key in keys and any(EventKind.NOTICE_SERVED in step.done_by for step in policy.steps[: keys.index(key)])


def order_mistake(policy: Policy, key: str, order: ServedOrder, started_on: date, on: date) -> str:
    """Why such an order cannot lie behind a case entered at this step on a day; "" where it can."""
    if not behind_order(policy, key):
        return FieldSentence(
            "所选步骤在送达限期通知书之前：请改选通知书送达以后的步骤，或不填送达日期。", "order_served_on"
        )
    if not started_on <= order.served_on <= on:
        return FieldSentence("通知书送达日期不能早于首次缺课日期，也不能晚于今天，请检查年份。", "order_served_on")
    if order.issued_on and order.issued_on > order.served_on:
        return FieldSentence("通知书签发日期不能晚于送达日期，请核对旧通知书和送达回证。", "issued_on")
    if order.deadline and order.deadline < order.served_on:
        return FieldSentence("通知书限期届满日不能早于送达日期，请核对旧通知书。", "deadline")
    return ""
