"""Days whose messages came before it was noted when Devices were last heard of.

From now on intake notes it. A job reads those days later, one by one (trail/actions/contacts.py):
all messages of a country in one transaction would take hours. An earlier form of this migration
did so; where that ran, no day is left.
"""

from django.db import migrations

# Tomorrow too: the version before may serve until this one does.
UNNOTED = """
create table if not exists trail_unnotedday (day date primary key);
insert into trail_unnotedday
select day from trail_partition
 where day <= (now() at time zone 'UTC')::date + 1 and exists (select from trail_message);
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0005_pages_by_time"), ("inventory", "0005_last_contact")]

    operations = [migrations.RunSQL(UNNOTED, "drop table trail_unnotedday")]
