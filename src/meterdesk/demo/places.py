"""Where the demonstration homes stand: postcode areas with their distributor and CSP Region.

Distributor ids are the real ones of each area; districts, streets and homes are invented.
"""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Place:
    """A postcode area: letters, post town, distributor id of its MPANs, CSP Region, weight."""

    area: str
    town: str
    distributor: str
    region: str
    districts: int


PLACES = (
    Place("NR", "Norwich", "10", "Central", 30),
    Place("IP", "Ipswich", "10", "Central", 33),
    Place("CM", "Chelmsford", "10", "South", 24),
    Place("NG", "Nottingham", "11", "Central", 25),
    Place("LE", "Leicester", "11", "Central", 19),
    Place("DE", "Derby", "11", "Central", 15),
    Place("SE", "London", "12", "South", 28),
    Place("N", "London", "12", "South", 22),
    Place("L", "Liverpool", "13", "North", 40),
    Place("CH", "Chester", "13", "Central", 8),
    Place("B", "Birmingham", "14", "Central", 50),
    Place("WV", "Wolverhampton", "14", "Central", 16),
    Place("NE", "Newcastle upon Tyne", "15", "North", 49),
    Place("DH", "Durham", "15", "North", 9),
    Place("M", "Manchester", "16", "North", 46),
    Place("PR", "Preston", "16", "North", 9),
    Place("AB", "Aberdeen", "17", "North", 25),
    Place("IV", "Inverness", "17", "North", 28),
    Place("G", "Glasgow", "18", "North", 46),
    Place("EH", "Edinburgh", "18", "North", 55),
    Place("BN", "Brighton", "19", "South", 27),
    Place("ME", "Rochester", "19", "South", 20),
    Place("SO", "Southampton", "20", "South", 24),
    Place("OX", "Oxford", "20", "South", 20),
    Place("CF", "Cardiff", "21", "Central", 24),
    Place("SA", "Swansea", "21", "Central", 20),
    Place("EX", "Exeter", "22", "South", 24),
    Place("PL", "Plymouth", "22", "South", 21),
    Place("LS", "Leeds", "23", "North", 29),
    Place("S", "Sheffield", "23", "North", 36),
)

STREETS = (
    "Alder Lane", "Beech Road", "Canal Street", "Chapel Hill", "Church Street", "Coppice Way",
    "Dale View", "Elm Grove", "Fern Close", "Foundry Street", "Granary Row", "Harbour Road",
    "Heron Way", "High Street", "Ivy Terrace", "Juniper Drive", "Kiln Lane", "Larch Avenue",
    "Manor Road", "Meadow Rise", "Mill Lane", "North Parade", "Orchard Close", "Park Avenue",
    "Priory Road", "Quarry Bank", "Ridge Way", "Rowan Court", "School Lane", "Spring Gardens",
    "Station Road", "Tanner Street", "Union Street", "Victoria Road", "Well Street", "Willow Drive",
)  # fmt: skip
HOUSE_NAMES = ("Rose Cottage", "The Old Forge", "Mill House", "Ivy Bank", "The Lodge", "Hillside")
INCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
HOMES_A_POSTCODE = 15


@dataclass(frozen=True, slots=True)
class Postcode:
    """One demonstration postcode: where it is and the street it covers."""

    text: str
    place: Place
    street: str

    @property
    def outcode(self) -> str:
        """The postcode less its last three characters."""
        return self.text.split(" ")[0]


def postcode_of(index: int) -> Postcode:
    """The postcode of home `index`: fifteen homes share one; areas alternate, outcodes recur.

    Distinct for the first 3.6 million homes: 30 areas times districts, sectors and letter pairs.
    """
    number = index // HOMES_A_POSTCODE
    place = PLACES[number % len(PLACES)]
    number //= len(PLACES)
    district = number % place.districts + 1
    unit = (number // place.districts * 1_237 + 611 * district + 389 * PLACES.index(place)) % 4_000
    sector, unit = unit % 10, unit // 10
    first, second = INCODE_LETTERS[unit % 20], INCODE_LETTERS[unit // 20]
    text = f"{place.area}{district} {sector}{first}{second}"
    return Postcode(text, place, STREETS[(index // HOMES_A_POSTCODE * 7) % len(STREETS)])


def property_of(index: int, rng: Random) -> str:
    """House number or, now and then, a name; distinct within a postcode."""
    if rng.random() < 0.04:
        return HOUSE_NAMES[index % len(HOUSE_NAMES)] + f" {index % HOMES_A_POSTCODE + 1}"
    return str(index % HOMES_A_POSTCODE * 2 + 1)
