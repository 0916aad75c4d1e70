"""Background work of the desk."""

from datetime import UTC, datetime

from meterdesk.platform import jobs
from meterdesk.platform.intake import sweep_stopped
from meterdesk.platform.intake.uploads import run_uploads


@jobs.job("desk.run_intake", retries=3)
def run_intake(*, run_id: int) -> None:
    """Take in the uploaded files of a run; begun again, it counts from the start."""
    run_uploads(run_id)


@jobs.periodic("desk.sweep_intake", cron="* * * * *")
def sweep_intake() -> None:
    """Mark runs whose process went away."""
    sweep_stopped(datetime.now(UTC))
