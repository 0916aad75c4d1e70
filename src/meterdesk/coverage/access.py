"""Who sees which coverage: every User with UC_CSPCoverage sees all of it (SSI-NFR-24)."""

from django.db.models import Q

from meterdesk.identity.rules import Actor

COMPONENT = "UC_CSPCoverage"


def visible_to(actor: Actor) -> Q:
    """The rows the actor may see: all of them, or none without the component."""
    return Q() if actor.may_use(COMPONENT) else Q(postcode__in=[])
