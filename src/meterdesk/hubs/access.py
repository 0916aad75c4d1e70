"""Who may read the diagnostics of a Communications Hub (SSI-FR-16b, SSI-NFR-25).

The search form is for whoever has the component; the answer for the Responsible Supplier, the
Network Party and the Registered Supplier Agent of a Smart Metering System the hub is part of, and
for the operator's staff. A Device is open in the inventory, so others are told so, with 403.
"""

from collections.abc import Set
from typing import Final

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission

COMPONENT: Final = "UC_HubStatus"
ONLY_PARTIES_ASK: Final = (
    "A hub may be asked only by the Responsible Supplier, the Network Party and the Registered "
    "Supplier Agent of a Smart Metering System that it is part of."
)
NOT_A_PARTY: Final = (
    "The diagnostics of this hub are open to the Responsible Supplier, the Network Party and the "
    "Registered Supplier Agent of a Smart Metering System that it is part of. None of the UserIds "
    "you act for is one of them."
)


def may_see(actor: Actor, registered: Set[str]) -> bool:
    """Whether the actor may read of a hub.

    Args:
        actor: who asks.
        registered: UserIds registered now at any meter point of the hub's Devices.
    """
    if not actor.may_use(COMPONENT):
        return False
    if actor.sees_everything(DeskPermission.NETWORK_DATA):
        return True
    return not registered.isdisjoint(actor.user_ids_for(COMPONENT))


def requests_visible_to(actor: Actor) -> Q:
    """Requests made of the hubs that the actor may read of.

    Of those, the ones made while a UserId of theirs was registered at the hub, and their own
    organisation's: who came later reads nothing of the time before. The operator's staff reads all.
    """
    if actor.sees_everything(DeskPermission.NETWORK_DATA):
        return Q(pk__isnull=False)
    own_time = Q(parties__overlap=sorted(actor.user_ids_for(COMPONENT)))
    return own_time | Q(organisation_id=actor.organisation_id)


def may_ask(actor: Actor, registered: Set[str]) -> bool:
    """Whether the actor may have the hub itself asked: its parties alone (SSI-FR-16a, 16b)."""
    return not registered.isdisjoint(actor.writes_for(COMPONENT))
