from django.db import migrations

# The one predicate of the trail: trail/access.py gives its arguments. Inlined by the planner.
VISIBLE = """
create function trail_visible(
    party bigint, srv smallint, everything boolean, parties bigint[], open_variants smallint[]
) returns boolean language sql immutable parallel safe as
$$ select everything or party = any(parties) or srv = any(open_variants) $$;
"""

# Planning over a hundred days costs many times what reading a page does. Inside a function the
# plan is made once a session, and days outside the period are left out when it runs.
PAGE = """
create function trail_page(
    a_devices bigint[], a_from timestamptz, a_to timestamptz,
    a_before timestamptz, a_before_print bigint, a_variants smallint[],
    a_everything boolean, a_parties bigint[], a_open smallint[], a_limit int
) returns setof trail_message language plpgsql stable
set plan_cache_mode = force_generic_plan as $$
begin
    return query
    select found.* from unnest(a_devices) as d(id)
    cross join lateral (
        select * from trail_message m
        where m.device_id = d.id
          and m.received_at >= a_from and m.received_at < a_to
          and (m.received_at, m.fingerprint) < (a_before, a_before_print)
          and (a_variants is null or m.srv = any(a_variants))
          and trail_visible(m.party, m.srv, a_everything, a_parties, a_open)
        order by m.received_at desc, m.fingerprint desc
        limit a_limit) found
    order by found.received_at desc, found.fingerprint desc
    limit a_limit;
end $$;
"""

# A kind of 1 is a request; a status of 2 is success, of 3 failure (trail/rules).
ACTIVITY = """
create function trail_activity(
    a_devices bigint[], a_since timestamptz,
    a_everything boolean, a_parties bigint[], a_open smallint[], a_alerts int
) returns setof trail_message language plpgsql stable
set plan_cache_mode = force_generic_plan as $$
begin
    return query
    select found.* from unnest(a_devices) as d(id)
    cross join lateral (
        (select * from trail_message m
         where m.device_id = d.id and m.received_at >= a_since and m.kind = 1 and m.status = 2
           and trail_visible(m.party, m.srv, a_everything, a_parties, a_open)
         order by m.received_at desc, m.fingerprint desc limit 1)
        union all
        (select * from trail_message m
         where m.device_id = d.id and m.received_at >= a_since and m.kind = 1 and m.status = 3
           and trail_visible(m.party, m.srv, a_everything, a_parties, a_open)
         order by m.received_at desc, m.fingerprint desc limit 1)
        union all
        (select * from trail_message m
         where m.device_id = d.id and m.received_at >= a_since and m.kind <> 1
           and trail_visible(m.party, m.srv, a_everything, a_parties, a_open)
         order by m.received_at desc, m.fingerprint desc limit a_alerts)) found;
end $$;
"""

COMMANDS = """
create function trail_commands(a_devices bigint[], a_since timestamptz, a_limit int)
returns table (received_at timestamptz, status smallint) language plpgsql stable
set plan_cache_mode = force_generic_plan as $$
begin
    return query
    select found.received_at, found.status from unnest(a_devices) as d(id)
    cross join lateral (
        select m.received_at, m.status from trail_message m
        where m.device_id = d.id and m.received_at >= a_since and m.kind = 1
        order by m.received_at desc, m.fingerprint desc limit a_limit) found
    order by found.received_at desc limit a_limit;
end $$;
"""


class Migration(migrations.Migration):
    """Reads over many days, planned once a session."""

    dependencies = [("trail", "0001_initial")]

    operations = [
        migrations.RunSQL(
            VISIBLE,
            "drop function trail_visible(bigint, smallint, boolean, bigint[], smallint[])",
        ),
        migrations.RunSQL(PAGE, "drop function trail_page"),
        migrations.RunSQL(ACTIVITY, "drop function trail_activity"),
        migrations.RunSQL(COMMANDS, "drop function trail_commands"),
    ]
