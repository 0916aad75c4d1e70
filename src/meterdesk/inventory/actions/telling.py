"""Network companies are told when a meter is withdrawn or decommissioned (INV-5)."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Final

from django.conf import settings
from django.db import transaction

from meterdesk.identity.queries import service_management_addresses
from meterdesk.inventory.events import DeviceStatusChanged
from meterdesk.inventory.models import NetworkNotice
from meterdesk.notifications.actions import send_email
from meterdesk.registration.queries import parties_at_premises

MOST_AT_ONCE: Final = 10_000
MOST_NAMED: Final = 50
"""Meters that a message names; the list in Meterdesk has them all."""


def note_for_network_parties(changes: Iterable[DeviceStatusChanged], *, at: datetime) -> None:
    """Keep a notice of each meter taken out of use, for the network company registered there.

    It is told by `tell_network_parties`, many meters in one message.
    """
    out = [
        one for one in changes if one.device_type.is_smart_meter and one.mpxn and one.after.is_final
    ]
    if not out:
        return
    registered = parties_at_premises({str(one.mpxn) for one in out}, at)
    party_of = {one.mpxn: one.network_party for one in registered}
    NetworkNotice.objects.bulk_create(
        [
            NetworkNotice(
                network_party=party_of[str(one.mpxn)],
                device_id=one.device_id,
                mpxn=str(one.mpxn),
                status=one.after.value,
                status_at=one.at,
                noted_at=at,
            )
            for one in out
            if one.mpxn in party_of
        ],
        ignore_conflicts=True,
    )


def tell_network_parties(*, at: datetime) -> int:
    """Email what has not been told yet, one message a network company; returns how many meters.

    A company without a contact finds its notices in Meterdesk all the same.
    """
    with transaction.atomic():
        untold = list(
            NetworkNotice.objects.filter(told_at=None)
            .order_by("id")
            .select_for_update(skip_locked=True)[:MOST_AT_ONCE]
        )
        addresses = service_management_addresses({one.network_party for one in untold})
        untold.sort(key=lambda one: (one.network_party, one.pk))
        for party, notices in groupby(untold, key=lambda one: one.network_party):
            body = _body(list(notices))
            for address in addresses.get(party, ()):
                send_email(
                    to=address,
                    subject="Meters withdrawn or decommissioned",
                    body=body,
                    about=f"network notices of {party}",
                    at=at,
                )
        NetworkNotice.objects.filter(pk__in=[one.pk for one in untold]).update(told_at=at)
    return len(untold)


def _body(notices: list[NetworkNotice]) -> str:
    lines = [
        f"{one.mpxn}  {one.device_id}  {one.status}  {one.status_at:%d %b %Y %H:%M} UTC"
        for one in notices[:MOST_NAMED]
    ]
    rest = len(notices) - len(lines)
    more = [f"and {rest:,} more."] if rest else []
    return "\n".join(
        [
            "These meters at meter points of your network have been taken out of use:",
            "",
            *lines,
            *more,
            "",
            f"See them all in Meterdesk: {settings.PUBLIC_URL}/devices/notices/",
            "",
        ]
    )
