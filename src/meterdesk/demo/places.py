"""Where the demonstration homes stand: postcode areas with their distributor and CSP Region.

Distributor ids are the real ones of each area; districts, streets and homes are invented.
"""

from dataclasses import dataclass
from math import cos, sin, sqrt
from random import Random


@dataclass(frozen=True, slots=True)
class Place:
    """A postcode area: letters, post town, distributor id of its MPANs, CSP Region, weight.

    Its middle on the National Grid and how far it reaches are in kilometres, roughly as they are.
    """

    area: str
    town: str
    distributor: str
    region: str
    districts: int
    middle: tuple[int, int]
    reach: int


PLACES = (
    Place("NR", "Norwich", "10", "Central", 30, (618, 312), 24),
    Place("IP", "Ipswich", "10", "Central", 33, (608, 250), 24),
    Place("CM", "Chelmsford", "10", "South", 24, (571, 207), 18),
    Place("NG", "Nottingham", "11", "Central", 25, (462, 340), 18),
    Place("LE", "Leicester", "11", "Central", 19, (459, 305), 18),
    Place("DE", "Derby", "11", "Central", 15, (430, 340), 16),
    Place("SE", "London", "12", "South", 28, (536, 175), 8),
    Place("N", "London", "12", "South", 22, (531, 189), 7),
    Place("L", "Liverpool", "13", "North", 40, (340, 392), 12),
    Place("CH", "Chester", "13", "Central", 8, (340, 364), 12),
    Place("B", "Birmingham", "14", "Central", 50, (407, 287), 14),
    Place("WV", "Wolverhampton", "14", "Central", 16, (388, 299), 10),
    Place("NE", "Newcastle upon Tyne", "15", "North", 49, (418, 572), 24),
    Place("DH", "Durham", "15", "North", 9, (424, 545), 12),
    Place("M", "Manchester", "16", "North", 46, (384, 398), 12),
    Place("PR", "Preston", "16", "North", 9, (354, 430), 12),
    Place("AB", "Aberdeen", "17", "North", 25, (370, 815), 34),
    Place("IV", "Inverness", "17", "North", 28, (262, 848), 38),
    Place("G", "Glasgow", "18", "North", 46, (259, 666), 24),
    Place("EH", "Edinburgh", "18", "North", 55, (322, 664), 18),
    Place("BN", "Brighton", "19", "South", 27, (528, 114), 12),
    Place("ME", "Rochester", "19", "South", 20, (575, 163), 14),
    Place("SO", "Southampton", "20", "South", 24, (442, 120), 14),
    Place("OX", "Oxford", "20", "South", 20, (451, 207), 20),
    Place("CF", "Cardiff", "21", "Central", 24, (316, 184), 18),
    Place("SA", "Swansea", "21", "Central", 20, (262, 208), 22),
    Place("EX", "Exeter", "22", "South", 24, (288, 98), 24),
    Place("PL", "Plymouth", "22", "South", 21, (240, 66), 20),
    Place("LS", "Leeds", "23", "North", 29, (430, 434), 14),
    Place("S", "Sheffield", "23", "North", 36, (435, 387), 18),
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

    @property
    def grid(self) -> tuple[int, int]:
        """Easting and northing in metres, invented: districts go round their area outwards."""
        district = int(self.outcode.removeprefix(self.place.area))
        rng = Random(self.text)
        turn = district * 2.39996
        far = 1_000 * self.place.reach * sqrt((district - 0.5) / self.place.districts)
        apart = 1_000 * self.place.reach / sqrt(self.place.districts) / 2
        easting, northing = (1_000 * km for km in self.place.middle)
        return (
            round(easting + far * cos(turn) + apart * rng.uniform(-1, 1)),
            round(northing + far * sin(turn) + apart * rng.uniform(-1, 1)),
        )


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
