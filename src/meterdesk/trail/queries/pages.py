"""Pages of messages, newest first, and one message whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from meterdesk.identity.rules import Actor
from meterdesk.inventory.queries import devices_at
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int, parse_request_id
from meterdesk.kernel.paging import Page, PageRequest, decode_cursor, page_of
from meterdesk.trail.access import METER_READ, SERVICE_AUDIT, VISIBLE, Sight, visible_to
from meterdesk.trail.models import COLUMNS, Document, Freshness, message_of
from meterdesk.trail.queries.recalled import recalled_message
from meterdesk.trail.queries.records import (
    DocumentNote,
    TrailRecord,
    TrailRow,
    history_shown,
    key_of,
    record_id,
    request_id_of,
    row_shown,
)
from meterdesk.trail.rules import EARLIEST, Key, Message, request_fingerprint
from meterdesk.trail.rules.searches import MessageSearch, MeterReadSearch, TrailSearch
from meterdesk.trail.rules.spans import Span, joined
from meterdesk.trail.rules.variants import METER_READ_VARIANTS, variant_code

RECENT = timedelta(days=92)
"""Looked through first: a page is nearly always full before older days are touched."""

LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""After every message."""

_LOWEST = -(2**63)
_COLUMNS = ", ".join(f"m.{name}" for name in COLUMNS)

# One index serves each Device in order; the days outside its time are not looked at.
_PAGE = f"""
select {_COLUMNS} from trail_page_of(
    %(devices)s, %(since)s::timestamptz[], %(until)s::timestamptz[], %(from_at)s, %(to_at)s,
    %(before_at)s, %(before)s, %(variants)s::int2[],
    %(everything)s, %(parties)s::int8[], %(open_variants)s::int2[], %(limit)s) m
order by m.received_at desc, m.fingerprint desc
"""  # noqa: S608  constants

_ONE = f"""
select {_COLUMNS} from trail_message m
where m.device_id = %(device_id)s and m.received_at = %(at)s and m.fingerprint = %(mark)s
  and {VISIBLE}
"""  # noqa: S608

_PRECEDING = f"""
select {_COLUMNS} from trail_message m
where m.device_id = any(%(devices)s) and m.fingerprint = %(mark)s
  and m.received_at between %(from_at)s and %(to_at)s and {VISIBLE}
order by m.received_at desc limit 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages of which Devices, as stored; spans as `joined` makes them."""

    spans: tuple[Span, ...]
    variants: tuple[int, ...] | None = None


def newest(
    sight: Sight, wanted: Wanted, limit: int, before: tuple[datetime, int] | None = None
) -> list[Message]:
    """Up to `limit` messages, newest first, beginning below the position `before`."""
    found: list[Message] = []
    if sight.is_blind or not wanted.spans:
        return found
    devices, since, until = map(list, zip(*wanted.spans, strict=True))
    before_at, mark = before or (LATEST, _LOWEST)
    to_at = min(max(until), before_at + timedelta(microseconds=1))
    given = sight.parameters | {
        "devices": devices,
        "since": since,
        "until": until,
        "variants": None if wanted.variants is None else list(wanted.variants),
        "before_at": before_at,
        "before": mark,
    }
    for window in _windows(min(since), to_at):
        if len(found) < limit:
            found += _messages(_PAGE, given | window | {"limit": limit - len(found)})
    return found


def _windows(from_at: datetime, to_at: datetime) -> Iterator[dict[str, datetime]]:
    recent = min(to_at, datetime.now(UTC)) - RECENT
    if recent > from_at:
        yield {"from_at": recent, "to_at": to_at}
        yield {"from_at": from_at, "to_at": recent}
    else:
        yield {"from_at": from_at, "to_at": to_at}


def _messages(statement: str, parameters: dict[str, Any]) -> list[Message]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [message_of(row) for row in cursor.fetchall()]


def search_trail(actor: Actor, search: TrailSearch, page: PageRequest) -> Page[TrailRow]:
    """Messages the actor may see, newest first (SSI-FR-6 to 9).

    Raises Refused, code bad_cursor.
    """
    variants = tuple(map(variant_code, search.srvs)) if search.srvs else None
    return _page(visible_to(actor, SERVICE_AUDIT), search, variants, page)


def search_meter_reads(actor: Actor, search: MeterReadSearch, page: PageRequest) -> Page[TrailRow]:
    """Meter-read transactions of every User, newest first (SSI-FR-10, 11).

    Raises Refused, code bad_cursor.
    """
    variants = tuple(map(variant_code, search.srvs or METER_READ_VARIANTS))
    return _page(visible_to(actor, METER_READ), search, variants, page)


def _page(
    sight: Sight, search: MessageSearch, variants: tuple[int, ...] | None, page: PageRequest
) -> Page[TrailRow]:
    before = None
    if page.cursor:
        at, mark = decode_cursor(search.scope, page.cursor, (datetime, int))
        before = (at, mark)
    found = newest(sight, Wanted(spans_of(search), variants), page.limit + 1, before)
    shown = page_of(search.scope, found, page, lambda one: (one.received_at, one.fingerprint))
    return Page(tuple(map(row_shown, shown.items)), shown.next)


def spans_of(search: MessageSearch) -> tuple[Span, ...]:
    """The Devices a search is about, each for its time at the meter point or UPRN (SSI-FR-8).

    A Device asked for by its own id is meant wherever it stood.
    """
    from_at, to_at = search.from_at or EARLIEST, search.to_at or LATEST
    if search.device_id:
        return joined([Span(eui_to_int(search.device_id), from_at, to_at)])
    stays = devices_at(
        from_at=from_at, to_at=to_at, mpxn=search.mpxn or None, uprn=search.uprn or None
    )
    return joined(
        Span(eui_to_int(stay.device_id), stay.from_at or EARLIEST, stay.to_at or LATEST).within(
            from_at, to_at
        )
        for stay in stays
    )


def trail_record(actor: Actor, identity: str) -> TrailRecord | None:
    """A message whole; None when there is none or the actor may not see it (SSI-FR-7)."""
    return _record(actor, visible_to(actor, SERVICE_AUDIT), identity)


def meter_read_record(actor: Actor, identity: str) -> TrailRecord | None:
    """A meter-read transaction whole, whoever's it is; None for any other message (SSI-FR-11)."""
    return _record(actor, visible_to(actor, METER_READ), identity)


def _record(actor: Actor, sight: Sight, identity: str) -> TrailRecord | None:
    key = key_of(identity)
    if key is None:
        return None
    device_id, at, mark = key
    found = _messages(_ONE, sight.parameters | {"device_id": device_id, "at": at, "mark": mark})
    message = found[0] if found else recalled_message(actor, sight, key)
    if message is None:
        return None
    history = history_shown(message)
    return TrailRecord(
        summary=row_shown(message),
        request_id=request_id_of(message),
        response_id=message.answer.response_id,
        alert_id=message.alert_id,
        csp_region=message.region,
        mode=message.mode,
        preceding_request_id=message.preceding,
        preceding_record=_preceding(sight, message),
        command_variant=message.command_variant,
        current_status=history[-1].status,
        anomaly_flag=message.anomaly,
        status_history=history,
        document=_document(key),
    )


def _preceding(sight: Sight, message: Message) -> str:
    """Id of the record of the preceding request of the last three months, if it is seen."""
    if not message.preceding:
        return ""
    before = parse_request_id(message.preceding)
    party, target = eui_to_int(before.originator), eui_to_int(before.target)
    found = _messages(
        _PRECEDING,
        sight.parameters
        | {
            "devices": list({target, message.device_id}),
            "mark": request_fingerprint(party, target, before.counter),
            "from_at": message.received_at - RECENT,
            "to_at": message.received_at,
        },
    )
    return record_id(found[0]) if found else ""


def _document(key: Key) -> DocumentNote | None:
    device_id, at, mark = key
    document = Document.objects.filter(
        device_id=eui_from_int(device_id), received_at=at, fingerprint=mark
    ).first()
    if document is None:
        return None
    return DocumentNote(document.schema_checked, bytes(document.digest).hex())


def freshness() -> datetime | None:
    """The latest receipt the trail holds, None when it is empty (SSI-NFR-35)."""
    return Freshness.objects.values_list("received_at", flat=True).first()
