"""Who distributes electricity, by the first two digits of an MPAN.

Numbers 10 to 23 are the areas of the distribution network operators, 24 and above belong to
independent ones. New numbers are given out from time to time, so an unknown one is no error.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Distributor:
    """A holder of a distributor id: its market participant id and short name."""

    id: str
    participant: str
    name: str
    independent: bool


_FACTS: Final = (
    ("10", "EELC", "UK Power Networks, East of England"),
    ("11", "EMEB", "National Grid, East Midlands"),
    ("12", "LOND", "UK Power Networks, London"),
    ("13", "MANW", "SP Energy Networks, Merseyside and North Wales"),
    ("14", "MIDE", "National Grid, West Midlands"),
    ("15", "NEEB", "Northern Powergrid, North East"),
    ("16", "NORW", "Electricity North West"),
    ("17", "HYDE", "SSEN, North Scotland"),
    ("18", "SPOW", "SP Energy Networks, South Scotland"),
    ("19", "SEEB", "UK Power Networks, South East"),
    ("20", "SOUT", "SSEN, Southern England"),
    ("21", "SWAE", "National Grid, South Wales"),
    ("22", "SWEB", "National Grid, South West"),
    ("23", "YELG", "Northern Powergrid, Yorkshire"),
    ("24", "IPNL", "Independent Power Networks"),
    ("25", "LENG", "ESP Electricity"),
    ("26", "GUCL", "Last Mile Electricity"),
    ("27", "ETCL", "The Electricity Network Company"),
    ("28", "EDFI", "UK Power Networks, independent"),
    ("29", "HARL", "Harlaxton Energy Networks"),
    ("30", "PENL", "Leep Electricity Networks"),
    ("31", "UKPD", "UK Power Distribution"),
    ("32", "UDNL", "Energy Assets Networks"),
    ("33", "GGEN", "Eclipse Power Networks"),
    ("34", "MPDL", "Murphy Power"),
    ("35", "FEAL", "Fulcrum Electricity Assets"),
    ("36", "VATT", "Vattenfall Networks"),
    ("37", "FORB", "Optimal Power Networks"),
    ("38", "INDI", "Indigo Power"),
)

DISTRIBUTORS: Final = {
    number: Distributor(number, participant, name, independent=int(number) >= 24)
    for number, participant, name in _FACTS
}


def distributor_of(mpan: str) -> Distributor | None:
    """Return who distributes at an MPAN core, or None when its number is not known here."""
    return DISTRIBUTORS.get(mpan[:2])
