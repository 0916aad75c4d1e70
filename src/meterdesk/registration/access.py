"""Who may read meter points, and whose names they may read there (design section 5)."""

from collections.abc import Set

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.errors import NotAllowed


def sees_points(actor: Actor, component: str) -> bool:
    """Meter points: open to every User with the component, and to the operator's staff."""
    return actor.may_use(component)


def visible_to(actor: Actor, component: str) -> Q:
    """The same of rows: all or none."""
    return Q() if sees_points(actor, component) else Q(pk__in=[])


def may_read_names(actor: Actor, component: str, registered: Set[str]) -> bool:
    """Whether the parties of a premises are shown by name.

    Args:
        actor: who reads.
        component: the functional component at hand.
        registered: UserIds registered now at any meter point of the premises.
    """
    if actor.sees_everything(DeskPermission.NETWORK_DATA):
        return True
    return not registered.isdisjoint(actor.user_ids_for(component))


def require_reader(actor: Actor) -> None:
    """Raise NotAllowed unless the actor is of the operator's staff that sees the network's data.

    Providers, their files and troubles concern competitors: nobody else reads them.
    """
    if not actor.sees_everything(DeskPermission.NETWORK_DATA):
        raise NotAllowed()


def may_manage(actor: Actor) -> bool:
    """Whether the actor takes files in for the operator, and so looks after its providers."""
    return actor.sees_everything(DeskPermission.INTAKE)


def require_manager(actor: Actor) -> None:
    """Raise NotAllowed unless `may_manage`."""
    if not may_manage(actor):
        raise NotAllowed()
