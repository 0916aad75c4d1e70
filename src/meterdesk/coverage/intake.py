"""Intake of coverage: one CSV row a postcode, or a premises that differs from its postcode."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.db import connection

from meterdesk.coverage.rules import COLUMNS, Coverage, parse_row, property_key
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, read_csv
from meterdesk.platform.intake.kinds import Record

_FACTS = (
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
_NAMES = ", ".join(("postcode", "property_key", *_FACTS))
_STAGE = f"""
    CREATE TEMP TABLE coverage_in AS
        SELECT {_NAMES} FROM coverage_coveragerow WITH NO DATA
"""  # noqa: S608  the names are this module's own
_APPLY = f"""
    INSERT INTO coverage_coveragerow AS held ({_NAMES})
        SELECT {_NAMES} FROM coverage_in
    ON CONFLICT (postcode, property_key) DO UPDATE
        SET ({", ".join(_FACTS)}) = ({", ".join(f"excluded.{name}" for name in _FACTS)})
        WHERE ({", ".join(f"held.{name}" for name in _FACTS)})
            IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _FACTS)})
"""  # noqa: S608


def _read(path: Path, _options: Mapping[str, str]) -> Iterator[Record | Refusal]:
    return read_csv(path, COLUMNS, parse_row)


def _apply(batch: Batch) -> Outcome:
    """Write what is new or different; of two rows about one place in a batch the later counts."""
    latest: dict[tuple[str, str], tuple[int, Coverage]] = {}
    refused, repeated = [], 0
    for line, coverage in batch.records:
        key = (coverage.postcode, property_key(coverage.property_name))
        earlier = latest.get(key)
        if earlier is not None and earlier[1] == coverage:
            repeated += 1
            continue
        if earlier is not None:
            refused.append(
                Refusal(
                    earlier[0],
                    "said_again",
                    f"Line {line} says otherwise about {coverage.place}; the later line counts.",
                    coverage.place,
                )
            )
        latest[key] = (line, coverage)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY coverage_in ({_NAMES}) FROM STDIN") as copy:
            for key, (_line, coverage) in latest.items():
                copy.write_row((*key, *_values(coverage)))
        cursor.execute(_APPLY)
        accepted = cursor.rowcount
        cursor.execute("DROP TABLE coverage_in")
    return Outcome(accepted, len(latest) - accepted + repeated, refused)


def _values(coverage: Coverage) -> tuple[object, ...]:
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


COVERAGE = Intake("coverage", "SM WAN coverage", _read, _apply, batch_size=20_000)
