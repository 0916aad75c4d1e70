"""The trail's periodic work: days ahead get their partition, days too old go."""

from datetime import UTC, datetime

from django.conf import settings

from meterdesk.platform import jobs
from meterdesk.trail.actions import drop_partitions, make_partitions
from meterdesk.trail.rules import months_before

DAYS_AHEAD = 14


@jobs.periodic("trail.make_partitions", cron="20 0 * * *")
def make_days_ahead() -> None:
    """Make the partitions of the next two weeks, so that no intake has to wait for one."""
    make_partitions(datetime.now(UTC).date(), DAYS_AHEAD)


@jobs.periodic("trail.drop_partitions", cron="40 0 * * *")
def drop_old_days() -> None:
    """Drop days older than the months kept online; without that setting everything is kept."""
    months = settings.TRAIL_MONTHS_ONLINE
    if months is not None:
        drop_partitions(months_before(datetime.now(UTC).date(), months))
