"""When Devices were last heard of, told by the app that keeps the messages."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

# The day of what is newer is written in place; nothing goes back, whatever comes late or again.
_NOTE = """
merge into inventory_devicecontact c
using (select device_id, (to_timestamp(second) at time zone 'Europe/London')::date as day
         from unnest(%s::int8[], %s::int8[]) as g (device_id, second)) g
   on c.device_id = g.device_id
 when matched and c.last_date < g.day then update set last_date = g.day
 when not matched then insert (device_id, last_date) values (g.device_id, g.day)
"""


def note_contacts(heard: Mapping[int, datetime]) -> None:
    """Note when Devices answered or raised an alert; older news than what is known change nothing.

    One writer at a time: intake of messages takes turns.

    Args:
        heard: instants by Device ID as stored; in the order of the Devices it is written soonest.
    """
    if not heard:
        return
    seconds = (str(int(at.timestamp())) for at in heard.values())
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [f"{{{','.join(map(str, heard))}}}", f"{{{','.join(seconds)}}}"])
