"""Who may do what at the operator's desk."""

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.errors import NotAllowed


def require(actor: Actor, permission: DeskPermission) -> None:
    """Raise NotAllowed unless the actor holds the desk permission."""
    if not actor.may_at_desk(permission):
        raise NotAllowed()
