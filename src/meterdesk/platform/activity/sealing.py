"""The seals of the activity log: a chain of digests that shows whether anything was altered.

A periodic job seals what has been written since the last seal, so that writers never wait for it.
Entries are taken by the number of the transaction that wrote them: once every transaction below a
number has ended, nothing can be added there, whatever order they ended in (SEC-1, FSM-10).
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from meterdesk.platform.models import ActivitySeal

_LOCK = 63_880_002
_BATCH = 5_000
_ENTRIES = """
select id, at, person_id, username, organisation_id, request_id, verb, subject, detail::text
from platform_activityentry
where transaction_number >= %s and transaction_number < %s order by transaction_number, id
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found.

    Attributes:
        entries: sealed entries read; `unsealed`: those written since the last seal.
        broken: the first seal that does not hold, by number and time; None when all hold.
    """

    entries: int
    seals: int
    unsealed: int
    broken: tuple[int, datetime] | None = None


def seal_activity(at: datetime) -> int:
    """Seal what every ended transaction has written since the last seal; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        last = ActivitySeal.objects.order_by("-id").first()
        begins = last.upto_transaction if last else 0
        cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        (upto,) = cursor.fetchone()
        digest, count = _digest(bytes(last.digest) if last else b"", begins, upto)
        if count:
            ActivitySeal.objects.create(upto_transaction=upto, entries=count, digest=digest, at=at)
    return count


def verify_activity() -> Verdict:
    """Compute every seal again from the entries, oldest first."""
    digest, begins, entries, seals = b"", 0, 0, 0
    for seal in ActivitySeal.objects.order_by("id").iterator():
        digest, count = _digest(digest, begins, seal.upto_transaction)
        seals += 1
        if (digest, count) != (bytes(seal.digest), seal.entries):
            return Verdict(entries, seals, 0, (seal.pk, seal.at))
        entries, begins = entries + count, seal.upto_transaction
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from platform_activityentry where transaction_number >= %s", [begins]
        )
        (unsealed,) = cursor.fetchone()
    return Verdict(entries, seals, unsealed)


def _digest(before: bytes, begins: int, upto: int) -> tuple[bytes, int]:
    """The digest over the seal before and the entries of these transactions, and their number."""
    running, count = hashlib.sha256(before), 0
    for row in _rows(begins, upto):
        number, written_at, *rest, detail = row
        facts = [number, written_at.astimezone(UTC).isoformat(), *rest, json.loads(detail)]
        running.update(json.dumps(facts, sort_keys=True).encode() + b"\n")
        count += 1
    return running.digest(), count


def _rows(begins: int, upto: int) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [begins, upto])
        while rows := cursor.fetchmany(_BATCH):
            yield from rows
