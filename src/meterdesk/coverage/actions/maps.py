"""What the map of coverage is drawn from, counted when it changes and not when it is looked at."""

from collections.abc import Collection, Sequence

from django.db import connection, transaction

from meterdesk.coverage.rules.maps import Place

# A blank ends an outcode, and "!" is the next character: one range of the primary key.
_WITHIN = """
    postcode >= (o.outcode || ' ') collate "C" and postcode < (o.outcode || '!') collate "C"
"""
_COUNTS = """
    count(*) filter (where coverage_available and likelihood = 'High'),
    count(*) filter (where coverage_available and likelihood = 'Medium'),
    count(*) filter (where coverage_available and likelihood = 'Low'),
    count(*) filter (where coverage_available and likelihood = ''),
    count(*) filter (where not coverage_available)
"""
_INTO = "insert into coverage_outcodesummary (outcode, high, medium, low, unsaid, without)"
_SUMMARISE = f"""
{_INTO} select split_part(postcode, ' ', 1), {_COUNTS}
from coverage_coveragerow where property_key = '' group by 1
"""  # noqa: S608  constants only
_SUMMARISE_SOME = f"""
{_INTO} select o.outcode, {_COUNTS}
from unnest(%s::text[]) o(outcode) join coverage_coveragerow on {_WITHIN}
where property_key = '' group by 1
"""  # noqa: S608
_KEEP = """
insert into {table} as held ({key}, easting, northing{stated})
select code, easting, northing{value} from unnest(%s::text[], %s::int[], %s::int[])
    as said(code, easting, northing)
on conflict ({key}) do update
    set easting = excluded.easting, northing = excluded.northing{set}
    where (held.easting, held.northing) is distinct from (excluded.easting, excluded.northing){or}
"""
_KEEP_POSTCODES = _KEEP.format_map(
    {"table": "coverage_postcodeplace", "key": "postcode"}
    | dict.fromkeys(("stated", "value", "set", "or"), "")
)
_KEEP_OUTCODES = _KEEP.format_map(
    {
        "table": "coverage_outcodeplace",
        "key": "outcode",
        "stated": ", is_stated",
        "value": ", true",
        "set": ", is_stated = true",
        "or": " or not held.is_stated",
    }
)
_MIDDLES = f"""
insert into coverage_outcodeplace as held (outcode, easting, northing, is_stated)
select o.outcode, round(avg(easting)), round(avg(northing)), false
from unnest(%s::text[]) o(outcode) join coverage_postcodeplace on {_WITHIN} group by 1
on conflict (outcode) do update
    set easting = excluded.easting, northing = excluded.northing where not held.is_stated
"""  # noqa: S608  constants only


@transaction.atomic
def summarise(outcodes: Collection[str] | None = None) -> None:
    """Count again what the postcodes of these outcodes say; None: of all there are."""
    with connection.cursor() as cursor:
        if outcodes is None:
            cursor.execute("delete from coverage_outcodesummary")
            cursor.execute(_SUMMARISE)
        else:
            names = sorted(outcodes)
            cursor.execute("delete from coverage_outcodesummary where outcode = any(%s)", [names])
            cursor.execute(_SUMMARISE_SOME, [names])


@transaction.atomic
def keep_places(places: Sequence[Place]) -> int:
    """Write places that are new or elsewhere, each named once; returns how many.

    An outcode that no file places stands in the middle of its postcodes.
    """
    written = 0
    with connection.cursor() as cursor:
        for statement, is_outcode in ((_KEEP_POSTCODES, False), (_KEEP_OUTCODES, True)):
            some = [one for one in places if one.is_outcode is is_outcode]
            if some:
                columns = ([p.code for p in some], [p.easting for p in some],
                           [p.northing for p in some])  # fmt: skip
                cursor.execute(statement, columns)
                written += cursor.rowcount
        touched = sorted({one.code.split(" ")[0] for one in places if not one.is_outcode})
        if touched:
            cursor.execute(_MIDDLES, [touched])
    return written
