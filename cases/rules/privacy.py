"""Which special groups only a post with the restricted permission sees."""

from students.choices import SpecialGroup

# Disability and children of prisoners (残疾人教育条例 art. 20; 未成年人保护法 art. 4).
RESTRICTED_GROUPS = frozenset({SpecialGroup.DISABLED, SpecialGroup.PRISONER_CHILD})
