"""In whose name somebody may pre-notify Devices."""

from meterdesk.identity.queries import UserIdEntry, user_id_entries
from meterdesk.identity.rules import Actor
from meterdesk.inventory.access import pre_notifies_as


def pre_notifiers(actor: Actor) -> list[UserIdEntry]:
    """The UserIds in whose name this actor may pre-notify Devices, by organisation and role."""
    allowed = pre_notifies_as(actor)
    entries = user_id_entries(allowed).values() if allowed else ()
    return sorted(entries, key=lambda one: (one.organisation_name, one.user_role.title, one.eui))
