"""The other side is asked for its notification, where there is one."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from meterdesk.organisations.actions.telling import tell_organisation
from meterdesk.organisations.models import Sharing
from meterdesk.organisations.rules import SharingState


@transaction.atomic
def invite(sharing_id: UUID, *, at: datetime) -> None:
    """Write to the other side's administrators and officers; again does nothing once answered."""
    sharing = Sharing.objects.select_related("first").filter(pk=sharing_id).first()
    if sharing is None or sharing.second_id is None or sharing.state != SharingState.PROPOSED:
        return
    body = (
        f"{sharing.first.name} has notified the network's operator that it wishes to share access "
        "with your organisation.\n\nRead what it covers, then answer with your own officer's "
        f"notification, or decline:\n{settings.PUBLIC_URL}/sharing/{sharing.pk}/"
    )
    subject = f"{sharing.first.name} proposes to share access"
    tell_organisation(sharing.second_id, subject, body, at)
