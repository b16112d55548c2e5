"""Which special groups only a post with the restricted permission may see."""

from collections.abc import Iterable
from typing import Final

from students.choices import SpecialGroup

# The one list of such groups: disability (残疾人教育条例 art. 20), a parent in prison, a child in a criminal matter or
# harmed by one (未成年人保护法 arts. 4, 103), mental illness (精神卫生法 art. 4): on no class page or general list.
RESTRICTED_GROUPS: Final = frozenset(
    {
        SpecialGroup.DISABLED,
        SpecialGroup.PRISONER_CHILD,
        SpecialGroup.INVOLVED,
        SpecialGroup.HARMED,
        SpecialGroup.MENTALLY_ILL,
    }
)


def shown_groups(groups: Iterable[str], *, knows: bool) -> list[SpecialGroup]:
    """The groups this reader may know of; of the others not even that there are some."""
    return [SpecialGroup(group) for group in groups if knows or group not in RESTRICTED_GROUPS]


def group_choices(*, knows: bool) -> list[tuple[str, str]]:
    """The groups a reader may narrow a list of children by."""
    return [(group.value, str(group.label)) for group in shown_groups(SpecialGroup, knows=knows)]
