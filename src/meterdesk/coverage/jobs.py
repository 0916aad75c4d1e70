"""Background work of coverage."""

from datetime import UTC, datetime

from meterdesk.coverage.actions import switching
from meterdesk.coverage.actions.versions import stop_silent_versions
from meterdesk.platform import jobs


@jobs.job("coverage.switch_version")
def switch_version(*, version_id: int) -> None:
    """Switch in a version for which a person asked that."""
    switching.switch_version(version_id, at=datetime.now(UTC))


@jobs.job("coverage.remove_rows")
def remove_rows() -> None:
    """Remove rows of versions that do not count and are compared with nothing any more."""
    switching.remove_rows()


@jobs.periodic("coverage.stop_silent_versions", cron="*/10 * * * *")
def stop_silent() -> None:
    """Put away versions whose loading went quiet; those whose switch did wait again."""
    now = datetime.now(UTC)
    stop_silent_versions(now)
    switching.give_up_silent_switches(now)
