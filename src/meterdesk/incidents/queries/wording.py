"""Names and stand-ins for names (design section 5)."""

from typing import Any

from meterdesk.diagnosis.rules import without_names
from meterdesk.identity.rules import Actor, OrganisationKind
from meterdesk.incidents.access import VIEW
from meterdesk.incidents.models import Incident
from meterdesk.incidents.rules.states import Part


def responsible_words(incident: Incident, part: Part, *, registered: bool) -> str:
    """The responsible party: by name for those who may know it, else "The gas supplier".

    Args:
        incident: which.
        part: what the reader is to it.
        registered: whether the reader is registered at the premises.

    A raiser that is not registered at the premises may not; the others are told of the incident
    because they are the operator, the responsible party itself, or registered there.
    """
    organisation = incident.responsible_organisation
    if part is not Part.RAISER or registered or organisation.kind != OrganisationKind.PARTY:
        return organisation.name
    return incident.responsible_label[:1].upper() + incident.responsible_label[1:]


def diagnosis_shown(actor: Actor, incident: Incident, part: Part) -> dict[str, Any] | None:
    """The diagnosis that is attached, naming parties only to those who may know their names.

    Its maker may have been registered there, or act for one who is; a resolver at a service
    provider, or colleagues of the maker, need not.
    """
    outcome: dict[str, Any] | None = incident.diagnosis
    if outcome is None or part is Part.OPERATOR or is_registered(actor, incident):
        return outcome
    return without_names(outcome)


def is_registered(actor: Actor, incident: Incident) -> bool:
    """Whether the actor is a party registered at the premises of an incident."""
    registered = {one.user_id for one in incident.interested_parties.all()}
    return not registered.isdisjoint(actor.user_ids_for(VIEW))
