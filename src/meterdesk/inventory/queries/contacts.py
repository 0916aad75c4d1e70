"""When Devices were last heard of, for the app that keeps the messages."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

_NEWER = """
select g.device_id
  from unnest(%s::int8[], %s::int8[]) as g (device_id, second)
  left join inventory_devicecontact c using (device_id)
 where c.last_date is null
    or c.last_date < (to_timestamp(g.second) at time zone 'Europe/London')::date
"""


def newer_contacts(heard: Mapping[int, datetime]) -> dict[int, datetime]:
    """Those of these contacts, by Device ID as stored, that are of a later day than is known."""
    seconds = [int(at.timestamp()) for at in heard.values()]
    with connection.cursor() as cursor:
        cursor.execute(_NEWER, [list(heard), seconds])
        return {device: heard[device] for (device,) in cursor.fetchall()}
