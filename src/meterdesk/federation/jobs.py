"""Nightly: requests and assertions that are over, and old failures, are forgotten."""

from django.utils import timezone

from meterdesk.federation import actions
from meterdesk.platform import jobs


@jobs.periodic("federation.forget_what_is_over", cron="20 3 * * *")
def forget_what_is_over() -> None:
    """Delete what can no longer open or explain anything."""
    actions.forget_what_is_over(at=timezone.now())
