"""Pre-notification by API: up to a thousand Devices at a time (INV-2)."""

from datetime import datetime
from typing import Any, Literal

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from meterdesk.identity.queries import ActorRequest, chosen_user_id
from meterdesk.inventory.actions import pre_notify_as
from meterdesk.inventory.queries import pre_notifiers
from meterdesk.inventory.rules.prenotification import PreNotification
from meterdesk.kernel.errors import Refused

router = Router(tags=["Inventory"])
MOST = 1_000


class PreNotificationIn(Schema):
    """A Device before it is installed."""

    device_id: str = Field(description="EUI-64.", max_length=60)
    device_type: str = Field(description="ESME, GSME, HCALCS, PPMID, IHD or CAD.", max_length=10)
    manufacturer: str = Field("", max_length=60, description="As on the products list.")
    model: str = Field("", max_length=60, description="As on the products list.")
    firmware_version: str = Field("", max_length=20)
    smets_chts_version: str = Field("", max_length=40)
    esme_variant: str = Field("", max_length=10)
    associated_gpf: str = Field("", max_length=60, description="Device ID of its GPF, if known.")


class PreNotificationsIn(Schema):
    """Devices, and in whose name they are pre-notified."""

    user_id: str | None = Field(
        None, description="The UserId; may be left out by those who act for one alone."
    )
    dry_run: bool = Field(False, description="Say what would happen and change nothing.")
    devices: list[PreNotificationIn] = Field(min_length=1, max_length=MOST)


class PreNotificationAnswer(Schema):
    """What became of one Device, in the order of the request."""

    device_id: str
    outcome: Literal["accepted", "unchanged", "refused"]
    code: str | None = None
    reason: str | None = None


class PreNotificationsOut(Schema):
    """What became of each Device; with `dry_run`, what would become of it."""

    dry_run: bool
    accepted: int
    unchanged: int
    refused: int
    answers: list[PreNotificationAnswer]


@router.post(
    "/device-prenotifications",
    response=PreNotificationsOut,
    operation_id="pre_notify_devices",
    summary="Pre-notify Devices",
    description="Each Device is put into the inventory as Pending or refused by itself. It takes "
    "the Job Type Role Smart Meter Operations User or All Access; Suppliers for Type 1 Devices.",
)
def pre_notify_devices(request: ActorRequest, body: PreNotificationsIn) -> Any:
    """Pre-notify (INV-2, INV-6)."""
    actor = request.actor
    user_id, at = chosen_user_id(body.user_id, pre_notifiers(actor)), timezone.now()
    read = [_read(one, at) for one in body.devices]
    sound = [one for one in read if isinstance(one, PreNotification)]
    told = iter(pre_notify_as(actor, user_id, sound, at=at, dry=body.dry_run))
    answers = [
        _answer(one.device_id, next(told) if isinstance(wanted, PreNotification) else wanted)
        for one, wanted in zip(body.devices, read, strict=True)
    ]
    counts = {
        outcome: sum(one["outcome"] == outcome for one in answers)
        for outcome in ("accepted", "unchanged", "refused")
    }
    return {"dry_run": body.dry_run, "answers": answers, **counts}


def _read(one: PreNotificationIn, at: datetime) -> PreNotification | Refused:
    try:
        return PreNotification.of(one.dict(), at)
    except Refused as refused:
        return refused


def _answer(device_id: str, told: PreNotification | Refused | None) -> dict[str, Any]:
    if isinstance(told, Refused):
        refused = {"outcome": "refused", "code": told.code, "reason": told.message}
        return {"device_id": device_id, **refused}
    return {"device_id": device_id, "outcome": "accepted" if told else "unchanged"}
