"""Counts made again from the messages: what differs is found, mended once, beside intake."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from threading import Thread

import pytest
from django.db import connection

from meterdesk.cli import main
from meterdesk.kernel.errors import Conflict
from meterdesk.platform.models import ActivityEntry
from meterdesk.trail import actions
from meterdesk.trail.actions import recount_volumes
from meterdesk.trail.tests import lines
from meterdesk.trail.tests.lines import alert_line, request_line, response_line

pytestmark = [pytest.mark.database, pytest.mark.req("AUD-1")]

DAY = date(2026, 7, 2)
NOW = datetime(2026, 7, 4, tzinfo=UTC)


@pytest.fixture
def take_in(tmp_path):
    return partial(lines.take_in, tmp_path)


def three_days(count: int = 60) -> list[dict]:
    """Messages of every class over three days in London, the clocks an hour ahead of UTC."""
    rng = Random(7)
    given = []
    for number in range(count):
        at = datetime(2026, 7, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(3 * 24 * 60))
        done = at + timedelta(seconds=rng.choice((5, 30, 30.001, 60, 3_600, 90_000, 500_000)))
        stamp = {"received_at": at.isoformat()}
        given.append(request_line(number, **stamp, status_history=[]))
        if rng.random() < 0.7:
            given.append(response_line(number, **stamp, responded_at=done.isoformat()))
        if rng.random() < 0.2:
            given.append(alert_line(number, **stamp))
    return given


def counts() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("select * from trail_volume_hour where messages <> 0 order by 1,2,3,4,5,6")
        hours = cursor.fetchall()
        cursor.execute("select * from trail_volume_day where messages <> 0 order by 1,2,3,4,5,6,7")
        return hours + cursor.fetchall()


def rolled_up_wrongly() -> list[tuple]:
    """Sums by month and by mode that the counts by day do not have, and the other way round."""
    with connection.cursor() as cursor:
        cursor.execute("""
            with kept as (
                select 'month' as of, everyone, party, month as since, srv, mode, status, timing,
                       messages
                  from trail_volume_month where messages <> 0
                union all
                select 'mode', everyone, party, day, null, mode, status, timing, messages
                  from trail_volume_mode where messages <> 0
            ), counted as (
                select case grouping(srv) when 0 then 'month' else 'mode' end, everyone, party,
                       coalesce(day, month), srv, mode, status, timing, sum(messages)
                  from (select *, date_trunc('month', day)::date as month from trail_volume_day) d
                 group by grouping sets ((everyone, party, month, srv, mode, status, timing),
                                         (everyone, party, day, mode, status, timing))
                having sum(messages) <> 0
            )
            (table kept except table counted) union all (table counted except table kept)
            """)
        return cursor.fetchall()


def spoil() -> None:
    """Change a count, lose a count, and add one of messages that there never were."""
    with connection.cursor() as cursor:
        for table, day in (("trail_volume_hour", "hour::date"), ("trail_volume_day", "day")):
            some = f"select ctid from {table} where {day} = '{DAY}' limit 1"
            cursor.execute(f"delete from {table} where ctid in ({some} offset 3)")
            cursor.execute(f"update {table} set messages = messages + 5 where ctid in ({some})")
        cursor.execute(
            "insert into trail_volume_hour values (77, '2026-07-02 12:00Z', 1, 1, 1, 1, 9)"
        )


@pytest.mark.django_db
def test_counts_kept_at_intake_agree_and_what_was_spoilt_is_found_and_mended_once(take_in):
    take_in(*three_days())
    right = counts()
    assert recount_volumes(None, None, mend=False, at=NOW) == 0
    spoil()
    spoilt = counts()

    assert recount_volumes(DAY, DAY, mend=False, at=NOW) == 5
    assert counts() == spoilt
    assert not rolled_up_wrongly()
    assert recount_volumes(DAY + timedelta(days=1), None, mend=True, at=NOW) == 0
    said = []
    assert recount_volumes(DAY, DAY, mend=True, at=NOW, on_progress=said.append) == 5
    assert counts() == right
    assert not rolled_up_wrongly()
    assert [(one.day, one.differing) for one in said] == [(DAY, 5)]
    entry = ActivityEntry.objects.get(verb="trail.recount")
    assert entry.detail == {"messages": said[0].messages, "counts_mended": 5}
    assert recount_volumes(None, None, mend=True, at=NOW) == 0


@pytest.mark.django_db
def test_days_of_which_messages_are_gone_keep_their_counts(take_in):
    old = datetime(2025, 7, 1, 22, 30, tzinfo=UTC)
    stamps = (old, old + timedelta(hours=1))
    take_in(
        *(
            request_line(n, received_at=at.isoformat(), status_history=[])
            for n, at in enumerate(stamps)
        )
    )
    before = [row for row in counts() if len(row) == 8]
    assert actions.drop_partitions(date(2025, 7, 2)) == 1
    # 23:30 UTC of the day dropped was already the next day in London, of which more is held.
    assert recount_volumes(None, None, mend=True, at=NOW) == 0
    assert [row for row in counts() if len(row) == 8] == before
    assert not rolled_up_wrongly()


@pytest.mark.django_db(transaction=True)
def test_intake_goes_on_while_days_are_recounted(take_in):
    given = three_days(400)
    take_in(*given[:50])
    spoil()

    def more() -> None:
        try:
            for place in range(50, len(given), 25):
                take_in(*given[place - 10 : place + 25])
        finally:
            connection.close()

    intake = Thread(target=more)
    intake.start()
    mended = recount_volumes(None, None, mend=True, at=NOW)
    while intake.is_alive():
        assert recount_volumes(None, None, mend=True, at=NOW) == 0
    intake.join()
    assert mended == 5
    assert not rolled_up_wrongly()
    assert recount_volumes(None, None, mend=False, at=NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_two_do_not_recount_at_once_and_the_command_says_what_differs(take_in, capsys):
    take_in(*three_days())
    spoil()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtext('trail_archive'))")
        with pytest.raises(Conflict):
            recount_volumes(None, None, mend=True, at=NOW)
    finally:
        other.close()
    assert main(["recount-volumes", "--from", "2026-07-02", "--to", "2026-07-02", "--check"]) == 1
    assert main(["recount-volumes"]) == 0
    said = capsys.readouterr()
    assert "2026-07-02: " in said.err
    assert "Counts that differ: 5." in said.out
    assert "Counts that differed and were mended: 5." in said.out
