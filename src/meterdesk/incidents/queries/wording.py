"""Names and stand-ins for names (design section 5)."""

from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.incidents.access import VIEW
from meterdesk.incidents.models import Incident
from meterdesk.incidents.rules.states import Part


def responsible_words(actor: Actor, incident: Incident, part: Part) -> str:
    """The responsible party: by name for those who may know it, else "The gas supplier".

    A raiser that is not registered at the premises may not; the others are told of the incident
    because they are the operator, the responsible party itself, or registered there.
    """
    organisation = incident.responsible_organisation
    registered = {one.user_id for one in incident.interested_parties.all()}
    named = part is not Part.RAISER or not registered.isdisjoint(actor.user_ids_for(VIEW))
    if named or organisation.kind != OrganisationKind.PARTY:
        return organisation.name
    return incident.responsible_label[:1].upper() + incident.responsible_label[1:]
