"""Reads of the map of coverage: a mark an outcode, or a mark a postcode of one (SSI-FR-12, 15)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from meterdesk.coverage.access import COMPONENT, visible_to
from meterdesk.coverage.models import CoverageRow, OutcodePlace, OutcodeSummary, PostcodePlace
from meterdesk.coverage.rules.maps import Mark, commonest, mark_of
from meterdesk.identity.rules import Actor
from meterdesk.kernel.paging import Order, Page, PageRequest, after_cursor, page_of

MOST: Final = 3_500
"""Marks of a map at most: there are about 3,000 outcodes, and as many postcodes in the largest."""


@dataclass(frozen=True, slots=True)
class OutcodeCoverage:
    """How many postcodes of an outcode have which likelihood; `mark` is what most of them have."""

    outcode: str
    high: int
    medium: int
    low: int
    unsaid: int
    without: int

    @property
    def counts(self) -> Mapping[Mark, int]:
        """By mark, worst first."""
        return {mark: getattr(self, mark.value) for mark in Mark}

    @property
    def mark(self) -> Mark:
        """What most postcodes say; of equals the worse."""
        return commonest(self.counts)


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark on a map: an outcode or a postcode, where it is, what it says, and that in words."""

    code: str
    easting: int
    northing: int
    mark: Mark
    words: str


_BY_OUTCODE: Final = (Order("outcode", str),)


def outcodes(actor: Actor, page: PageRequest) -> Page[OutcodeCoverage]:
    """Coverage by outcode, in their order; nothing without the component."""
    if not actor.may_use(COMPONENT):
        return Page(())
    found = OutcodeSummary.objects.all()
    if keyset := after_cursor("coverage outcodes", _BY_OUTCODE, page):
        found = found.filter(**keyset.guard, **keyset.alternatives[0])
    rows = [_summary(one) for one in found.order_by("outcode")[: page.limit + 1]]
    return page_of("coverage outcodes", rows, page, lambda row: (row.outcode,))


def country_map(actor: Actor) -> list[Placed]:
    """A mark for each outcode whose place is known, by what most of its postcodes say."""
    if not actor.may_use(COMPONENT):
        return []
    places = dict(_places(OutcodePlace.objects.values_list("outcode", "easting", "northing")))
    marks = []
    for one in map(_summary, OutcodeSummary.objects.order_by("outcode")[:MOST]):
        if place := places.get(one.outcode):
            said = (f"{mark.word} {count:,}" for mark, count in one.counts.items() if count)
            marks.append(Placed(one.outcode, *place, one.mark, ", ".join(said)))
    return marks


def outcode_map(actor: Actor, outcode: str) -> list[Placed]:
    """A mark for each postcode of an outcode whose place is known."""
    within = {"postcode__gte": f"{outcode} ", "postcode__lt": f"{outcode}!"}
    found = PostcodePlace.objects.filter(**within)
    places = dict(_places(found.values_list("postcode", "easting", "northing")))
    said = CoverageRow.objects.filter(visible_to(actor), property_key="", **within)
    rows = said.values_list("postcode", "coverage_available", "likelihood").order_by("postcode")
    marks = []
    for postcode, is_available, likelihood in rows[:MOST]:
        if place := places.get(postcode):
            mark = mark_of(is_available, likelihood)
            marks.append(Placed(postcode, *place, mark, mark.word))
    return marks


def has_places() -> bool:
    """Whether any place was taken in."""
    return OutcodePlace.objects.exists()


def _places(rows: Iterable[tuple[str, int, int]]) -> Iterator[tuple[str, tuple[int, int]]]:
    return ((code, (easting, northing)) for code, easting, northing in rows)


def _summary(one: OutcodeSummary) -> OutcodeCoverage:
    return OutcodeCoverage(one.outcode, one.high, one.medium, one.low, one.unsaid, one.without)
