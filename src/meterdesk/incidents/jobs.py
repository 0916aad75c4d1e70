"""Periodic work: what was resolved and not reopened is closed (IM-13)."""

from django.utils import timezone

from meterdesk.incidents.actions import close_one_resolved
from meterdesk.incidents.queries import resolved_past_reopening
from meterdesk.platform import jobs


@jobs.periodic("incidents.close_resolved", cron="20 * * * *")
def close_resolved() -> int:
    """Close, one transaction each, what can no longer be reopened. Returns how many."""
    now = timezone.now()
    return sum(close_one_resolved(number, now) for number in resolved_past_reopening(now))
