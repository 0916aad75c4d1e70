"""When Devices were last heard of, from the messages held already; from now on intake says it."""

from django.db import migrations

# A kind of 1 is a request, 2 a Device's alert; a status of 2 success; a mode of 4 DCC Only.
HELD = """
insert into inventory_devicecontact (device_id, last_date)
select device_id, (max(case kind when 2 then received_at else coalesce(responded_at, received_at)
                       end) at time zone 'Europe/London')::date
  from trail_message
 where kind = 2 or (kind = 1 and status = 2 and mode <> 4)
 group by device_id
    on conflict (device_id) do nothing
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0005_pages_by_time"), ("inventory", "0005_last_contact")]

    operations = [migrations.RunSQL(HELD, migrations.RunSQL.noop)]
