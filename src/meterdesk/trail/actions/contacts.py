"""When Devices were last heard of, noted of messages that came before intake noted it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Final

from django.db import connection, transaction

from meterdesk.inventory.actions import note_contacts
from meterdesk.inventory.queries import newer_contacts
from meterdesk.trail.actions.days import alone, take_turn
from meterdesk.trail.models import UnnotedDay
from meterdesk.trail.rules import MessageKind, Mode, Status, code_of
from meterdesk.trail.rules.spans import day_bounds

# As Message.heard_at in trail/rules. The day is read once, in the order it has on disk.
_HEARD: Final = f"""
create temporary table trail_heard as
select device_id, extract(epoch from max(
           case when kind = {code_of(MessageKind.REQUEST)}
                then coalesce(responded_at, received_at) else received_at end))::int8 as second
  from trail_message
 where received_at >= %s and received_at < %s
   and (kind = {code_of(MessageKind.DEVICE_ALERT)}
        or kind = {code_of(MessageKind.REQUEST)} and status = {code_of(Status.SUCCESS)}
           and mode not in ({code_of(Mode.DCC_ONLY)}, {code_of(Mode.DCC_ALERT)}))
 group by device_id;
create index on trail_heard (device_id);
analyze trail_heard
"""  # noqa: S608  numbers of enumerations
_NEXT: Final = """
select device_id, second from trail_heard where device_id > %s order by device_id limit %s
"""
_LEAST_DEVICE: Final = -(2**63)
_AT_ONCE: Final = 5_000


def note_next_day(*, at: datetime) -> date | None:
    """Note the contacts of the newest day that is over and not yet noted; None when none is left.

    Intake goes on meanwhile: it waits for a few thousand Devices at a time. Killed and run again,
    the day is noted again, which changes nothing.

    Args:
        at: aware UTC instant.

    Raises:
        Conflict: another process reads whole days.
    """
    left = UnnotedDay.objects.filter(day__lt=at.astimezone(UTC).date()).order_by("-day")
    if not left.exists():
        return None
    with alone():
        day = left.values_list("day", flat=True).first()
        if day is not None:
            _note(day)
            UnnotedDay.objects.filter(pk=day).delete()
    return day


def _note(day: date) -> None:
    with _heard_on(day):
        for heard in _pages():
            if news := newer_contacts(heard):
                with transaction.atomic():
                    take_turn()
                    note_contacts(news)


@contextmanager
def _heard_on(day: date) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists trail_heard")
        cursor.execute(_HEARD, day_bounds(day))
        yield
        cursor.execute("drop table trail_heard")


def _pages() -> Iterator[dict[int, datetime]]:
    after = _LEAST_DEVICE
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, [after, _AT_ONCE])
            rows = cursor.fetchall()
        if not rows:
            return
        yield {device: datetime.fromtimestamp(second, UTC) for device, second in rows}
        after = rows[-1][0]
