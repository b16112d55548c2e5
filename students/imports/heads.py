"""Give column heads one form, so that ★, spaces, brackets and full-width letters do not matter."""

import re
import unicodedata

DECORATION = re.compile(r"[★☆*△▲#:\s]")
BRACKETED = re.compile(r"[(\[【][^)\]】]*[)\]】]")


def normal(head: object) -> str:
    """One form of a column head: 「★ 姓 名（必填）」 → 姓名."""
    text = unicodedata.normalize("NFKC", str(head))
    return BRACKETED.sub("", DECORATION.sub("", text)).lower()
