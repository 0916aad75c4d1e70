"""What "on a day" means of registrations, which hold from instant to instant."""

from datetime import date, datetime, time, timedelta

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.worktime import LONDON


def as_day_ended(on: date | None, now: datetime) -> datetime:
    """The last second of a day in Great Britain; the present of today, and of no day.

    Raises Refused: the day is yet to come; who will supply a home is nobody else's to know.
    """
    today = now.astimezone(LONDON).date()
    if on is None or on == today:
        return now
    if on > today:
        message = "Give today or a day before."
        raise Refused(message, code="day_to_come", fields={"on": message})
    return datetime.combine(on + timedelta(days=1), time(), LONDON) - timedelta(seconds=1)
