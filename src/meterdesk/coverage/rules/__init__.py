"""What a coverage answer says, and how versions of it go. Plain Python."""

from meterdesk.coverage.rules.places import (
    COLUMNS,
    CSV_HEADER,
    Coverage,
    Likelihood,
    Region,
    csv_row,
    is_smets1,
    parse_row,
    property_key,
)

__all__ = [
    "COLUMNS",
    "CSV_HEADER",
    "Coverage",
    "Likelihood",
    "Region",
    "csv_row",
    "is_smets1",
    "parse_row",
    "property_key",
]
