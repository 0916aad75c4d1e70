"""What the catalogue adds to other pages: which of their data is disputed, and where to dispute.

For those who may dispute or see disputes alone; nobody else learns that there are any.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from meterdesk.catalogue.access import is_desk, own_user_ids, raises_for
from meterdesk.catalogue.queries.listing import open_disputes
from meterdesk.catalogue.rules.data import RecordKind, RecordName
from meterdesk.identity.rules import Actor
from meterdesk.platform.parts import Part, register
from meterdesk.platform.web.moments import day_words

TITLE = "Disputed data"


def register_parts() -> None:
    """Have pages of the apps below and above ask for these parts."""
    register("inventory.device", partial(_record_part, RecordKind.DEVICE))
    register("inventory.device.status", partial(_link, RecordKind.DEVICE, "status"))
    register("inventory.device.associated", partial(_link, RecordKind.DEVICE, "associated"))
    register("hubs.status", partial(_record_part, RecordKind.HUB))
    register("coverage.answer", _coverage_part)
    register("premises.premises", _premises_part)


def _record_part(kind: RecordKind, actor: Actor, key: str) -> Part | None:
    return _part(actor, [RecordName(kind, key)], RecordName(kind, key))


def _coverage_part(actor: Actor, postcode: str, property_name: str) -> Part | None:
    key = ", ".join(one for one in (postcode, property_name) if one)
    return _record_part(RecordKind.COVERAGE, actor, key)


def _premises_part(actor: Actor, mpxns: Iterable[str], devices: Iterable[Any]) -> Part | None:
    points = [RecordName(RecordKind.METER_POINT, mpxn) for mpxn in mpxns]
    there = [RecordName(RecordKind.DEVICE, one.device_id) for one in devices]
    return _part(actor, [*points, *there], points[0] if points else None)


def _part(actor: Actor, names: list[RecordName], to: RecordName | None) -> Part | None:
    """Disputes of these records, and the way to the data of the one to dispute."""
    if not (is_desk(actor) or own_user_ids(actor)):
        return None
    disputes = open_disputes(actor, *names)
    lines = tuple(
        (
            f"{one.label}{f' of {one.record.in_text}' if len(names) > 1 else ''}: {one.reference}, "
            f"disputed since {day_words(one.since)}",
            reverse("catalogue:request", args=[one.reference]),
        )
        for one in disputes
    )
    link = ("Dispute", data_address(to)) if to and raises_for(actor) else None
    if not lines and not link:
        return None
    empty = "Nothing here is disputed by your organisation. If a value is wrong, dispute it."
    return Part(TITLE, lines, empty, link)


def _link(kind: RecordKind, datum: str, actor: Actor, key: str) -> Part | None:
    """To the datum among the data of its record, where it can be disputed."""
    if not raises_for(actor):
        return None
    return Part(TITLE, (), "", ("Dispute", f"{data_address(RecordName(kind, key))}#{datum}"))


def data_address(record: RecordName) -> str:
    """The address of the page of a record's data."""
    given = {"kind": record.kind.value, "key": record.key}
    return f"{reverse('catalogue:data')}?{urlencode(given)}"
