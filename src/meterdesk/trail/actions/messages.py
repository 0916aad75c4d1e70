"""Writes of the trail: batches of messages, answers that come later, DUIS documents."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import chain
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from msgspec import structs
from psycopg.errors import UniqueViolation

from meterdesk.inventory.actions import note_contacts
from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake import Outcome, Refusal, copy_into
from meterdesk.trail.actions.days import closed_days, make_days, take_turn
from meterdesk.trail.models import COLUMNS, TYPES, Document, row_of
from meterdesk.trail.queries.held import (
    array,
    days_around,
    documents_of,
    messages_at,
    messages_to_target,
)
from meterdesk.trail.rules import (
    Key,
    LateAnswer,
    Message,
    MessageKind,
    answered,
    fingerprint,
    repeated,
)
from meterdesk.trail.rules.volumes import Counted, counted

_COPY = f"copy trail_message ({', '.join(COLUMNS)}) from stdin (format binary)"
_CLOSED = (
    "day_archived",
    "The day of receipt is in the archive already, and nothing is added to it any more.",
)
_DOCUMENT = (
    *("request_id", "digest", "device_id", "received_at"),
    *("fingerprint", "schema_checked", "filename"),
)
_KEY = itemgetter(slice(0, 3))
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
    before: dict[Key, Message] = field(default_factory=dict)
    elsewhere: dict[Key, Key] = field(default_factory=dict)
    fresh: dict[Key, Message] = field(default_factory=dict)
    changed: dict[Key, Message] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)

    def take(self, item: Message | LateAnswer) -> bool:
        """Note what a line does; whether it did anything. Raises Refused."""
        if isinstance(item, LateAnswer):
            return self._answer(item)
        key = item.key
        held = self.held.get(key)
        if held is None:
            self.held[key] = self.fresh[key] = item
            if item.target is not None:
                self.elsewhere[(item.target, item.received_at, item.fingerprint)] = key
            return True
        return self._change(key, held, repeated(held, item))

    def _answer(self, late: LateAnswer) -> bool:
        key = self.elsewhere.get(late.key, late.key)
        held = self.held.get(key)
        if held is None:
            raise Refused(
                "The trail holds no request with this id and time of receipt yet. "
                "Take in the request, then this file again: what is in already stays as it is.",
                code="no_such_request",
            )
        return self._change(key, held, answered(held, late.answer))

    def _change(self, key: Key, held: Message, changed: Message | None) -> bool:
        if changed is None:
            return False
        self.held[key] = changed
        if key in self.fresh:
            self.fresh[key] = changed
        else:
            self.before.setdefault(key, held)
            self.changed[key] = changed
        return True

    def volumes(self) -> Counter[Counted]:
        """What the batch adds to the counts, and takes from them."""
        volumes = Counter(map(counted, self.fresh.values()))
        for key, message in self.changed.items():
            volumes[counted(self.before[key])] -= 1
            volumes[counted(message)] += 1
        return volumes


def record_messages(lines: Sequence[tuple[int, Message | LateAnswer]]) -> Outcome:
    """Record a batch of messages and later answers; call inside a transaction (AUD-1).

    A message held already counts as unchanged; one that differs from what is held is refused.
    Nearly always the messages of a batch are new, so it is written on that supposition; the
    primary key tells when it was wrong, and the batch is decided again by what is held.

    Args:
        lines: line in the file and what it says, in the file's order.
    """
    take_turn()
    closed = closed_days({item.received_at.date() for _line, item in lines})
    refused = [Refusal(line, *_CLOSED) for line, item in lines if _is_in(closed, item)]
    if refused:
        lines = [one for one in lines if not _is_in(closed, one[1])]
    make_days({item.received_at.date() for _line, item in lines if isinstance(item, Message)})
    try:
        with transaction.atomic():
            outcome = _record(lines, {})
    except UniqueViolation:
        keys = {item.key for _line, item in lines}
        outcome = _record(lines, {message.key: message for message in messages_at(keys)})
    outcome.refused += refused
    return outcome


def _is_in(days: Collection[date], item: Message | LateAnswer) -> bool:
    return bool(days) and item.received_at.date() in days


def _record(lines: Sequence[tuple[int, Message | LateAnswer]], held: dict[Key, Message]) -> Outcome:
    batch = _Batch(held)
    _find_requests(batch, lines)
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
    _write(batch.fresh.values(), batch.changed.values(), batch.volumes())
    note_contacts(_heard(chain(batch.fresh.values(), batch.changed.values())))
    return batch.outcome


def _heard(messages: Iterable[Message]) -> dict[int, datetime]:
    """When each Device last spoke in these messages, in the order of the Devices."""
    heard: dict[int, datetime] = {}
    for message in messages:
        at = message.heard_at
        if at is not None and ((held := heard.get(message.device_id)) is None or held < at):
            heard[message.device_id] = at
    return dict(sorted(heard.items()))


def _find_requests(batch: _Batch, lines: Iterable[tuple[int, Message | LateAnswer]]) -> None:
    """Find the requests that answers are for, by their Device or else by their target."""
    answers = {item.key for _line, item in lines if isinstance(item, LateAnswer)}
    if not answers:
        return
    fresh = {item.key for _line, item in lines if isinstance(item, Message)}
    unknown = answers - fresh - batch.held.keys()
    batch.held.update((message.key, message) for message in messages_at(unknown))
    for message in messages_to_target(unknown - batch.held.keys()):
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
    take_turn()
    if closed_days({at.astimezone(UTC).date()}):
        return Outcome(refused=[Refusal(line, *_CLOSED) for line, _doc in lines])
    make_days({at.astimezone(UTC).date()})
    placed = [doc.with_message(received_at=at) for _line, doc in lines]
    before = documents_of({doc.request_id for doc in placed})
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
    messages = [doc.message for doc in fresh.values()]
    _write(messages, [], Counter(map(counted, messages)))
    _write_documents(fresh.values())
    outcome.accepted = len(fresh)
    return outcome


def _used_again(doc: DuisDocument) -> DuisDocument:
    mark = fingerprint(MessageKind.REQUEST, doc.request_id, doc.digest + doc.filename.encode())
    return doc.with_message(fingerprint=mark, id_used_again=True)


def _write_documents(documents: Iterable[DuisDocument]) -> None:
    rows = (
        (
            doc.request_id,
            doc.digest,
            doc.message.device_id,
            doc.message.received_at,
            doc.message.fingerprint,
            doc.schema_checked,
            doc.filename,
        )
        for doc in documents
    )
    with connection.cursor() as cursor:
        copy_into(cursor, Document._meta.db_table, _DOCUMENT, rows)


def _write(
    fresh: Iterable[Message], changed: Iterable[Message], volumes: Mapping[Counted, int]
) -> None:
    # In the order of the key: neighbours share pages of the index.
    rows = sorted(map(row_of, fresh), key=_KEY)
    if rows:
        latest = max(row[1] for row in rows)
        with connection.cursor() as cursor:
            with cursor.copy(_COPY) as copy:
                copy.set_types(TYPES)
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
    _count(volumes)


def _count(volumes: Mapping[Counted, int]) -> None:
    columns = zip(*((*key, change) for key, change in volumes.items() if change), strict=True)
    arrays = [array(map(str, map(int, column))) for column in columns]
    if arrays:
        with connection.cursor() as cursor:
            cursor.execute(
                "select trail_add_volumes(%s::int8[], %s::int8[], %s::int2[], %s::int2[], "
                "%s::int2[], %s::int2[], %s::int8[])",
                arrays,
            )


def _update(rows: list[tuple[Any, ...]]) -> None:
    names = (*COLUMNS[:3], *_ANSWER)
    places = [COLUMNS.index(name) for name in names]
    arrays = ", ".join(f"%s::{TYPES[place]}[]" for place in places)
    settings = ", ".join(f"{name} = u.{name}" for name in _ANSWER)
    instants = [row[1] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"update trail_message m set {settings} "  # noqa: S608  names are constants
            f"from unnest({arrays}) as u({', '.join(names)}) "
            "where m.device_id = u.device_id and m.received_at = u.received_at "
            "and m.fingerprint = u.fingerprint and m.received_at >= %s and m.received_at < %s",
            [*([row[place] for row in rows] for place in places), *days_around(instants)],
        )
