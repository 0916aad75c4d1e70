"""Who sees which coverage: every User with UC_CSPCoverage sees all of it (SSI-NFR-24)."""

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.errors import NotAllowed

COMPONENT = "UC_CSPCoverage"


def visible_to(actor: Actor) -> Q:
    """The rows the actor may see: all of them, or none without the component."""
    return Q() if actor.may_use(COMPONENT) else Q(postcode__in=[])


def require_reader(actor: Actor) -> None:
    """Raise NotAllowed unless the actor is of the operator's staff: versions are its own affair."""
    if not actor.sees_everything(DeskPermission.NETWORK_DATA):
        raise NotAllowed()


def may_switch(actor: Actor) -> bool:
    """Whether the actor takes files in for the operator, and so decides what counts."""
    return actor.sees_everything(DeskPermission.INTAKE)
