"""The ledgers a person keeps or reads: those of the plans in force at, above or below the person's units."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import cast

from agencies.choices import Permission, UnitKind
from agencies.models import Adoption, PolicyVersion, Unit
from agencies.queries.policies import adoptions_reaching, content_of, policy_of
from agencies.scope import Actor
from agencies.xlsx import Sheet
from notices.ledgers.columns import LedgerRow
from notices.ledgers.county import load_ledgers
from notices.ledgers.definition import CountyLedger, sheet
from notices.queries.ledger_children import Wanted
from notices.queries.ledgers import rows_of

# Units a ledger can be cut down to.
KINDS = (UnitKind.COUNTY, UnitKind.TOWNSHIP, UnitKind.VILLAGE, UnitKind.SCHOOL)


@dataclass(frozen=True, slots=True)
class Kept:
    """A ledger of a plan in force at `unit`."""

    ledger: CountyLedger
    version: PolicyVersion
    unit: Unit

    @property
    def ages(self) -> tuple[int, int]:
        """The plan's ages, both included."""
        ages = policy_of(self.version).ages
        return ages.first, ages.last

    def wanted(self, actor: Actor, unit: Unit, first: date, last: date) -> Wanted:
        """The ledger as this person asks for it: of which unit, from which day to which."""
        return Wanted(actor, unit, first, last, self.ages, self.ledger.helped)


@lru_cache(maxsize=64)
def _ledgers(version_id: int, digest: str) -> tuple[CountyLedger, ...]:
    version = PolicyVersion.objects.defer("content").get(pk=version_id)
    return load_ledgers(content_of(version).get("ledgers", {}), f"version {version_id}")[0]


def ledger_of(version: PolicyVersion, key: str) -> CountyLedger | None:
    """The ledger of a plan's version with this key."""
    return next((row for row in _ledgers(version.pk, version.digest) if row.key == key), None)


def kept_by(actor: Actor, on: date) -> list[Kept]:
    """The ledgers of the plans that reach this person's units, in the order of units and plans (1 query).

    Of the plans at or above a unit the lowest governs; those below all do.
    """
    paths = actor.paths(Permission.VIEW_LEDGER)
    adoptions = adoptions_reaching(paths, on)
    wanted: dict[int, Adoption] = {}
    for path in paths:
        above = [row for row in adoptions if path.startswith(row.unit.path)]
        nearest = max(above, key=lambda row: len(row.unit.path), default=None)
        below = [row for row in adoptions if row.unit.path.startswith(path)]
        wanted |= {row.pk: row for row in ([nearest] if nearest else []) + below}
    rows = sorted(wanted.values(), key=lambda row: (row.unit.path, row.pk))
    found = [
        Kept(ledger, row.version, row.unit) for row in rows for ledger in _ledgers(row.version_id, row.version.digest)
    ]
    unique: dict[tuple[int, int, str], Kept] = {}
    for one in found:
        unique.setdefault((one.unit.pk, one.version.pk, one.ledger.key), one)
    return list(unique.values())


def units_for(actor: Actor, kept: Kept) -> list[Unit]:
    """The units this person may cut the ledger down to: the plan's, as far as they are the person's own (1 query)."""
    rows = Unit.objects.visible_to(actor, Permission.VIEW_LEDGER)
    rows = rows.filter(path__startswith=kept.unit.path, kind__in=KINDS, last_day__isnull=True)
    return list(rows.order_by("path"))


def sheet_of(
    kept: Kept,
    wanted: Wanted,
    ids: list[int],
    *,
    on: date,
    full: bool,
    restricted: bool,
    said: Callable[[int], None] | None = None,
) -> Sheet:
    """The ledger as an official table; a ledger without rows says 无."""

    def rows() -> Iterator[LedgerRow]:
        if not ids:
            yield {"name": "无"}
        for row in rows_of(kept.ledger.kind.key, ids, wanted, said):
            yield cast(LedgerRow, row)

    names = wanted.actor.can(Permission.SEE_NAMES)
    return sheet(kept.ledger, rows(), unit=wanted.unit.name, on=on, full=full, restricted=restricted, names=names)
