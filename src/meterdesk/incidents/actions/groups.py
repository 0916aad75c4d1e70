"""Groups that incidents are assigned to (IM-21)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from meterdesk.identity.rules import Actor
from meterdesk.incidents.models import DeskGroup, DeskGroupMember
from meterdesk.platform import activity


@transaction.atomic
def add_group(
    actor: Actor | None,
    name: str,
    organisation_id: int,
    person_ids: Iterable[int] = (),
    *,
    at: datetime,
) -> int:
    """Make a group with these people, or add them to the one of that name. Returns its number."""
    group, _ = DeskGroup.objects.get_or_create(name=name, organisation_id=organisation_id)
    for person_id in person_ids:
        DeskGroupMember.objects.get_or_create(group=group, person_id=person_id)
    activity.record(
        actor=actor,
        verb="incidents.add_group",
        subject=name,
        at=at,
        organisation_id=organisation_id,
    )
    return group.pk
