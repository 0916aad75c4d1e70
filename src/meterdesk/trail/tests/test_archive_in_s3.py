"""The archive in S3-compatible storage: written, verified, recalled, and the storage going away."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pyarrow import fs

from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests import factories as make
from meterdesk.kernel.errors import Unavailable
from meterdesk.kernel.paging import PageRequest
from meterdesk.platform.models import ActivityEntry
from meterdesk.trail import actions, queries
from meterdesk.trail.models import ArchivedDay, ArchiveRequest
from meterdesk.trail.queries import TrailSearch
from meterdesk.trail.queries.held import partition_days
from meterdesk.trail.tests import lines
from meterdesk.trail.tests.lines import DEVICE, SUPPLIER, request_line

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.req("AUD-1")]

NOW = timezone.now()
OLD = (NOW - timedelta(days=120)).replace(hour=9, minute=30, second=0, microsecond=0)
KEY, SECRET = "trail-archiver", "se/cret+of the test"


@pytest.fixture
def server() -> Iterator[Any]:
    """An S3 server of the test's own on a port of this machine."""
    moto = pytest.importorskip(
        "moto.server",
        reason="moto[server] is not among the requirements, for it brings 130 packages: "
        "install it beside them to run this test",
    )
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def bucket(server: Any, settings: Any) -> fs.S3FileSystem:
    """A bucket, and the archive in it; its secret has letters that an address cannot hold."""
    host, port = server.get_host_and_port()
    there = fs.S3FileSystem(
        access_key=KEY,
        secret_key=SECRET,
        endpoint_override=f"{host}:{port}",
        scheme="http",
        region="eu-west-2",
        allow_bucket_creation=True,
    )
    there.create_dir("network-trail")
    settings.TRAIL_ARCHIVE = (
        f"s3://{KEY}:se%2Fcret%2Bof%20the%20test@network-trail/days"
        f"?scheme=http&region=eu-west-2&endpoint_override={host}:{port}"
    )
    return there


@pytest.fixture
def own() -> Any:
    make.make_user_id(SUPPLIER, make.make_organisation("Alder Energy"))
    return make.actor_for(make.make_person("ann", [(SUPPLIER, JobTypeRole.ALL_ACCESS)]))


@pytest.fixture
def messages(tmp_path: Any) -> None:
    """A thousand messages of two old days."""
    take_in = partial(lines.take_in, tmp_path)
    at = [OLD + timedelta(days=n % 2, seconds=n) for n in range(1_000)]
    given = [
        request_line(n, received_at=at[n].isoformat(), status_history=[]) for n in range(1_000)
    ]
    assert take_in(*given) == (1_000, 0, 0)


def archived() -> int:
    return actions.archive_days(NOW.date(), 92, at=NOW)


def test_days_are_written_verified_dropped_recalled_and_forgotten(bucket, messages, own):
    assert archived() == 2
    day = ArchivedDay.objects.first()
    [info] = bucket.get_file_info([f"network-trail/days/{day.path}"])
    assert (day.rows, day.size) == (500, info.size)
    assert partition_days(OLD.date(), OLD.date() + timedelta(days=1)) == set()
    assert [problem for _day, problem in queries.check_archive()] == ["", ""]
    assert SECRET not in json.dumps(list(ActivityEntry.objects.values_list("detail", flat=True)))

    request_id = actions.ask_archive(own, TrailSearch(DEVICE), at=NOW)
    assert actions.recall(request_id, at=NOW) == 1_000
    page = queries.recalled(own, request_id, PageRequest(), NOW)
    assert page.items[0].received_at == OLD + timedelta(days=1, seconds=999)

    bucket.open_output_stream(f"network-trail/days/{day.path}").close()
    assert [bool(problem) for _day, problem in queries.check_archive()] == [True, False]
    assert actions.forget_old_days(OLD.date() + timedelta(days=2), at=NOW) == 2
    [gone] = bucket.get_file_info([f"network-trail/days/{day.path}"])
    assert gone.type is fs.FileType.NotFound


def test_a_half_written_file_is_written_anew(bucket, messages):
    ArchivedDay.objects.create(day=OLD.date(), path="")
    path = f"network-trail/days/{OLD:%Y}/trail-{OLD.date()}.parquet"
    with bucket.open_output_stream(path) as half:
        half.write(b"PAR1 and then the process was killed")
    assert archived() == 2
    assert [problem for _day, problem in queries.check_archive()] == ["", ""]


def test_while_the_storage_is_away_days_stay_online_and_recalls_wait(server, bucket, messages, own):
    days = {OLD.date(), OLD.date() + timedelta(days=1)}
    host, port = server.get_host_and_port()
    server.stop()
    with pytest.raises(Unavailable) as away:
        archived()
    assert SECRET not in away.value.message
    assert partition_days(OLD.date(), OLD.date() + timedelta(days=1)) == days

    again = type(server)(ip_address=host, port=port, verbose=False)
    again.start()
    try:
        bucket.create_dir("network-trail")
        assert archived() == 2
        request_id = actions.ask_archive(own, TrailSearch(DEVICE), at=NOW)
    finally:
        again.stop()
    with pytest.raises(Unavailable):
        actions.recall(request_id, at=NOW)
    assert ArchiveRequest.objects.get().state == ArchiveRequest.State.WAITING
