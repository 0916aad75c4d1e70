"""What network companies are told of meters taken out of use (INV-5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.inventory.access import COMPONENT
from meterdesk.inventory.models import NetworkNotice
from meterdesk.inventory.rules import DeviceStatus
from meterdesk.kernel.paging import Order, Page, PageRequest, after_cursor, order_by, page_of

_NEWEST: Final = (Order("pk", int, descending=True),)


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A meter taken out of use. `told_at`: when its network company was written to, or None."""

    id: int
    mpxn: str
    device_id: str
    status: DeviceStatus
    status_at: datetime
    told_at: datetime | None


def notices(actor: Actor, page: PageRequest) -> Page[NoticeRow]:
    """Notices for the actor's UserIds, newest first; the operator sees all."""
    rows = NetworkNotice.objects.all()
    if not actor.sees_everything(DeskPermission.NETWORK_DATA):
        rows = rows.filter(network_party__in=actor.user_ids_for(COMPONENT))
    scope = "network notices"
    if keyset := after_cursor(scope, _NEWEST, page):
        rows = rows.filter(Q(**keyset.guard), Q(**keyset.alternatives[0]))
    found = [
        NoticeRow(
            one.pk,
            one.mpxn,
            one.device_id,
            DeviceStatus(one.status),
            one.status_at,
            one.told_at,
        )
        for one in rows.order_by(*order_by(_NEWEST))[: page.limit + 1]
    ]
    return page_of(scope, found, page, lambda one: (one.id,))
