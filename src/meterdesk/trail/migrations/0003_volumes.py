from django.db import migrations

# srv 0: an alert. Rows of everyone (party 0) count all parties, so that the operator's figures need
# no sum over all of them.
# Counts change often and keys never: room on the page keeps those changes out of the index.
TABLES = """
create table trail_volume_hour (
    party bigint not null,
    hour timestamptz not null,
    srv smallint not null,
    mode smallint not null,
    status smallint not null,
    timing smallint not null,
    messages bigint not null,
    primary key (party, hour, srv, mode, status, timing)
) with (fillfactor = 70);
create table trail_volume_day (
    everyone boolean not null,
    party bigint not null,
    day date not null,
    srv smallint not null,
    mode smallint not null,
    status smallint not null,
    timing smallint not null,
    messages bigint not null,
    primary key (everyone, party, day, srv, mode, status, timing)
) with (fillfactor = 70);
comment on table trail_volume_hour is
  'Messages counted at intake, by hour of receipt. Enumerations: trail/rules.';
comment on table trail_volume_day is
  'Messages counted at intake, by day of receipt in Europe/London.';
"""

ADD = """
create function trail_add_volumes(
    a_hours bigint[], a_parties bigint[], a_srvs smallint[], a_modes smallint[],
    a_statuses smallint[], a_timings smallint[], a_messages bigint[]
) returns void language sql as $$
    with given as (
        select to_timestamp(g.hour * 3600) as hour, g.party, g.srv, g.mode, g.status, g.timing,
               g.messages
        from unnest(a_hours, a_parties, a_srvs, a_modes, a_statuses, a_timings, a_messages)
            as g(hour, party, srv, mode, status, timing, messages)
    ), hours as (
        insert into trail_volume_hour as v (party, hour, srv, mode, status, timing, messages)
        select party, hour, srv, mode, status, timing, messages from given
        on conflict (party, hour, srv, mode, status, timing)
        do update set messages = v.messages + excluded.messages
    )
    insert into trail_volume_day as v (everyone, party, day, srv, mode, status, timing, messages)
    select grouping(party) = 1, coalesce(party, 0), (hour at time zone 'Europe/London')::date, srv, mode, status, timing,
           sum(messages)
    from given
    group by grouping sets (
        (party, (hour at time zone 'Europe/London')::date, srv, mode, status, timing),
        ((hour at time zone 'Europe/London')::date, srv, mode, status, timing))
    having sum(messages) <> 0
    on conflict (everyone, party, day, srv, mode, status, timing)
    do update set messages = v.messages + excluded.messages
$$;
"""

# The same classes as trail/rules/volumes.py: a kind of 1 is a request, a status of 1 in progress.
RECOUNT = """
create function trail_recount() returns void language sql as $$
    delete from trail_volume_hour;
    delete from trail_volume_day;
    insert into trail_volume_hour
    select party, date_trunc('hour', received_at, 'UTC'), coalesce(srv, 0), mode, status,
           case when kind <> 1 then 6
                when responded_at is null or status = 1 then 0
                when responded_at - received_at <= interval '30 seconds' then 1
                when responded_at - received_at <= interval '60 seconds' then 2
                when responded_at - received_at <= interval '24 hours' then 3
                when responded_at - received_at <= interval '120 hours' then 4
                else 5 end, count(*)
    from trail_message group by 1, 2, 3, 4, 5, 6;
    insert into trail_volume_day
    select grouping(party) = 1, coalesce(party, 0), (hour at time zone 'Europe/London')::date, srv, mode, status, timing,
           sum(messages)
    from trail_volume_hour
    group by grouping sets (
        (party, (hour at time zone 'Europe/London')::date, srv, mode, status, timing),
        ((hour at time zone 'Europe/London')::date, srv, mode, status, timing));
$$;
select trail_recount();
drop function trail_recount();
"""


class Migration(migrations.Migration):
    """Counts of messages by hour and day, kept at intake; those held already are counted here."""

    dependencies = [("trail", "0002_pages")]

    operations = [
        migrations.RunSQL(TABLES, "drop table trail_volume_hour, trail_volume_day"),
        migrations.RunSQL(
            ADD,
            "drop function trail_add_volumes(bigint[], bigint[], smallint[], smallint[], "
            "smallint[], smallint[], bigint[])",
        ),
        migrations.RunSQL(RECOUNT, migrations.RunSQL.noop),
    ]
