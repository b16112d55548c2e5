"""Which special groups only a post with the restricted permission may see."""

from typing import Final

from students.choices import SpecialGroup

# 残疾人教育条例 art. 20 and 未成年人网络保护条例 art. 34-37: never on class pages or general lists.
RESTRICTED_GROUPS: Final = frozenset({SpecialGroup.DISABLED, SpecialGroup.PRISONER_CHILD})
