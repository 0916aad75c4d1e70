"""What Devices did of late: for the premises page, Diagnose and hub diagnostics."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from meterdesk.identity.rules import Actor
from meterdesk.inventory.queries import closure
from meterdesk.kernel.identifiers import eui_to_int
from meterdesk.trail.access import visible_to
from meterdesk.trail.models import COLUMNS, message_of
from meterdesk.trail.queries.pages import LATEST, RECENT, Wanted, newest
from meterdesk.trail.queries.records import (
    AnonymisedCommand,
    Contact,
    DeviceActivity,
    TrailRow,
    row_shown,
)
from meterdesk.trail.rules import EARLIEST, STATUSES, Status
from meterdesk.trail.rules.spans import Span, joined

_ALERTS = 10
_COLUMNS = ", ".join(f"m.{name}" for name in COLUMNS)
_ACTIVITY = f"""
select {_COLUMNS} from trail_activity(
    %(devices)s, %(since)s, %(everything)s, %(parties)s::int8[], %(open_variants)s::int2[],
    %(alerts)s) m
"""  # noqa: S608  constants


def messages_of(
    actor: Actor, device_ids: Iterable[str], since: datetime, limit: int = 50
) -> list[TrailRow]:
    """Messages of these Devices from an instant on that the actor may see, newest first."""
    wanted = Wanted(joined(Span(eui_to_int(one), since, LATEST) for one in device_ids))
    return [row_shown(message) for message in newest(visible_to(actor), wanted, limit)]


def device_activity(actor: Actor, device_ids: Collection[str], since: datetime) -> DeviceActivity:
    """Last success, last failure and alerts of these Devices, as far as the actor may see them.

    In-progress requests count as neither. Alerts are newest first, up to ten a Device.
    """
    sight = visible_to(actor)
    if sight.is_blind or not device_ids:
        return DeviceActivity(devices={})
    given: dict[str, Any] = {
        "devices": list(map(eui_to_int, device_ids)),
        "since": since,
        "alerts": _ALERTS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVITY, sight.parameters | given)
        rows = [row_shown(message_of(row)) for row in cursor.fetchall()]
    rows.sort(key=lambda row: row.received_at, reverse=True)
    by_device = {
        device_id: _contact(row for row in rows if row.device_id == device_id)
        for device_id in device_ids
    }
    whole = _contact(rows)
    return DeviceActivity(whole.last_success, whole.last_failure, whole.alerts, by_device)


def _contact(newest_first: Iterable[TrailRow]) -> Contact:
    rows = list(newest_first)
    requests = [row for row in rows if row.is_request]
    return Contact(
        next((row for row in requests if row.status is Status.SUCCESS), None),
        next((row for row in requests if row.status is Status.FAILURE), None),
        tuple(row for row in rows if not row.is_request),
    )


def last_commands_of_hub(hub_id: str, limit: int = 5) -> list[AnonymisedCommand]:
    """The latest Commands through a hub, time and success alone (SSI-FR-17); no actor.

    Whose they were, what they asked and of which Device stays here: the caller has checked that
    the reader may see the hub, not that they may see its messages.
    """
    devices = {hub_id, *(one.device_id for one in closure(hub_id))}
    rows: list[tuple[datetime, int]] = []
    for since in (datetime.now(UTC) - RECENT, EARLIEST):
        if len(rows) < limit:
            with connection.cursor() as cursor:
                cursor.execute(
                    "select received_at, status from trail_commands(%s, %s, %s)",
                    [list(map(eui_to_int, devices)), since, limit],
                )
                rows = cursor.fetchall()
    return [AnonymisedCommand(received_at, _success(status)) for received_at, status in rows]


def _success(status: int) -> bool | None:
    return {Status.SUCCESS: True, Status.FAILURE: False}.get(STATUSES[status] or Status.IN_PROGRESS)
