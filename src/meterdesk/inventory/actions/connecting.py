"""Communications Hubs commissioned by their first connection to the SM WAN (INV-4)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from meterdesk.inventory.actions.changing import Origin, change_statuses
from meterdesk.inventory.models import Device
from meterdesk.inventory.rules import Accepted, DeviceStatus, DeviceType, StatusRequest
from meterdesk.kernel.identifiers import eui_to_int

REASON: Final = "First connection to the SM WAN"
_WAITING: Final = (
    DeviceStatus.PENDING,
    DeviceStatus.WHITELISTED,
    DeviceStatus.INSTALLED_NOT_COMMISSIONED,
)


def connect_hubs(
    connected: Mapping[str, tuple[datetime, int]], run_id: int | None, *, at: datetime
) -> int:
    """Commission the hubs that wait for their first connection; returns how many.

    Others stay as they are, and so does one whose status is newer than its connection: the
    network has since said something else. In the open transaction of the intake.

    Args:
        connected: when each hub first connected, and the line that says so, by Device ID.
        run_id: the intake run of those lines.
        at: the present instant (aware).
    """
    waiting = Device.objects.filter(
        pk__in=list(connected), device_type=DeviceType.CHF, status__in=_WAITING
    )
    hubs = sorted(waiting.values_list("device_id", flat=True))
    if not hubs:
        return 0
    requests = [
        StatusRequest(eui_to_int(hub), DeviceStatus.COMMISSIONED, connected[hub][0], REASON)
        for hub in hubs
    ]
    origin = Origin(run_id, [connected[hub][1] for hub in hubs])
    return sum(isinstance(one, Accepted) for one in change_statuses(requests, origin, at=at))
