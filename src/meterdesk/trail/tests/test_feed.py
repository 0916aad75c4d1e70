"""NDJSON: requests, answers that come later, alerts; each once, whatever the order of files."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import orjson
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import COUNTER_MAX, eui_from_int
from meterdesk.platform.models import IntakeRefusal
from meterdesk.trail import actions, jobs
from meterdesk.trail.intake.feed import read_line
from meterdesk.trail.models import Freshness, message_of, row_of
from meterdesk.trail.queries.held import messages_at, partition_days
from meterdesk.trail.rules import LateAnswer, Message, Status, months_before
from meterdesk.trail.tests import lines
from meterdesk.trail.tests.lines import (
    NETWORK,
    SUPPLIER,
    alert_line,
    request_line,
    response_line,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def take_in(tmp_path: Path):
    return partial(lines.take_in, tmp_path)


def only_message() -> Message:
    with connection.cursor() as cursor:
        cursor.execute("select device_id, received_at, fingerprint from trail_message")
        [key] = cursor.fetchall()
    [message] = messages_at([key])
    return message


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.req("SSI-FR-7", "AUD-1")
def test_a_file_taken_in_twice_changes_nothing(take_in):
    given = [request_line(n) for n in range(1000, 1010)]
    given += [alert_line(), request_line(1000), response_line(1000), response_line(1001)]

    assert take_in(*given) == (13, 1, 0)
    assert take_in(*given) == (0, 14, 0)
    assert Freshness.objects.get().received_at == datetime(2026, 3, 1, 11, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.req("SSI-FR-7")
def test_a_later_answer_completes_its_request(take_in):
    counter = COUNTER_MAX
    assert take_in(request_line(counter)) == (1, 0, 0)
    assert take_in(response_line(counter)) == (1, 0, 0)

    message = only_message()
    assert (message.counter, message.answer.status, message.answer.code) == (
        COUNTER_MAX,
        Status.SUCCESS,
        "I0",
    )
    assert [name for name, _at in message.history] == ["In Progress", "Success"]
    assert message.history[1][1] == datetime(2026, 3, 1, 9, 30, 12, 500_000, tzinfo=UTC)
    assert take_in(request_line(counter), response_line(counter)) == (0, 2, 0)


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.req("AUD-1")
def test_an_acknowledgement_gives_way_to_the_answer_and_never_comes_back(take_in):
    acknowledged = response_line(status="In Progress", response_code="I99")
    assert take_in(request_line(), acknowledged, response_line()) == (3, 0, 0)
    assert take_in(acknowledged) == (0, 1, 0)
    assert only_message().answer.code == "I0"


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.req("AUD-1")
def test_what_contradicts_the_record_is_refused_with_the_reason(take_in):
    assert take_in(response_line()) == (0, 0, 1)
    assert take_in(request_line(), response_line()) == (2, 0, 0)
    assert take_in(response_line(status="Failure", response_code="E20")) == (0, 0, 1)
    assert take_in(request_line(srv="4.17", service_reference="4.17")) == (0, 0, 1)
    codes = IntakeRefusal.objects.order_by("id").values_list("code", flat=True)
    assert list(codes) == ["no_such_request", "answered_otherwise", "request_id_used_again"]
    assert only_message().answer.status is Status.SUCCESS


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.req("SSI-FR-7")
def test_the_answer_to_a_request_sent_to_the_network_finds_it_by_its_target(take_in):
    sent = request_line(request_id=f"{SUPPLIER}:{NETWORK}:7", srv="8.3", service_reference="8.3")
    answer = response_line(request_id=f"{SUPPLIER}:{NETWORK}:7")
    assert take_in(sent) == (1, 0, 0)
    assert take_in(answer) == (1, 0, 0)
    assert take_in(sent, answer) == (0, 2, 0)
    assert only_message().answer.status is Status.SUCCESS


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.req("AUD-1")
def test_days_get_their_partition_and_old_ones_go_but_never_the_last_three_months(take_in):
    today = datetime.now(UTC).date()
    old, recent = (f"{today - timedelta(days=days)}T23:59:59.999999Z" for days in (200, 20))
    history = {"status_history": []}
    take_in(request_line(1, received_at=old, **history), request_line(2, received_at=recent))
    old_day, recent_day = today - timedelta(days=200), today - timedelta(days=20)
    assert {old_day, recent_day} <= partition_days(old_day, today)

    assert actions.drop_partitions(today - timedelta(days=150)) == 1
    assert old_day not in partition_days(old_day, today)
    with connection.cursor() as cursor, pytest.raises(Exception, match="at least three months"):
        cursor.execute("select trail_drop_partition(%s)", [recent_day])


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.req("AUD-1")
def test_the_nightly_work_makes_days_ahead_and_drops_only_when_told_to(take_in, settings):
    today = datetime.now(UTC).date()
    old = today - timedelta(days=200)
    take_in(request_line(received_at=f"{old}T12:00:00Z", status_history=[]))

    jobs.make_days_ahead()
    ahead = {today + timedelta(days=days) for days in range(jobs.DAYS_AHEAD + 1)}
    assert ahead <= partition_days(today, today + timedelta(days=30))
    settings.TRAIL_ONLINE_DAYS = None
    jobs.archive_old_days()
    assert partition_days(old, old) == {old}
    settings.TRAIL_ONLINE_DAYS = 92
    jobs.archive_old_days()
    assert partition_days(old, old) == set()
    assert ahead <= partition_days(today, today + timedelta(days=30))


@pytest.mark.req("AUD-1")
@pytest.mark.parametrize(
    ("day", "months", "first"),
    [((2026, 5, 1), 3, (2026, 2, 1)), ((2026, 1, 31), 13, (2024, 12, 1))],
)
def test_whole_months_are_kept(day, months, first):
    assert months_before(date(*day), months) == date(*first)


@pytest.mark.req("SSI-FR-7")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "other"}, "bad_value"),
        ({"received_at": "2026-03-01T09:30:00"}, "bad_value"),
        ({"received_at": "2027-03-01T09:30:00Z"}, "bad_time"),
        ({"responded_at": "2026-03-01T09:29:59Z"}, "bad_time"),
        ({"srv": "4.8.9"}, "unknown_variant"),
        ({"service_reference": "4.17"}, "reference_mismatch"),
        ({"originator": NETWORK}, "originator_mismatch"),
        ({"device_id": "00-DB"}, "invalid_identifier"),
        ({"mpxn": "1312345678900"}, "invalid_identifier"),
        ({"mode": "Device Alert"}, "bad_value"),
        ({"csp_region": "West"}, "bad_value"),
        ({"response_code": "OK"}, "bad_value"),
        ({"gbcs_sequence": COUNTER_MAX + 1}, "bad_value"),
        ({"status": None}, "bad_value"),
    ],
)
def test_a_line_that_is_not_right_is_refused(change, code):
    with pytest.raises(Refused) as refused:
        read_line(json.dumps(request_line(**change)).encode(), now=NOW)
    assert refused.value.code == code


@pytest.mark.req("SSI-FR-7")
@pytest.mark.parametrize(
    ("code", "mode"), [("81A0", "DCC Alert"), ("N32", "DCC Alert"), ("X", "Device Alert")]
)
def test_an_alert_code_of_the_wrong_kind_is_refused(code, mode):
    with pytest.raises(Refused) as refused:
        read_line(orjson.dumps(alert_line(alert_code=code, mode=mode)), now=NOW)
    assert refused.value.code == "unknown_alert"


euis = st.integers(-(2**63), 2**63 - 1).map(eui_from_int)
instants = st.timedeltas(timedelta(), timedelta(days=4_000)).map(
    lambda since: datetime(2013, 1, 1, tzinfo=UTC) + since
)


@pytest.mark.req("SSI-FR-7")
@given(euis, euis, euis, st.integers(0, COUNTER_MAX), instants, st.integers(0, COUNTER_MAX))
def test_every_request_id_up_to_the_largest_counter_survives_storage(
    party, target, device, counter, received_at, sequence
):
    line = request_line(
        request_id=f"{party}:{target}:{counter}",
        originator=party.lower(),
        device_id=device.replace("-", ""),
        received_at=received_at.isoformat(),
        gbcs_sequence=sequence,
        status_history=[{"status": "Queued", "at": received_at.isoformat()}],
    )
    message = read_line(orjson.dumps(line), now=NOW)
    assert isinstance(message, Message)
    assert message_of(row_of(message)) == message
    answer = response_line(
        request_id=f"{party}:{target}:{counter}",
        received_at=received_at.isoformat(),
        responded_at=received_at.isoformat(),
    )
    late = read_line(orjson.dumps(answer), now=NOW)
    assert isinstance(late, LateAnswer)
    assert late.key[1:] == message.key[1:]


@pytest.mark.req("SSI-NFR-22")
@given(
    st.dictionaries(st.sampled_from(sorted(request_line())), st.none() | st.integers() | st.text())
)
def test_whatever_a_line_holds_it_is_read_or_refused(change):
    try:
        read_line(json.dumps(request_line(**change)).encode(), now=NOW)
    except Refused as refused:
        assert refused.message
