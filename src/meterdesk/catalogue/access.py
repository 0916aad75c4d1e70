"""Who sees a service request: the User that raised it, and the operator's desk (SSI-FR-52a, 57).

One's own UserIds count and no granted ones: Appendix AH opens requests to the personnel of the
User that raised them, so a sharing of information never opens them.
"""

from django.db.models import Q

from meterdesk.catalogue.models import ServiceRequest
from meterdesk.catalogue.rules.states import RequestPart
from meterdesk.identity.rules import Actor, DeskPermission

COMPONENT = "UC_ServiceCatalogue"


def own_user_ids(actor: Actor) -> frozenset[str]:
    """Own UserIds for which a role gives the catalogue; what they raised is visible."""
    return actor.user_ids_for(COMPONENT) & actor.own_user_ids


def raises_for(actor: Actor) -> frozenset[str]:
    """Own UserIds for which the person may raise and change requests."""
    return actor.writes_for(COMPONENT) & actor.own_user_ids


def is_desk(actor: Actor) -> bool:
    """Whether the person works on requests at the operator's desk; resolvers do not."""
    return actor.sees_everything(DeskPermission.ASSIGN)


def visible_to(actor: Actor) -> Q:
    """Requests that this actor may know of; to others there is none, and the answer is 404."""
    if is_desk(actor):
        return Q(pk__isnull=False)  # Q() beside another condition would say nothing
    return Q(raised_for__in=sorted(own_user_ids(actor)))


def part_of(actor: Actor, found: ServiceRequest) -> RequestPart:
    """What somebody who sees a request is to it."""
    return RequestPart.RAISER if found.raised_for in own_user_ids(actor) else RequestPart.OPERATOR


def writing_parts(actor: Actor, found: ServiceRequest) -> frozenset[RequestPart]:
    """In which parts the actor may change it; none where a suspension leaves only reading."""
    parts = set()
    if is_desk(actor):
        parts.add(RequestPart.OPERATOR)
    if found.raised_for in raises_for(actor):
        parts.add(RequestPart.RAISER)
    return frozenset(parts)
