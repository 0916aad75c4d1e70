"""Who was responsible for a Device on a day (REG-2)."""

from datetime import datetime

from meterdesk.inventory.queries.placements import placements_of
from meterdesk.registration.queries import RegisteredParties, parties_at


def responsible_for_device(device_id: str, at: datetime) -> list[RegisteredParties]:
    """Suppliers (import, export, gas), network parties and agents of where a Device stood then.

    A Device with a meter point of its own counts for that; one with a UPRN alone, such as a hub,
    for every meter point there. Empty: it is not known to have stood anywhere, or nobody was
    registered. Unfiltered, for the system's own decisions, never to be shown as it is.
    """
    stood = [
        one
        for one in placements_of(device_id)
        if (one.from_at is None or one.from_at <= at) and (one.to_at is None or at < one.to_at)
    ]
    mpxns = {one.mpxn for one in stood if one.mpxn}
    uprns = {one.uprn for one in stood if one.uprn and not one.mpxn}
    return parties_at(sorted(mpxns), sorted(uprns), at) if mpxns or uprns else []
