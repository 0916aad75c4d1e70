"""Background work of the desk."""

from datetime import UTC, datetime

from django.conf import settings

from meterdesk.desk.actions.feeds import watch_feeds
from meterdesk.desk.actions.intake import run_files
from meterdesk.platform import jobs
from meterdesk.platform.intake import sweep_stopped
from meterdesk.platform.intake.inbox import pick_up


@jobs.job("desk.run_intake", retries=3)
def run_intake(*, run_id: int) -> None:
    """Take in the uploaded files of a run; begun again, it counts from the start."""
    run_files(run_id, at=datetime.now(UTC))


@jobs.periodic("desk.pick_up_files", cron="* * * * *")
def pick_up_files() -> None:
    """Take in the whole files of the inbox."""
    pick_up(settings.INBOX, datetime.now(UTC))


@jobs.periodic("desk.watch_feeds", cron="*/5 * * * *")
def watch() -> None:
    """Tell the operator of feeds that have become late."""
    watch_feeds(at=datetime.now(UTC))


@jobs.periodic("desk.sweep_intake", cron="* * * * *")
def sweep_intake() -> None:
    """Mark runs whose process went away."""
    sweep_stopped(datetime.now(UTC))
