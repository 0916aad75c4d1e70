"""By the clock: what is over is forgotten, and certificates that end are warned of."""

from django.utils import timezone

from meterdesk.federation import actions
from meterdesk.platform import jobs


@jobs.periodic("federation.forget_what_is_over", cron="20 3 * * *")
def forget_what_is_over() -> None:
    """Delete what can no longer open or explain anything."""
    actions.forget_what_is_over(at=timezone.now())


@jobs.periodic("federation.warn_of_expiry", cron="5 7 * * *")
def warn_of_expiry() -> int:
    """Tell administrators of certificates that end soon (SSI-NFR-15). Returns how many."""
    return actions.warn_of_expiry(at=timezone.now())
