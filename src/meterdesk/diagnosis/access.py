"""Who may read a diagnosis that was kept: its maker, while acting for the same UserIds."""

from django.db.models import Q

from meterdesk.identity.rules import Actor


def visible_to(actor: Actor) -> Q:
    """The actor's own, less those made for a UserId that they no longer act for (SSI-NFR-7)."""
    return Q(person_id=actor.person_id, user_ids__contained_by=sorted(actor.user_ids))
