"""The seals of the activity log hold, and show what was done to it afterwards."""

import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from meterdesk.platform import activity
from meterdesk.platform.activity.sealing import seal_activity, verify_activity
from meterdesk.platform.models import ActivitySeal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def _write(*subjects: str) -> None:
    for subject in subjects:
        activity.record(actor=None, verb="test.write", subject=subject, at=NOW, detail={"n": 1.5})


def _seal() -> int:
    """Seal all there is, and say how many: a transaction of another test process on the same
    server can hold a seal up until it ends.
    """
    sealed, begun = 0, time.monotonic()
    while verify_activity().unsealed and time.monotonic() - begun < 60:
        sealed += seal_activity(NOW)
    return sealed


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.req("SEC-1", "FSM-10")
def test_what_is_written_is_sealed_once_and_stays_whole() -> None:
    _write("one", "two")
    assert _seal() == 2
    assert seal_activity(NOW) == 0
    _write("three")

    found = verify_activity()
    assert (found.entries, found.seals, found.unsealed, found.broken) == (2, 1, 1, None)
    assert _seal() == 1
    assert verify_activity().entries == 3


@pytest.mark.req("SEC-1", "FSM-10")
@pytest.mark.parametrize(
    "tampering",
    [
        "update platform_activityentry set subject = 'other' where subject = 'two'",
        "delete from platform_activityentry where subject = 'one'",
        "insert into platform_activityentry (at, username, request_id, verb, subject, detail,"
        " transaction_number) select at, username, request_id, verb, 'added', detail,"
        " transaction_number from platform_activityentry where subject = 'one'",
        "update platform_activityseal set digest = sha256('x')",
    ],
)
def test_tampering_with_what_is_sealed_shows(tampering: str) -> None:
    _write("one", "two")
    _seal()
    _write("three")
    _seal()
    assert verify_activity().broken is None

    _execute(tampering)

    first = ActivitySeal.objects.order_by("id").first()
    broken = verify_activity().broken
    assert first is not None
    assert broken is not None
    assert broken[0] == first.pk


@pytest.mark.req("SEC-1")
def test_an_entry_of_a_transaction_still_open_is_sealed_after_it_ends() -> None:
    written, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            _write("slow")
            written.set()
            may_end.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    _write("quick")
    before = seal_activity(NOW)
    may_end.set()
    thread.join()

    assert before == 0
    assert _seal() == 2
    assert verify_activity().broken is None
