"""Reads of coverage (SSI-FR-12 to 15, DIAG-1)."""

from meterdesk.coverage.queries.looking_up import (
    CoverageSearch,
    DeviceCoverage,
    coverage_for_premises,
    coverage_of,
    coverage_of_device,
    coverage_source,
    every_coverage_of,
    freshness,
)

__all__ = [
    "CoverageSearch",
    "DeviceCoverage",
    "coverage_for_premises",
    "coverage_of",
    "coverage_of_device",
    "coverage_source",
    "every_coverage_of",
    "freshness",
]
