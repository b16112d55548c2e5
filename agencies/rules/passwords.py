"""The password rule: at least three of four kinds of characters."""

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import ValidationError

_KINDS: Final[tuple[Callable[[str], bool], ...]] = (
    str.islower,
    str.isupper,
    str.isdigit,
    lambda character: not character.isalnum(),
)


def kinds_of_characters(password: str) -> int:
    """How many of lower case, upper case, digit and sign occur."""
    return sum(any(kind(character) for character in password) for kind in _KINDS)


class MixedCharactersValidator:
    """Django password validator: three of the four kinds (等保 2.0, 身份鉴别: complexity)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with the remedy when fewer than three kinds occur."""
        if kinds_of_characters(password) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        """The rule in one sentence."""
        return "密码须含大写字母、小写字母、数字、符号中的至少三种。"
