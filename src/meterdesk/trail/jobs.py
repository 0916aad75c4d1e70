"""The trail's work in the background: days made ahead, archived and dropped; the archive read."""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.conf import settings

from meterdesk.kernel.errors import Conflict
from meterdesk.platform import jobs
from meterdesk.trail.actions import (
    archive_days,
    drop_partitions,
    forget_old_days,
    forget_requests,
    make_partitions,
    note_next_day,
    recall,
)
from meterdesk.trail.rules import months_before

DAYS_AHEAD = 14
_log = logging.getLogger(__name__)


@jobs.periodic("trail.make_partitions", cron="20 0 * * *")
def make_days_ahead() -> None:
    """Make the partitions of the next two weeks, so that no intake has to wait for one."""
    make_partitions(datetime.now(UTC).date(), DAYS_AHEAD)


@jobs.periodic("trail.archive_days", cron="40 0 * * *")
def archive_old_days() -> None:
    """Archive days older than those kept online, or drop them where there is no archive.

    Without METERDESK_TRAIL_ONLINE_DAYS everything is kept online.
    """
    now = datetime.now(UTC)
    online_days = settings.TRAIL_ONLINE_DAYS
    if online_days is not None and settings.TRAIL_ARCHIVE:
        archive_days(now.date(), online_days, at=now)
    elif online_days is not None:
        drop_partitions(now.date() - timedelta(days=online_days))


@jobs.periodic("trail.forget", cron="20 2 * * *")
def forget_old() -> None:
    """Remove archived days whose years are over, and what was found for requests long ago."""
    now = datetime.now(UTC)
    years = settings.TRAIL_ARCHIVE_YEARS
    forget_old_days(months_before(now.date(), 12 * years), at=now)
    forget_requests(now)


@jobs.periodic("trail.note_contacts", cron="* * * * *")
def note_contacts_of_a_day() -> None:
    """Note the contacts of a day whose messages came before intake did so, if one is left."""
    # What archives or counts days again has its turn first.
    with suppress(Conflict):
        if day := note_next_day(at=datetime.now(UTC)):
            _log.info("Last contacts of messages of %s were noted.", day)


@jobs.job("trail.recall")
def recall_messages(request_id: int) -> None:
    """Search the archive for a request."""
    recall(request_id, at=datetime.now(UTC))
