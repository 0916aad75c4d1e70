"""Who sees the inventory: every User with the component, and the operator's staff.

By SEC Appendix AH the inventory is open (access "Full"), so the answer is all rows or none. Some
things about it are not open: who asked for a change, what a network company was told, and
pre-notifying Devices.
"""

from typing import Final

from meterdesk.identity.rules import Actor, DeskPermission, JobTypeRole, UserRole
from meterdesk.kernel.errors import NotAllowed

COMPONENT = "UC_Inventory"
CONTACTS: Final = "UC_ServiceAudit"
PRE_NOTIFIERS: Final = frozenset({JobTypeRole.ALL_ACCESS, JobTypeRole.SMART_METER_OPERATIONS_USER})
"""Job Type Roles that pre-notify; provisional, since Appendix AH names a component to read only."""


def visible_to(actor: Actor) -> bool:
    """Whether this actor sees Devices at all; there is no limit by row (SSI-NFR-2)."""
    return actor.may_use(COMPONENT)


def sees_contacts(actor: Actor, *, of_all: bool) -> bool:
    """Whether this actor is shown on which day Devices were last heard of, by whomever.

    The operator, of all; others of the Devices at their own meter points, where every UserId that
    lets them see those gives the service audit trail too. Of a competitor's Device the day would
    tell whether it is read, so there it is neither shown nor asked for.
    """
    if actor.sees_everything(DeskPermission.NETWORK_DATA):
        return True
    own = actor.user_ids_for(COMPONENT)
    return not of_all and bool(own) and own <= actor.user_ids_for(CONTACTS)


def sees_requester(actor: Actor, user_id: str | None) -> bool:
    """Whether this actor is shown who asked for a change, and why: itself or the operator.

    A grant opens the Device, never the names and reasons of the organisation that granted it.
    """
    own = actor.user_ids_for(COMPONENT) & actor.own_user_ids
    return actor.sees_everything(DeskPermission.NETWORK_DATA) or user_id in own


def pre_notifies_as(actor: Actor) -> frozenset[str]:
    """UserIds (EUI-64 text) in whose name this actor may pre-notify Devices (INV-2)."""
    return frozenset(
        eui
        for eui in actor.writes_for(COMPONENT)
        if PRE_NOTIFIERS & set(actor.job_type_roles.get(eui, ()))
    )


def may_pre_notify_as(actor: Actor, user_id: str) -> None:
    """Raise NotAllowed unless this actor may pre-notify Devices in this UserId's name."""
    if user_id not in pre_notifies_as(actor):
        raise NotAllowed(
            "You may not pre-notify Devices for this UserId. It takes the Job Type Role Smart Meter"
            " Operations User or All Access on it."
        )


def is_network_party(actor: Actor) -> bool:
    """Whether a UserId of this actor can be a network company, which is told of meters (INV-5)."""
    network = {UserRole.ED, UserRole.GT}
    return any(actor.user_roles.get(eui) in network for eui in actor.user_ids_for(COMPONENT))
