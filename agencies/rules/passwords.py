"""Passwords: the rule of three of four kinds of characters, and how a first password is spelled."""

from collections.abc import Callable
from typing import Final

KINDS_NEEDED: Final = 3
RULE: Final = "密码须含大写字母、小写字母、数字、符号中的至少三种。"

# No look-alikes (0 O 1 l I): a first password is typed from paper.
_SPELLING: Final = ("abcdefghijkmnpqrstuvwxyz", "23456789", "ABCDEFGHJKLMNPQRSTUVWXYZ")

_KINDS: Final[tuple[Callable[[str], bool], ...]] = (
    str.islower,
    str.isupper,
    str.isdigit,
    lambda character: not character.isalnum(),
)


def kinds_of_characters(password: str) -> int:
    """How many of lower case, upper case, digit and sign occur."""
    return sum(any(kind(character) for character in password) for kind in _KINDS)


def is_mixed(password: str) -> bool:
    """Whether a password keeps the rule (等保 2.0, 身份鉴别: complexity)."""
    return kinds_of_characters(password) >= KINDS_NEEDED


def spelled(noise: bytes) -> str:
    """A first password out of at least twelve random bytes: three groups of four, easy to type from paper."""
    groups = [
        "".join(letters[byte % len(letters)] for byte in noise[4 * place : 4 * place + 4])
        for place, letters in enumerate(_SPELLING)
    ]
    return "-".join(groups)
