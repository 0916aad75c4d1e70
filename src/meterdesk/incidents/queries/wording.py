"""Names and stand-ins for names (design section 5)."""

from meterdesk.identity.rules import OrganisationKind
from meterdesk.incidents.models import Incident
from meterdesk.incidents.rules.states import Part


def sees_names(part: Part, *, registered: bool = False) -> bool:
    """Whether a reader sees the name of a responsible supplier.

    A raiser that is not registered at the premises does not; the others are told of it because
    they are the operator, the responsible party itself, or registered there.
    """
    return registered or part is not Part.RAISER


def responsible_words(incident: Incident, *, named: bool) -> str:
    """The responsible party: by name for those who may know it, else "The gas supplier"."""
    organisation = incident.responsible_organisation
    if named or organisation.kind != OrganisationKind.PARTY:
        return organisation.name
    return incident.responsible_label[:1].upper() + incident.responsible_label[1:]
