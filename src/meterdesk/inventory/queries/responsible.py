"""Who was responsible for a Device on a day (REG-2)."""

from datetime import date, datetime

from meterdesk.identity.rules import Actor
from meterdesk.inventory.access import COMPONENT
from meterdesk.inventory.queries.placements import placements_of
from meterdesk.registration.queries import (
    PointParties,
    RegisteredParties,
    parties_at,
    parties_shown,
)
from meterdesk.registration.rules.days import as_day_ended


def responsible_for_device(device_id: str, at: datetime) -> list[RegisteredParties]:
    """Suppliers (import, export, gas), network parties and agents of where a Device stood then.

    A Device with a meter point of its own counts for that; one with a UPRN alone, such as a hub,
    for every meter point there. Empty: it is not known to have stood anywhere, or nobody was
    registered. Unfiltered, for the system's own decisions, never to be shown as it is.
    """
    mpxns, uprns = _stood_at(device_id, at)
    return parties_at(mpxns, uprns, at) if mpxns or uprns else []


def responsible_on(
    actor: Actor, device_id: str, on: date | None, now: datetime
) -> tuple[PointParties, ...]:
    """Who was responsible for a Device as an evening ended, or is now, as the actor may read it.

    Raises:
        Refused: the day is yet to come; who will supply a home is nobody else's to know.
    """
    then = as_day_ended(on, now)
    mpxns, uprns = _stood_at(device_id, then)
    return parties_shown(actor, mpxns, uprns, then=then, now=now, component=COMPONENT)


def _stood_at(device_id: str, at: datetime) -> tuple[list[str], list[str]]:
    """Meter points of a Device, and the UPRN where it had none of its own."""
    stood = [
        one
        for one in placements_of(device_id)
        if (one.from_at is None or one.from_at <= at) and (one.to_at is None or at < one.to_at)
    ]
    mpxns = {one.mpxn for one in stood if one.mpxn}
    uprns = {one.uprn for one in stood if one.uprn and not one.mpxn}
    return sorted(mpxns), sorted(uprns)
