"""Background work of coverage."""

from datetime import UTC, datetime

from meterdesk.coverage.actions.versions import stop_silent_versions
from meterdesk.platform import jobs


@jobs.periodic("coverage.stop_silent_versions", cron="*/10 * * * *")
def stop_silent() -> None:
    """Put away versions whose loading went quiet."""
    stop_silent_versions(datetime.now(UTC))
