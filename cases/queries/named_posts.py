"""The post a plan names for an act (销号, 认定辍学), as this person holds it for a case."""

from __future__ import annotations

from agencies.choices import Role
from agencies.queries.policies import policy_of
from agencies.scope import Actor, HeldPost
from cases.models import Case
from cases.rules.closing import approver_of
from cases.rules.standing import Standing

# Where the plan names one post, its superior in the same unit may act too.
_SUPERIORS = {
    Role.TOWNSHIP_OFFICER: {Role.TOWNSHIP_DEPUTY, Role.TOWNSHIP_HEAD},
    Role.TOWNSHIP_DEPUTY: {Role.TOWNSHIP_HEAD},
    Role.MORAL_EDUCATION: {Role.PRINCIPAL},
    Role.REGISTRAR: {Role.PRINCIPAL},
    Role.BUREAU_OFFICER: {Role.BUREAU_HEAD},
}


def named_post(by: Actor, case: Case, role: Role) -> HeldPost | None:
    """The post of this role, or of its superior, that `by` holds at a unit the case belongs to."""
    units = {case.school_id, case.village_id, case.township_id}
    # A child that no school has (未入学) belongs to the county by where it lives.
    place = case.school or case.township or case.village
    units |= {place.ancestor_ids[0]} if place else set()
    accepted = {role} | _SUPERIORS.get(role, set())
    return next((post for post in by.posts if post.role in accepted and post.unit_id in units), None)


def acts_as(by: Actor, case: Case, role: Role) -> bool:
    """Whether `by` acts under this post, or its superior, at a unit the case belongs to; the system always does."""
    return by.system or named_post(by, case, role) is not None


def confirms_dropout(by: Actor, case: Case) -> bool:
    """Whether `by` says of this case that 疑似辍学 is 辍学, as its plan has it."""
    rule = policy_of(case.policy).dropout
    return rule is not None and acts_as(by, case, rule.confirmer)


def reopens(by: Actor, case: Case, standing: Standing) -> bool:
    """Whether `by` takes the 销号 of a case back: the post that approves it as the case stood, or the later stage's.

    `standing`: how the case stood on the day it was closed off.
    """
    policy = policy_of(case.policy)
    return any(acts_as(by, case, role) for role in (approver_of(policy, standing), policy.closing.approver))
