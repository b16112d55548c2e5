"""Whether a text stands on one line of a printed form, told from its characters alone and rather no than yes."""

import re

# A line kept open in a blank: an ideographic space, for an empty line would take no height.
OPEN_LINE = "　"

# Half an em wide in the papers' first font, which has them all.
_HALF = re.compile(r"[0-9]")
# An em wide in each of the papers' fonts: ideographs of every plane, and the signs of names and numbers.
_WHOLE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff·〇〔〕《》（）、]")


def fits(text: str, ems: float, *, rare: bool = True) -> bool:
    """Whether `text` stands on one line `ems` characters wide; no where the width of a character is not known.

    Without `rare` also no where a character is none of GB 2312, all of which the papers' first fonts have: another
    font's characters make their line higher, by a tenth.
    """
    digits, others = len(_HALF.findall(text)), len(_WHOLE.findall(text))
    known = digits + others == len(text) and (rare or _in_first_font(text))
    return known and digits / 2 + others <= ems


def _in_first_font(text: str) -> bool:
    return text.encode("gb2312", errors="ignore").decode("gb2312") == text
