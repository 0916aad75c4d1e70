from django.db import migrations

# The planner may compute a row's day before it knows that the row is a partition: other names must
# not make that fail.
GUARDED = """
create or replace view trail_partition as
select case when c.relname ~ '^trail_message_[0-9]{8}$'
            then to_date(right(c.relname, 8), 'YYYYMMDD') end as day,
       c.reltuples::bigint as messages
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'trail_message'::regclass;
"""


class Migration(migrations.Migration):
    """Read the days of partitions safely, however many tables and partitions there are."""

    dependencies = [("trail", "0001_initial")]

    operations = [migrations.RunSQL(GUARDED, migrations.RunSQL.noop)]
