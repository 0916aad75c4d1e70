"""Versions of coverage and what they change, for the operator's staff."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db.models import Sum

from meterdesk.coverage.access import require_reader
from meterdesk.coverage.models import CoverageVersion, OutcodeDifference
from meterdesk.coverage.rules.versions import SWITCH_STEPS, VersionState
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Order, Page, PageRequest, after_cursor, page_of

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class VersionView:
    """A load of the whole country and where it stands.

    Attributes:
        step: while it is switched in, the number of what is being done.
        note: why a switch that was asked for did not happen.
    """

    id: int
    name: str
    state: VersionState
    rows: int
    refused: int
    begun_at: datetime
    ready_at: datetime | None
    switched_at: datetime | None
    switched_by: str
    step: int
    note: str
    version: int

    @property
    def step_words(self) -> str:
        """What is being done while it is switched in."""
        return SWITCH_STEPS[self.step]


@dataclass(frozen=True, slots=True)
class Difference:
    """How many places differ: of one outcode, or of all (outcode empty)."""

    outcode: str
    added: int
    removed: int
    changed: int
    gained: int
    lost: int
    premises_gained: int
    premises_lost: int


_COUNTS: Final = tuple(field.name for field in fields(Difference) if field.name != "outcode")


def versions(actor: Actor) -> list[VersionView]:
    """The latest versions, newest first. Raises NotAllowed."""
    require_reader(actor)
    return [_view(one) for one in CoverageVersion.objects.order_by("-pk")[:MOST]]


def version(actor: Actor, version_id: int) -> VersionView:
    """One version. Raises NotAllowed, NotVisible."""
    require_reader(actor)
    found = CoverageVersion.objects.filter(pk=version_id).first()
    if found is None:
        raise NotVisible()
    return _view(found)


def _view(one: CoverageVersion) -> VersionView:
    values = {field.name: getattr(one, field.name) for field in fields(VersionView)}
    return VersionView(**values | {"state": VersionState(one.state)})


def total_difference(actor: Actor, version_id: int) -> Difference:
    """What a version changes in all. Raises NotAllowed."""
    require_reader(actor)
    found = OutcodeDifference.objects.filter(version_id=version_id)
    sums = found.aggregate(**{name: Sum(name, default=0) for name in _COUNTS})
    return Difference(outcode="", **sums)


_BY_OUTCODE: Final = (Order("outcode", str),)


def differences(actor: Actor, version_id: int, page: PageRequest) -> Page[Difference]:
    """What a version changes, by outcode. Raises NotAllowed."""
    require_reader(actor)
    scope = f"coverage differences {version_id}"
    found = OutcodeDifference.objects.filter(version_id=version_id)
    if keyset := after_cursor(scope, _BY_OUTCODE, page):
        found = found.filter(**keyset.guard, **keyset.alternatives[0])
    rows = [
        Difference(one.outcode, **{name: getattr(one, name) for name in _COUNTS})
        for one in found.order_by("outcode")[: page.limit + 1]
    ]
    return page_of(scope, rows, page, lambda row: (row.outcode,))
