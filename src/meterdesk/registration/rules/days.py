"""What "on a day" means of registrations, which hold from instant to instant: as the day ends.

A registration's first day is then a day on which it holds, at whatever hour it began; as it begins,
"since 1 June" and "on 1 June" could differ.
"""

from datetime import date, datetime, time
from typing import Final

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.worktime import LONDON

_LAST_SECOND: Final = time(23, 59, 59)


def as_day_ends(on: date | None, now: datetime) -> datetime:
    """The last second of a day in Great Britain; the present of today, and of no day."""
    if on is None or on == now.astimezone(LONDON).date():
        return now
    return datetime.combine(on, _LAST_SECOND, LONDON)


def as_day_ended(on: date | None, now: datetime) -> datetime:
    """The same of a day gone by, or of today.

    Raises Refused: the day is yet to come; who will supply a home is nobody else's to know.
    """
    if on is not None and on > now.astimezone(LONDON).date():
        message = "Give today or a day before."
        raise Refused(message, code="day_to_come", fields={"on": message})
    return as_day_ends(on, now)
