"""The chained digest of the audit trail: each seal covers its rows and the seal before it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

# What stands in front of the first seal.
BEGINNING: Final = "0" * 64


def digest_of(before: str, rows: Iterable[Mapping[str, Any]]) -> tuple[str, int]:
    """SHA-256 over the earlier digest and the rows in order, one line of canonical JSON each; and their number."""
    total, count = hashlib.sha256(before.encode()), 0
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
        total.update(b"\n" + line.encode())
        count += 1
    return total.hexdigest(), count
