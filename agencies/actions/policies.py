"""Plans: loaded as immutable versions, adopted by units."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from agencies import audit
from agencies.choices import Permission, Verb
from agencies.models import Adoption, PolicyVersion, Unit
from agencies.rules.policy_schema import Policy
from agencies.scope import Actor


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def store_version(*, by: Actor, policy: Policy, content: dict[str, Any], now: datetime) -> PolicyVersion:
    """Keep a checked plan as a version; the same content again is the version that stands.

    `content` = the parsed files of the county folder, dates as ISO text: {"policy", "calendar", "notices", "ledgers"},
    and its worked examples as text: {"examples": {file name: text}}.
    """
    by.require(Permission.ADOPT_POLICY)
    digest = _digest(content)
    with transaction.atomic():
        latest = PolicyVersion.objects.filter(key=policy.key).order_by("-version").first()
        if latest and latest.digest == digest:
            return latest
        version = PolicyVersion.objects.create(
            key=policy.key,
            version=latest.version + 1 if latest else 1,
            title=policy.title,
            document_number=policy.document_number,
            valid_from=policy.valid_from,
            valid_to=policy.valid_to,
            content=content,
            digest=digest,
            loaded_at=now,
        )
        audit.record(
            by=by,
            verb=Verb.POLICY_LOADED,
            kind="policy",
            object_id=version.pk,
            now=now,
            detail={"key": policy.key, "version": version.version, "digest": digest},
        )
    return version


def adopt(*, by: Actor, unit: Unit, version: PolicyVersion, on: date, now: datetime, note: str = "") -> Adoption:
    """The unit runs `version` from `on`; open cases keep the version they have, until somebody moves them.

    Adopting the version that stands changes nothing, whatever day is named.

    Raises ValueError where `on` lies before the adoption that stands.
    """
    by.require_at(Permission.ADOPT_POLICY, unit.path)
    with transaction.atomic():
        standing = Adoption.objects.select_for_update().filter(unit=unit, last_day__isnull=True).first()
        if standing and standing.version_id == version.pk:
            return standing
        if standing and standing.first_day > on:
            raise ValueError(f"现行方案自{standing.first_day.isoformat()}起采用，新方案的采用日期不能更早，请改正。")
        if standing:
            standing.last_day = on - timedelta(days=1)
            standing.save(update_fields=["last_day"])
        adoption = Adoption.objects.create(unit=unit, version=version, first_day=on, note=note, recorded_at=now)
        audit.record(
            by=by,
            verb=Verb.POLICY_ADOPTED,
            kind="policy",
            object_id=version.pk,
            unit_path=unit.path,
            now=now,
            detail={"key": version.key, "version": version.version, "on": on.isoformat()},
        )
    return adoption
