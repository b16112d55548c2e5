"""The classes of which several children came out of school within a short time, for the bureau."""

from __future__ import annotations

from datetime import date

from django.db.models import Count

from agencies.choices import Permission
from agencies.queries.policies import policy_of
from agencies.scope import Actor
from cases.models import Case
from cases.queries.worklists import versions_at_work
from cases.rules.clusters import Cluster, Opened, clusters, first_day

# Of school and class the short name where there is one, as `Unit.label`.
COLUMNS = (
    *("school_class_id", "policy_id", "opened_on"),
    *("school__short_name", "school__name", "school_class__short_name", "school_class__name"),
)


def clusters_in_sight(actor: Actor, on: date) -> list[tuple[Cluster, str]]:
    """Each class in sight with such a cluster and its name, most cases first (2 queries)."""
    plans = {version.pk: policy_of(version).clusters for version in versions_at_work()}
    limits = {pk: limit for pk, limit in plans.items() if limit is not None}
    if not limits:
        return []
    since = min(first_day(limit, on) for limit in limits.values())
    young = Case.objects.filter(closed_on__isnull=True, opened_on__gte=since, school_class__isnull=False)
    # Classes with too few cases of any kind go first: whether a child is in sight is dear to ask for each of a county.
    fewest = min(limit.cases for limit in limits.values())
    enough = young.order_by().values("school_class_id").annotate(n=Count("pk")).filter(n__gte=fewest)
    rows = (
        young.visible_to(actor, Permission.VIEW_CASE)
        .counted()
        .filter(school_class_id__in=enough.values("school_class_id"))
    )
    opened, names = [], {}
    for school_class, plan, day, *labels in rows.order_by().values_list(*COLUMNS):
        opened.append(Opened(school_class, plan, day))
        names[school_class] = (labels[0] or labels[1] or "") + (labels[2] or labels[3])
    return [(cluster, names[cluster.school_class]) for cluster in clusters(opened, limits, on)]
