"""The one plain sentence that says what to do on a case today."""

from collections.abc import Iterable, Mapping

from cases.rules.facts import Event
from cases.rules.standing import Standing


def today_sentence(standing: Standing, events: Iterable[Event], names: Mapping[str, str] | None = None) -> str:
    """What to do now, e.g. 「今天前入户劝返；已电话1次未接；建议与村书记同去」.

    `names` maps step keys to their advice and "secretary" to a person's name; both optional.
    """
    raise NotImplementedError
