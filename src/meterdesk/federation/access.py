"""Who sees and changes identity providers and failed log-ins."""

from django.db.models import Q

from meterdesk.federation.rules import Side, Step
from meterdesk.identity.rules import Actor, DeskPermission

ADMINISTRATION = "UC_OrgManager"


def providers_visible_to(actor: Actor) -> Q:
    """One's own organisation's providers, for its administrators; all, for the operator's."""
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        return Q()
    if actor.may_use(ADMINISTRATION):
        return Q(organisation_id=actor.organisation_id)
    return Q(pk__in=[])


def failures_visible_to(actor: Actor) -> Q:
    """Failed log-ins: as providers, and for the operator's agents, who are told the reference.

    Those that belong to no provider are the operator's alone.
    """
    if actor.sees_everything(DeskPermission.ACCOUNTS) or actor.sees_everything(
        DeskPermission.ASSIGN
    ):
        return Q()
    if actor.may_use(ADMINISTRATION):
        return Q(organisation_id=actor.organisation_id)
    return Q(pk__in=[])


def side_of(actor: Actor) -> Side | None:
    """On whose side the actor administers providers; None for whoever does not."""
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        return Side.OPERATOR
    return Side.ORGANISATION if actor.may_use(ADMINISTRATION) else None


def may_take(actor: Actor, step: Step) -> bool:
    """Whether the actor's side takes this step."""
    return side_of(actor) in step.sides
