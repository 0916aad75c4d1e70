"""Versions of coverage: loaded beside what counts, and compared with it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from meterdesk.coverage.models import CoverageVersion, OutcodeDifference
from meterdesk.coverage.rules import Coverage, property_key
from meterdesk.coverage.rules.versions import VersionState
from meterdesk.platform import jobs
from meterdesk.registration.queries import premises_at_postcodes

FACTS = (
    "property_name",
    "csp_region",
    "coverage_available",
    "anticipated_date",
    "no_coverage_intended",
    "likelihood",
    "wan_variant",
    "auxiliary_equipment",
    "exemption_category_2",
    "exemption_ends_date",
    "known_issue",
    "likely_resolution",
)
SILENCE = timedelta(minutes=15)
_KEYS = ("postcode", "property_key")
_NAMES = ", ".join((*_KEYS, *FACTS))
_HELD = ", ".join(f"held.{name}" for name in FACTS)
_LOADED = ", ".join(f"loaded.{name}" for name in FACTS)
_COMPARE = f"""
create temp table coverage_compared on commit drop as
select coalesce(loaded.postcode, held.postcode) as postcode,
    coalesce(loaded.property_key, held.property_key) as property_key,
    held.postcode is null as is_added, loaded.postcode is null as is_removed,
    coalesce(held.coverage_available, false) as had,
    coalesce(loaded.coverage_available, false) as has
from (select * from coverage_loadedrow where version_id = %s) loaded
full join coverage_coveragerow held using (postcode, property_key)
where held.postcode is null or loaded.postcode is null
    or ({_HELD}) is distinct from ({_LOADED})
"""  # noqa: S608  the names are this module's own
_STAGE = f"""
create temp table coverage_batch on commit drop as
    select line, {_NAMES} from coverage_coveragerow, (select 0 as line) l with no data
"""  # noqa: S608
_ADD_BATCH = f"""
insert into coverage_loadedrow as held (version_id, {_NAMES})
select distinct on (postcode, property_key) %s, {_NAMES} from coverage_batch
order by postcode, property_key, line
on conflict (version_id, postcode, property_key) do nothing
returning postcode, property_key
"""  # noqa: S608


def values_of(coverage: Coverage) -> tuple[object, ...]:
    """The facts of a row in the order of FACTS."""
    return (
        coverage.property_name,
        coverage.csp_region.value,
        coverage.coverage_available,
        coverage.anticipated_date,
        coverage.no_coverage_intended,
        coverage.likelihood.value if coverage.likelihood else "",
        coverage.wan_variant,
        coverage.auxiliary_equipment,
        coverage.exemption_category_2,
        coverage.exemption_ends_date,
        coverage.known_issue,
        coverage.likely_resolution,
    )


@transaction.atomic
def begin_version(name: str, *, run_id: int | None = None, at: datetime) -> int:
    """Make the record of a version that begins to come in with a run; returns its number."""
    return CoverageVersion.objects.create(name=name[-120:], run=run_id, begun_at=at, heard_at=at).pk


@transaction.atomic
def load_rows(
    version_id: int, rows: Sequence[tuple[int, Coverage]], refused: int, *, at: datetime
) -> set[int]:
    """Keep rows of a version, by line; returns lines about a place that had been spoken of."""
    keys = {line: (one.postcode, property_key(one.property_name)) for line, one in rows}
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists coverage_batch")
        cursor.execute(_STAGE)
        with cursor.copy(f"copy coverage_batch (line, {_NAMES}) from stdin") as copy:
            for line, one in rows:
                copy.write_row((line, *keys[line], *values_of(one)))
        cursor.execute(_ADD_BATCH, [version_id])
        fresh = set(cursor.fetchall())
    again = set()
    for line, key in keys.items():
        if key in fresh:
            fresh.discard(key)
        else:
            again.add(line)
    CoverageVersion.objects.filter(pk=version_id).update(
        rows=F("rows") + len(rows) - len(again),
        refused=F("refused") + refused + len(again),
        heard_at=at,
    )
    return again


@transaction.atomic
def finish_version(version_id: int, *, at: datetime) -> CoverageVersion:
    """Compare a version that is wholly read with what counts, and have it wait for a person.

    An empty one is refused: it would take all coverage away.
    """
    loaded = CoverageVersion.objects.select_for_update().get(pk=version_id)
    if loaded.rows == 0:
        loaded.state = VersionState.REFUSED
    else:
        compare(loaded)
        loaded.state, loaded.ready_at = VersionState.READY, at
    loaded.version += 1
    loaded.save()
    return loaded


def compare(loaded: CoverageVersion) -> None:
    """Count by outcode how a version differs from what counts; inside a transaction."""
    OutcodeDifference.objects.filter(version=loaded).delete()
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists coverage_compared")
        cursor.execute(_COMPARE, [loaded.pk])
        cursor.execute(
            "select split_part(postcode, ' ', 1), count(*) filter (where is_added), "
            "count(*) filter (where is_removed), "
            "count(*) filter (where not is_added and not is_removed), "
            "count(*) filter (where has and not had), count(*) filter (where had and not has) "
            "from coverage_compared group by 1"
        )
        counts = {outcode: rest for outcode, *rest in cursor.fetchall()}
        cursor.execute(
            "select postcode, has from coverage_compared where has <> had and property_key = ''"
        )
        turned = dict(cursor.fetchall())
    gained: dict[str, int] = {}
    lost: dict[str, int] = {}
    for postcode, premises in premises_at_postcodes(turned).items():
        where = gained if turned[postcode] else lost
        outcode = postcode.split(" ")[0]
        where[outcode] = where.get(outcode, 0) + premises
    OutcodeDifference.objects.bulk_create(
        OutcodeDifference(
            version=loaded, outcode=outcode, added=added, removed=removed, changed=changed,
            gained=now, lost=no_more, premises_gained=gained.get(outcode, 0),
            premises_lost=lost.get(outcode, 0),
        )
        for outcode, (added, removed, changed, now, no_more) in counts.items()
    )  # fmt: skip


@transaction.atomic
def stop_silent_versions(at: datetime) -> int:
    """Put away versions whose loading went quiet (its process died); returns how many."""
    silent = CoverageVersion.objects.filter(state=VersionState.LOADING, heard_at__lt=at - SILENCE)
    count = silent.update(state=VersionState.REFUSED)
    if count:
        jobs.defer("coverage.remove_rows")
    return count
