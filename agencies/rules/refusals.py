"""A sentence of refusal that knows which field of the form it is about."""

from __future__ import annotations


class FieldSentence(str):
    """Why an act is refused, with its remedy; pages say it beside `field` where their form has one of that name."""

    __slots__ = ("field",)

    field: str

    def __new__(cls, sentence: str, field: str = "") -> FieldSentence:
        """The sentence, and the name of the field it is about ("": none)."""
        made = super().__new__(cls, sentence)
        made.field = field
        return made
