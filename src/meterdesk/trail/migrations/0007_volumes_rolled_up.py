"""Counts by month and service, and by day and mode, kept by the database from those by day.

A month of one UserId is some thousand rows of each instead of tens of thousands. Triggers keep
them, so that they follow whatever writes counts by day, and are made in its transaction.
"""

from django.db import migrations

TABLES = """
create table trail_volume_month (
    everyone boolean not null,
    party bigint not null,
    month date not null,
    srv smallint not null,
    mode smallint not null,
    status smallint not null,
    timing smallint not null,
    messages bigint not null,
    primary key (everyone, party, month, srv, mode, status, timing)
) with (fillfactor = 70);
create table trail_volume_mode (
    everyone boolean not null,
    party bigint not null,
    day date not null,
    mode smallint not null,
    status smallint not null,
    timing smallint not null,
    messages bigint not null,
    primary key (everyone, party, day, mode, status, timing)
) with (fillfactor = 70);
comment on table trail_volume_month is
  'trail_volume_day by calendar month, kept by its triggers.';
comment on table trail_volume_mode is
  'trail_volume_day with all services of a mode together, kept by its triggers.';
"""

ROLL_UP = """
insert into trail_volume_month as v (everyone, party, month, srv, mode, status, timing, messages)
select everyone, party, date_trunc('month', day)::date, srv, mode, status, timing, sum(messages)
  from ({changed}) changed
 group by 1, 2, 3, 4, 5, 6, 7 having sum(messages) <> 0
    on conflict (everyone, party, month, srv, mode, status, timing)
    do update set messages = v.messages + excluded.messages;
insert into trail_volume_mode as v (everyone, party, day, mode, status, timing, messages)
select everyone, party, day, mode, status, timing, sum(messages)
  from ({changed}) changed
 group by 1, 2, 3, 4, 5, 6 having sum(messages) <> 0
    on conflict (everyone, party, day, mode, status, timing)
    do update set messages = v.messages + excluded.messages;
"""
TRIGGER = """
create function trail_volume_{name}() returns trigger language plpgsql as $$
begin
    {roll_up}
    return null;
end $$;
create trigger trail_volume_{name} after {event} on trail_volume_day
    referencing {tables} for each statement execute function trail_volume_{name}();
"""
ADDED = "select everyone, party, day, srv, mode, status, timing, messages from added"
TAKEN = "select everyone, party, day, srv, mode, status, timing, -messages as messages from taken"
EVENTS = (
    ("added", "insert", "new table as added", ADDED),
    ("changed", "update", "old table as taken new table as added", f"{ADDED} union all {TAKEN}"),
    ("taken", "delete", "old table as taken", TAKEN),
)
TRIGGERS = "".join(
    TRIGGER.format(name=name, event=event, tables=tables, roll_up=ROLL_UP.format(changed=changed))
    for name, event, tables, changed in EVENTS
)
TRIGGERS += """
create function trail_volume_emptied() returns trigger language plpgsql as $$
begin
    truncate trail_volume_month, trail_volume_mode;
    return null;
end $$;
create trigger trail_volume_emptied after truncate on trail_volume_day
    for each statement execute function trail_volume_emptied();
"""
NO_TRIGGERS = "".join(
    f"drop trigger trail_volume_{name} on trail_volume_day; drop function trail_volume_{name}();"
    for name in ("added", "changed", "taken", "emptied")
)
# No count is written between the sums and the triggers; readers are not held up.
HELD = f"""
lock trail_volume_day in share row exclusive mode;
{ROLL_UP.format(changed="select * from trail_volume_day")}
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0006_contacts_held")]

    operations = [
        migrations.RunSQL(TABLES, "drop table trail_volume_month, trail_volume_mode"),
        migrations.RunSQL(HELD, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
