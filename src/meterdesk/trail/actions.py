"""Writes of the trail: batches of messages, answers that come later, DUIS documents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from msgspec import structs

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int
from meterdesk.platform.intake import Outcome, Refusal
from meterdesk.trail.models import COLUMNS, TYPES, Document, row_of
from meterdesk.trail.queries.held import messages_at, messages_to_target, partition_days
from meterdesk.trail.rules import (
    Key,
    Kind,
    LateAnswer,
    Message,
    answered,
    fingerprint,
    repeated,
)

_LOCK = 7_411_602
"""Batches of the trail are written one after the other; readers are not held up."""

_ANSWER = ("responded_at", "status", "code", "response_id", "history")


@dataclass(frozen=True, slots=True)
class DuisDocument:
    """A Service Request read from DUIS XML.

    Attributes:
        message: with the fingerprint of a first use of its request id.
        request_id: canonical text.
        digest: SHA-256 of the canonical document.
    """

    message: Message
    request_id: str
    digest: bytes
    schema_checked: bool
    filename: str

    def with_message(self, **changes: Any) -> "DuisDocument":
        """The same document with its message changed."""
        return replace(self, message=structs.replace(self.message, **changes))


@dataclass(slots=True)
class _Batch:
    """What is held at the keys of a batch, and what the batch does to it."""

    held: dict[Key, Message]
    elsewhere: dict[Key, Key] = field(default_factory=dict)
    fresh: dict[Key, Message] = field(default_factory=dict)
    changed: dict[Key, Message] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)

    def take(self, item: Message | LateAnswer) -> bool:
        """Note what a line does; whether it did anything. Raises Refused."""
        if isinstance(item, LateAnswer):
            return self._answer(item)
        held = self.held.get(item.key)
        if held is None:
            self.held[item.key] = self.fresh[item.key] = item
            if item.target is not None:
                self.elsewhere[(item.target, item.received_at, item.fingerprint)] = item.key
            return True
        return self._change(repeated(held, item))

    def _answer(self, late: LateAnswer) -> bool:
        held = self.held.get(self.elsewhere.get(late.key, late.key))
        if held is None:
            raise Refused(
                "The trail holds no request with this id and time of receipt yet. "
                "Take in the request, then this file again: what is in already stays as it is.",
                code="no_such_request",
            )
        return self._change(answered(held, late.answer))

    def _change(self, message: Message | None) -> bool:
        if message is None:
            return False
        self.held[message.key] = message
        (self.fresh if message.key in self.fresh else self.changed)[message.key] = message
        return True


def record_messages(lines: Sequence[tuple[int, Message | LateAnswer]]) -> Outcome:
    """Record a batch of messages and later answers; call inside a transaction (AUD-1).

    A message held already counts as unchanged; one that differs from what is held is refused.

    Args:
        lines: line in the file and what it says, in the file's order.
    """
    _take_turn()
    keys = {item.key for _line, item in lines}
    new_days = _make_days(item.received_at for _line, item in lines if isinstance(item, Message))
    known = [key for key in keys if key[1].date() not in new_days]
    batch = _Batch({message.key: message for message in messages_at(known)})
    _find_by_target(batch, lines)
    for line, item in lines:
        try:
            changed = batch.take(item)
        except Refused as refused:
            batch.outcome.refused.append(Refusal(line, refused.code, refused.message))
            continue
        if changed:
            batch.outcome.accepted += 1
        else:
            batch.outcome.unchanged += 1
    _write(batch.fresh.values(), batch.changed.values())
    return batch.outcome


def _find_by_target(batch: _Batch, lines: Iterable[tuple[int, Message | LateAnswer]]) -> None:
    """Find requests whose id names the network instead of the Device, for their answers."""
    unknown = [
        item.key
        for _line, item in lines
        if isinstance(item, LateAnswer) and item.key not in batch.held
    ]
    for message in messages_to_target(unknown):
        batch.held.setdefault(message.key, message)
        target = message.target or message.device_id
        batch.elsewhere[(target, message.received_at, message.fingerprint)] = message.key


def record_documents(lines: Sequence[tuple[int, DuisDocument]], at: datetime) -> Outcome:
    """Record DUIS documents as received at an instant; call inside a transaction (GW-1).

    A repeat has the request id and the digest of a document recorded before. The same id with
    other content is a record of its own, marked `request id used again`; so is a document with
    the same content under another file name in the same batch: both were handed in together, so
    neither is a repeat of the other.
    """
    _take_turn()
    _make_days([at])
    placed = [doc.with_message(received_at=at) for _line, doc in lines]
    known = Document.objects.filter(request_id__in={doc.request_id for doc in placed})
    before = {(row[0], bytes(row[1])) for row in known.values_list("request_id", "digest")}
    used = {request_id for request_id, _digest in before}
    held = {message.key for message in messages_at({doc.message.key for doc in placed})}
    outcome = Outcome()
    fresh: dict[tuple[str, bytes, str], DuisDocument] = {}
    for doc in placed:
        identity = (doc.request_id, doc.digest, doc.filename)
        if identity[:2] in before or identity in fresh:
            outcome.unchanged += 1
            continue
        again = doc.request_id in used or doc.message.key in held
        fresh[identity] = _used_again(doc) if again else doc
        used.add(doc.request_id)
    _write([doc.message for doc in fresh.values()], [])
    Document.objects.bulk_create(map(_document, fresh.values()), batch_size=1_000)
    outcome.accepted = len(fresh)
    return outcome


def _used_again(doc: DuisDocument) -> DuisDocument:
    mark = fingerprint(Kind.REQUEST, doc.request_id, doc.digest + doc.filename.encode())
    return doc.with_message(fingerprint=mark, id_used_again=True)


def _document(doc: DuisDocument) -> Document:
    return Document(
        request_id=doc.request_id,
        digest=doc.digest,
        device_id=eui_from_int(doc.message.device_id),
        received_at=doc.message.received_at,
        fingerprint=doc.message.fingerprint,
        schema_checked=doc.schema_checked,
        filename=doc.filename,
    )


def _take_turn() -> None:
    with connection.cursor() as cursor:
        # Probing by key is right however little the planner knows of a new day's partition.
        cursor.execute(
            "select pg_advisory_xact_lock(%s), set_config('enable_hashjoin', 'off', true), "
            "set_config('enable_mergejoin', 'off', true)",
            [_LOCK],
        )


def _make_days(instants: Iterable[datetime]) -> set[date]:
    """Make the partitions these instants need; return the days that had none."""
    days = {instant.astimezone(UTC).date() for instant in instants}
    missing = days - partition_days(min(days), max(days)) if days else set()
    return {day for day in missing if _make_partition(day)}


def _make_partition(day: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select trail_make_partition(%s)", [day])
        return bool(cursor.fetchone()[0])


def make_partitions(today: date, ahead: int) -> int:
    """Make the partitions from today to so many days ahead; return how many were missing."""
    return sum(_make_partition(today + timedelta(days=offset)) for offset in range(ahead + 1))


def drop_partitions(before: date) -> int:
    """Drop the days before a date, and what is kept about their documents; return how many days.

    The database itself refuses days of the last three months (AUD-1).
    """
    days = partition_days(date.min, before - timedelta(days=1))
    with connection.cursor() as cursor:
        for day in sorted(days):
            cursor.execute("select trail_drop_partition(%s)", [day])
    if days:
        oldest_kept = datetime(before.year, before.month, before.day, tzinfo=UTC)
        Document.objects.filter(received_at__lt=oldest_kept).delete()
    return len(days)


def _write(fresh: Iterable[Message], changed: Iterable[Message]) -> None:
    rows = sorted(row_of(message) for message in fresh)
    if rows:
        latest = max(row[1] for row in rows)
        with connection.cursor() as cursor:
            with cursor.copy(f"copy trail_message ({', '.join(COLUMNS)}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(
                "insert into trail_freshness as f (id, received_at) values (1, %s) "
                "on conflict (id) do update "
                "set received_at = greatest(f.received_at, excluded.received_at)",
                [latest],
            )
    updates = [row_of(message) for message in changed]
    if updates:
        _update(updates)


def _update(rows: list[tuple[Any, ...]]) -> None:
    names = (*COLUMNS[:3], *_ANSWER)
    places = [COLUMNS.index(name) for name in names]
    arrays = ", ".join(f"%s::{TYPES[place]}[]" for place in places)
    settings = ", ".join(f"{name} = u.{name}" for name in _ANSWER)
    days = [row[1] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"update trail_message m set {settings} "  # noqa: S608  names are constants
            f"from unnest({arrays}) as u({', '.join(names)}) "
            "where m.device_id = u.device_id and m.received_at = u.received_at "
            "and m.fingerprint = u.fingerprint and m.received_at between %s and %s",
            [*([row[place] for row in rows] for place in places), min(days), max(days)],
        )
