"""Multiplies a built network in SQL, where the intakes would take longer than a bench should.

    python -m tests.scale.multiply PREMISES COPIES     # PREMISES as built, COPIES 1 to 5 more

Each copy has Device IDs of another address block, UPRNs of another range, and MPANs and MPRNs with
right check digits; homes keep their postcode, so that a postcode holds as many more.
"""

import sys
import time

import django

FUNCTIONS = """
create function pg_temp.mpan_of(core text) returns text immutable language sql as $$
  select core || (select sum(substr(core, place::int, 1)::int * prime) % 11 % 10
    from unnest(array[3,5,7,13,17,19,23,29,31,37,41,43]) with ordinality p(prime, place)) $$;
create function pg_temp.mprn_of(core text) returns text immutable language sql as $$
  select core || lpad((select sum(substr(core, i, 1)::int * (9 - i)) % 11
    from generate_series(1, 8) i)::text, 2, '0') $$;
create function pg_temp.mpxn(old text, skip bigint) returns text immutable language sql as $$
  select case length(old)
    when 13 then pg_temp.mpan_of(substr(old, 1, 2)
      || lpad(((substr(old, 3, 8)::bigint + skip * 7654321) % 100000000)::text, 8, '0')
      || substr(old, 11, 2))
    when 10 then pg_temp.mprn_of(
      ((substr(old, 1, 8)::bigint - 10000000 + skip * 7654321) % 80000001 + 10000000)::text)
    else old end $$;
create function pg_temp.uprn(old text, copy int) returns text immutable language sql as $$
  select case when old = '' then old else (old::bigint + copy * 100000000000)::text end $$;
"""
_OTHER_BLOCK = f"{{0}} + copy * {1 << 40}::bigint"
CHANGED = {
    "device_id": _OTHER_BLOCK.format("device_id"),
    "associated_id": _OTHER_BLOCK.format("associated_id"),
    "target": _OTHER_BLOCK.format("target"),
    "import_mpxn": "pg_temp.mpxn(import_mpxn, copy * {premises}::bigint)",
    "export_mpan": "pg_temp.mpxn(export_mpan, copy * {premises}::bigint)",
    "mpxn": "pg_temp.mpxn(mpxn, copy * {premises}::bigint)",
    "uprn": "pg_temp.uprn(uprn, copy)",
    "premises_key": "replace(premises_key, uprn, pg_temp.uprn(uprn, copy))",
    "id": f"id + copy * {10**9}::bigint",
    "meter_point_id": f"meter_point_id + copy * {10**9}::bigint",
}
TABLES = (
    "registration_meterpoint",
    "registration_registration",
    "inventory_device",
    "inventory_deviceassociation",
    "inventory_devicestatuschange",
    "hubs_hubrecord",
    "trail_message",
)
COLUMNS = """
select attname from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum
"""


def multiply(premises: int, copies: int) -> None:
    """Add copies of every premises, one transaction a table."""
    from django.db import connection  # noqa: PLC0415  after django.setup()

    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")
        cursor.execute("set synchronous_commit = off")
        cursor.execute(FUNCTIONS)
        for table in TABLES:
            started = time.monotonic()
            cursor.execute(COLUMNS, [table])
            columns = [name for (name,) in cursor.fetchall()]
            values = [CHANGED.get(name, name).format(premises=premises) for name in columns]
            cursor.execute(
                f"insert into {table} ({', '.join(columns)}) overriding system value "
                f"select {', '.join(values)} from {table}, generate_series(1, %s) copy",
                [copies],
            )
            seconds = time.monotonic() - started
            print(f"{table}: {cursor.rowcount:,} rows in {seconds:.0f} s", flush=True)
        cursor.execute("analyze")


if __name__ == "__main__":
    django.setup()
    multiply(int(sys.argv[1]), int(sys.argv[2]))
