"""Which service providers one may use, and who looks after them: the operator's administrators."""

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.errors import NotVisible


def usable_of(organisation_id: int) -> Q:
    """Service providers that an organisation's people may use."""
    return Q(is_for_everyone=True) | Q(organisations=organisation_id)


def usable_by(actor: Actor) -> Q:
    """Service providers that the actor's organisation may use."""
    return usable_of(actor.organisation_id)


def keeps_services(actor: Actor) -> bool:
    """Whether the actor looks after service providers."""
    return actor.sees_everything(DeskPermission.ACCOUNTS)


def require_keeper(actor: Actor) -> None:
    """Raise NotVisible unless the actor looks after service providers."""
    if not keeps_services(actor):
        raise NotVisible()
