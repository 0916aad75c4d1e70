from django.db import migrations

# As trail_page, with a time of its own for each Device: where it stood then is what was asked.
# The earlier function stays for the version that calls it.
PAGE = """
create function trail_page_of(
    a_devices bigint[], a_since timestamptz[], a_until timestamptz[],
    a_from timestamptz, a_to timestamptz,
    a_before timestamptz, a_before_print bigint, a_variants smallint[],
    a_everything boolean, a_parties bigint[], a_open smallint[], a_limit int
) returns setof trail_message language plpgsql stable
set plan_cache_mode = force_generic_plan as $$
begin
    return query
    select found.* from unnest(a_devices, a_since, a_until) as d(id, since, until)
    cross join lateral (
        select * from trail_message m
        where m.device_id = d.id
          and m.received_at >= a_from and m.received_at < a_to
          and m.received_at >= d.since and m.received_at < d.until
          and (m.received_at, m.fingerprint) < (a_before, a_before_print)
          and (a_variants is null or m.srv = any(a_variants))
          and trail_visible(m.party, m.srv, a_everything, a_parties, a_open)
        order by m.received_at desc, m.fingerprint desc
        limit a_limit) found
    order by found.received_at desc, found.fingerprint desc
    limit a_limit;
end $$;
"""


class Migration(migrations.Migration):
    """Pages of Devices that stood at a meter point for a time."""

    dependencies = [("trail", "0004_archive")]

    operations = [migrations.RunSQL(PAGE, "drop function trail_page_of")]
