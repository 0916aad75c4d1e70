"""Following requests to the communications service providers."""

from django.utils import timezone

from meterdesk.hubs.actions import advance_request
from meterdesk.platform import jobs


@jobs.job("hubs.advance_request")
def advance(*, request_id: int) -> None:
    """Take a request a step further; it queues its own next step."""
    advance_request(request_id, at=timezone.now())
