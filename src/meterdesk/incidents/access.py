"""Who may know of an incident, and what they are to it: one predicate, used everywhere (IM-24)."""

from functools import reduce
from operator import or_

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.incidents.models import Incident
from meterdesk.incidents.rules.states import Part

VIEW = "UC_ViewSMI"
UPDATE = "UC_UpdateSMI"
RAISE = "UC_RaiseSMI"


def visible_to(actor: Actor, component: str = VIEW) -> Q:
    """Incidents this actor may know of by this functional component.

    Raiser's, responsible and interested UserIds stand together in `seen_by`; resolvers see what
    is allocated to their organisation; the operator's desk sees all. Nobody else learns that
    there is such an incident: the answer is 404 everywhere.
    """
    if actor.sees_everything(DeskPermission.QUEUE):
        return Q()
    ways: list[Q] = []
    if user_ids := actor.user_ids_for(component):
        ways.append(Q(seen_by__overlap=sorted(user_ids)))
    if _is_resolver(actor):
        ways.append(Q(responsible_organisation_id=actor.organisation_id))
    return reduce(or_, ways) if ways else Q(pk__in=[])


def parts_of(actor: Actor, incident: Incident, component: str = VIEW) -> frozenset[Part]:
    """Everything the actor is to an incident by this component; empty: not visible.

    The incident's `seen_by` holds raiser, responsible and interested UserIds; whoever is neither
    of the first two is interested.
    """
    user_ids = actor.user_ids_for(component)
    parts: set[Part] = set()
    if actor.sees_everything(DeskPermission.QUEUE):
        parts.add(Part.OPERATOR)
    if incident.raised_for in user_ids:
        parts.add(Part.RAISER)
    if incident.responsible_user_id in user_ids:
        parts.add(Part.RESPONSIBLE)
    if _is_resolver(actor) and incident.responsible_organisation_id == actor.organisation_id:
        parts.add(Part.RESPONSIBLE)
    if not user_ids.isdisjoint(incident.seen_by):
        parts.add(Part.INTERESTED)
    return frozenset(parts)


def deciding_part(parts: frozenset[Part]) -> Part:
    """The part whose view a reader gets: the one that shows most."""
    order = (Part.OPERATOR, Part.RAISER, Part.RESPONSIBLE, Part.INTERESTED)
    return next(part for part in order if part in parts)


def _is_resolver(actor: Actor) -> bool:
    return not actor.is_operator and actor.may_at_desk(DeskPermission.QUEUE)
