"""Where places are, and what their mark on a map says. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import cos, radians, sin, sqrt, tan
from typing import Final

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import InvalidIdentifier, parse_outcode, parse_postcode

PLACE_COLUMNS: Final = ("postcode",)
_EASTINGS, _NORTHINGS = range(700_001), range(1_300_001)

# The National Grid's transverse Mercator, on the ellipsoid of GPS: 150 m off at worst, and the
# same way for neighbours, which no map of ours shows.
_RADIUS, _SQUEEZE, _SCALE = 6_378_137.0, 0.00669438, 0.9996012717
_LATITUDE, _LONGITUDE = radians(49), radians(-2)
_FALSE_EASTING, _FALSE_NORTHING = 400_000, -100_000


class Mark(StrEnum):
    """What is said of a place, worst first."""

    WITHOUT = "without"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    UNSAID = "unsaid"

    @property
    def word(self) -> str:
        """As shown to people."""
        return {"without": "No coverage", "unsaid": "Not said"}.get(self.value, self.capitalize())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a postcode or an outcode is, in metres of the British National Grid."""

    code: str
    easting: int
    northing: int

    @property
    def is_outcode(self) -> bool:
        """Whether it is the middle of an outcode."""
        return " " not in self.code


def parse_place(row: Mapping[str, str]) -> Place:
    """Return the place of one row: by latitude and longitude, or by easting and northing.

    Raises:
        Refused: a value is not of its kind or not in Great Britain; the message names the column.
    """
    code = _code(row["postcode"])
    if row.get("latitude") or row.get("longitude"):
        easting, northing = grid_of(_number(row, "latitude"), _number(row, "longitude"))
    else:
        easting, northing = round(_number(row, "easting")), round(_number(row, "northing"))
    if easting not in _EASTINGS or northing not in _NORTHINGS:
        raise Refused(f"{code} would not be in Great Britain.", code="outside")
    return Place(code, easting, northing)


def _code(text: str) -> str:
    try:
        return parse_postcode(text)
    except InvalidIdentifier:
        return parse_outcode(text)


def _number(row: Mapping[str, str], column: str) -> float:
    text = row.get(column, "")
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not -1e7 < number < 1e7:
        raise Refused(
            f"{column} is {text or 'empty'}; give latitude and longitude in degrees, or easting"
            " and northing in metres.",
            code="bad_position",
        )
    return number


def grid_of(latitude: float, longitude: float) -> tuple[int, int]:
    """Easting and northing in metres of a place in degrees, to about 150 m; `outside` is Refused.

    Raises:
        Refused: not near Great Britain, where the projection does not hold.
    """
    if not (49 <= latitude <= 61.5 and -9 <= longitude <= 2.5):
        raise Refused("This would not be in Great Britain.", code="outside")
    angle, across = radians(latitude), radians(longitude) - _LONGITUDE
    second = _SQUEEZE / (1 - _SQUEEZE)
    n = _RADIUS * _SCALE / sqrt(1 - _SQUEEZE * sin(angle) ** 2)
    t, c, a = tan(angle) ** 2, second * cos(angle) ** 2, across * cos(angle)
    east = n * (a + (1 - t + c) * a**3 / 6 + (5 - 18 * t + t * t + 72 * c) * a**5 / 120)
    north = _SCALE * (_meridian(angle) - _meridian(_LATITUDE)) + n * tan(angle) * (
        a * a / 2 + (5 - t + 9 * c) * a**4 / 24 + (61 - 58 * t + t * t) * a**6 / 720
    )
    return round(_FALSE_EASTING + east), round(_FALSE_NORTHING + north)


def _meridian(angle: float) -> float:
    """Metres from the equator along a meridian."""
    e = _SQUEEZE
    return _RADIUS * (
        (1 - e / 4 - 3 * e * e / 64) * angle
        - (3 * e / 8 + 3 * e * e / 32) * sin(2 * angle)
        + (15 * e * e / 256) * sin(4 * angle)
    )


def mark_of(is_available: bool, likelihood: str) -> Mark:
    """The mark of a postcode."""
    if not is_available:
        return Mark.WITHOUT
    return Mark(likelihood.lower()) if likelihood else Mark.UNSAID


def commonest(counts: Mapping[Mark, int]) -> Mark:
    """What most postcodes say; of equals the worse."""
    return max(Mark, key=lambda mark: counts.get(mark, 0))


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing `width` by `height` units of a part of the grid.

    `left` and `top` are metres of the grid; `metres` is what a unit spans.
    """

    left: float
    top: float
    metres: float
    width: float
    height: float

    def at(self, easting: float, northing: float) -> tuple[float, float]:
        """Where a place is in the drawing."""
        return (easting - self.left) / self.metres, (self.top - northing) / self.metres


def frame_of(places: Sequence[tuple[int, int]], least_width: float, size: int = 900) -> Frame:
    """A frame around some places (one at least).

    Args:
        places: easting and northing of each.
        least_width: the least width as a share of the height, so that a band is no thread.
        size: units of the longer side.
    """
    eastings, northings = [one[0] for one in places], [one[1] for one in places]
    wide, high = max(eastings) - min(eastings), max(northings) - min(northings)
    margin = max(wide, high, 800) * 0.05
    over = max((wide * 0.4 - high) / 2, 0) + margin
    side = max(((high + 2 * over) * least_width - wide) / 2, margin)
    metres = max(wide + 2 * side, high + 2 * over) / size
    return Frame(
        min(eastings) - side,
        max(northings) + over,
        metres,
        round((wide + 2 * side) / metres, 1),
        round((high + 2 * over) / metres, 1),
    )
