"""What a coverage answer says, and how a row of the coverage file is read. Plain Python."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_postcode

NO_COVERAGE_INTENDED: Final = "No Coverage Intended"
T = TypeVar("T")

COLUMNS: Final = (
    "postcode",
    "csp_region",
    "coverage_available",
)
_NOT_KEY: Final = re.compile(r"[^0-9A-Z]+")
_NEAT_POSTCODE: Final = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}")
_MAX_TEXT: Final = 1_000


class Region(StrEnum):
    """The three Regions of GB, each the area of one CSP."""

    NORTH = "North"
    CENTRAL = "Central"
    SOUTH = "South"

    @property
    def csp(self) -> str:
        """The CSP responsible for the Region, by its Region."""
        return f"CSP {self.value}"


class Likelihood(StrEnum):
    """How likely a Communications Hub is to connect at the place (SSI-FR-15)."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"


@dataclass(frozen=True, slots=True)
class Coverage:
    """SM WAN coverage at one place: a whole postcode (`property_name` empty) or one premises of it.

    `anticipated_date` and `no_coverage_intended` speak only where coverage is not available;
    neither given means that the CSP has not said.
    """

    postcode: str
    property_name: str
    csp_region: Region
    coverage_available: bool
    anticipated_date: date | None
    no_coverage_intended: bool
    likelihood: Likelihood | None
    wan_variant: str
    auxiliary_equipment: str
    exemption_category_2: bool
    exemption_ends_date: date | None
    known_issue: str
    likely_resolution: str

    @property
    def csp(self) -> str:
        """The CSP responsible for the place."""
        return self.csp_region.csp

    @property
    def place(self) -> str:
        """Property and postcode, or the postcode alone."""
        return f"{self.property_name}, {self.postcode}" if self.property_name else self.postcode

    @property
    def available_text(self) -> str:
        """Yes or No."""
        return "Yes" if self.coverage_available else "No"

    @property
    def anticipated_text(self) -> str:
        """The anticipated date as ISO text, `No Coverage Intended`, or nothing."""
        if self.coverage_available:
            return ""
        if self.no_coverage_intended:
            return NO_COVERAGE_INTENDED
        return self.anticipated_date.isoformat() if self.anticipated_date else ""

    @property
    def additional_information(self) -> str:
        """Service Exemption Category 2 and known issues, in sentences (SSI-FR-13)."""
        parts = []
        if self.exemption_category_2:
            ends = (
                f" until {self.exemption_ends_date:%-d %B %Y}" if self.exemption_ends_date else ""
            )
            parts.append(f"Within a Service Exemption Category 2 area{ends}.")
        if self.known_issue:
            parts.append(_sentence(self.known_issue))
        if self.likely_resolution:
            parts.append(f"Likely resolution: {_sentence(self.likely_resolution)}")
        return " ".join(parts)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


CSV_HEADER: Final = (
    "CSP",
    "Postcode",
    "Property",
    "Coverage available",
    "Anticipated coverage",
    "Likelihood of connectivity",
    "WAN Variant",
    "Auxiliary equipment",
    "Additional information",
)


def csv_row(coverage: Coverage) -> Sequence[str]:
    """The columns of the screen, in the order of CSV_HEADER (SSI-FR-13)."""
    return (
        coverage.csp,
        coverage.postcode,
        coverage.property_name,
        coverage.available_text,
        coverage.anticipated_text,
        coverage.likelihood or "",
        coverage.wan_variant,
        coverage.auxiliary_equipment,
        coverage.additional_information,
    )


def property_key(text: str) -> str:
    """The property name or number as compared: its words and numbers, in capitals."""
    return _NOT_KEY.sub(" ", text.upper()).strip()


def is_smets1(csp_region: str, s1sp: str) -> bool:
    """Whether a Device's record makes it a SMETS1 Device, for which an S1SP answers (DIAG-1)."""
    return csp_region == "SMETS1" or bool(s1sp)


def parse_row(row: Mapping[str, str]) -> Coverage:
    """Return the coverage said by one row of the file.

    Raises:
        Refused: a value is not of its kind; the message names the column.
    """
    postcode = row["postcode"]
    if not _NEAT_POSTCODE.fullmatch(postcode):
        postcode = parse_postcode(postcode)
    place = row.get("property", "")
    if place and not property_key(place):
        raise Refused(f"property is {place}, which names no place.", code="bad_property")
    anticipated = row.get("anticipated_date", "")
    not_intended = anticipated.casefold() == NO_COVERAGE_INTENDED.casefold()
    return Coverage(
        postcode=postcode,
        property_name=_text(row, "property", 100),
        csp_region=_word(row, "csp_region", _REGIONS),
        coverage_available=_word(row, "coverage_available", _YES_NO),
        anticipated_date=None if not_intended else _date("anticipated_date", anticipated),
        no_coverage_intended=not_intended,
        likelihood=_word(row, "likelihood", _LIKELIHOODS) if row.get("likelihood") else None,
        wan_variant=_text(row, "wan_variant", 100),
        auxiliary_equipment=_text(row, "auxiliary_equipment", 250),
        exemption_category_2=_word(row, "exemption_category_2", _YES_NO)
        if row.get("exemption_category_2")
        else False,
        exemption_ends_date=_date("exemption_ends_date", row.get("exemption_ends_date", "")),
        known_issue=_text(row, "known_issue", _MAX_TEXT),
        likely_resolution=_text(row, "likely_resolution", _MAX_TEXT),
    )


_YES_NO: Final = {"yes": True, "no": False}
_REGIONS: Final = {region.value.lower(): region for region in Region}
_LIKELIHOODS: Final = {likelihood.value.lower(): likelihood for likelihood in Likelihood}


def _word(row: Mapping[str, str], column: str, words: Mapping[str, T]) -> T:
    try:
        return words[row.get(column, "").lower()]
    except KeyError:
        allowed = ", ".join(str(word).capitalize() for word in words)
        raise Refused(
            f"{column} is {row.get(column) or 'empty'}; it is one of {allowed}.",
            code=f"bad_{column}",
        ) from None


def _date(column: str, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"{column} is {text}; dates are written as 2026-12-31.", code=f"bad_{column}"
        ) from None
    if not 2000 <= day.year <= 2100:
        raise Refused(f"{column} is {text}, outside 2000 to 2100.", code=f"bad_{column}")
    return day


def _text(row: Mapping[str, str], column: str, most: int) -> str:
    text = row.get(column, "")
    if len(text) > most:
        raise Refused(f"{column} is longer than {most} characters.", code="too_long")
    return text
