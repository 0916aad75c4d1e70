"""Delivery of messages in the worker, tried again while the mail server does not answer."""

from meterdesk.notifications.actions import deliver
from meterdesk.platform import jobs


@jobs.job("notifications.send")
def send(*, message_id: int) -> None:
    """Deliver one message; what has been sent is not sent again."""
    deliver(message_id)
