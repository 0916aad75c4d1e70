from django.db import migrations, models

import meterdesk.platform.fields

MESSAGES = """
create table trail_message (
    device_id bigint not null,
    received_at timestamptz not null,
    fingerprint bigint not null,
    party bigint not null,
    target bigint,
    counter bigint not null,
    responded_at timestamptz,
    gbcs_sequence bigint,
    kind smallint not null,
    status smallint not null,
    mode smallint not null,
    region smallint not null,
    srv smallint,
    command_variant smallint,
    anomaly boolean not null,
    id_used_again boolean not null,
    code text,
    response_id text,
    mpxn text,
    preceding text,
    alert_id text,
    history jsonb,
    primary key (device_id, received_at, fingerprint)
) partition by range (received_at);
create index trail_message_target on trail_message (target, received_at) where target is not null;
comment on table trail_message is
  'Messages of the network, a partition for each UTC day. Enumerations: trail/rules.';
"""

# A new partition is made aside and attached, so that readers are never locked out. The functions
# run as the schema's owner: the serving role may add days and drop old ones, and nothing else.
PARTITIONS = """
create function trail_make_partition(day date) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    name text := 'trail_message_' || to_char(day, 'YYYYMMDD');
    begins timestamptz := day::timestamp at time zone 'UTC';
    ends timestamptz := (day + 1)::timestamp at time zone 'UTC';
begin
    if to_regclass(name) is not null then return false; end if;
    perform pg_advisory_xact_lock(hashtext('trail_make_partition'));
    if to_regclass(name) is not null then return false; end if;
    execute format('create table %I (like trail_message including all)', name);
    execute format('alter table %I add constraint %I check (received_at >= %L and received_at < %L)',
                   name, name || '_day', begins, ends);
    execute format('alter table trail_message attach partition %I for values from (%L) to (%L)',
                   name, begins, ends);
    execute format('alter table %I drop constraint %I', name, name || '_day');
    return true;
end $$;

create function trail_drop_partition(day date) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    name text := 'trail_message_' || to_char(day, 'YYYYMMDD');
begin
    if day > (now() at time zone 'UTC')::date - 89 then
        raise exception 'The service audit trail is kept at least three months.';
    end if;
    if to_regclass(name) is null then return false; end if;
    execute format('drop table %I', name);
    return true;
end $$;

-- The planner may compute a day before it knows that the relation is a partition.
create view trail_partition as
select case when c.relname ~ '^trail_message_[0-9]{8}$'
            then to_date(right(c.relname, 8), 'YYYYMMDD') end as day
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'trail_message'::regclass;
"""


class Migration(migrations.Migration):
    """Messages by day, DUIS documents taken in, and how fresh the trail is."""

    initial = True
    dependencies = []

    operations = [
        migrations.RunSQL(MESSAGES, "drop table trail_message"),
        migrations.RunSQL(
            PARTITIONS,
            "drop view trail_partition; drop function trail_drop_partition(date); "
            "drop function trail_make_partition(date)",
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("request_id", models.CharField(max_length=70)),
                ("digest", models.BinaryField(max_length=32)),
                ("device_id", meterdesk.platform.fields.EuiField()),
                ("received_at", models.DateTimeField()),
                ("fingerprint", models.BigIntegerField()),
                ("schema_checked", models.BooleanField()),
                ("filename", models.CharField(max_length=255)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request_id", "digest", "filename"), name="trail_document_once"
                    )
                ],
                "indexes": [
                    models.Index(
                        fields=["device_id", "received_at"], name="trail_document_message"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Freshness",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("received_at", models.DateTimeField()),
            ],
        ),
    ]
