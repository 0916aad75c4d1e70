"""Which service providers one may use, and who looks after them: the operator's administrators."""

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.errors import NotVisible


def usable_by(actor: Actor) -> Q:
    """Service providers that the actor's organisation may use."""
    return Q(is_for_everyone=True) | Q(organisations=actor.organisation_id)


def require_keeper(actor: Actor) -> None:
    """Raise NotVisible unless the actor looks after service providers."""
    if not actor.sees_everything(DeskPermission.ACCOUNTS):
        raise NotVisible()
