"""Reads of coverage (SSI-FR-12 to 15, DIAG-1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from meterdesk.coverage.access import visible_to
from meterdesk.coverage.models import CoverageRow, CoverageVersion
from meterdesk.coverage.rules import Coverage, Likelihood, Region, is_smets1, property_key
from meterdesk.coverage.rules.versions import VersionState
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.inventory.queries import device
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.kernel.identifiers import parse_outcode, parse_postcode
from meterdesk.kernel.paging import (
    MAX_LIMIT,
    Order,
    Page,
    PageRequest,
    after_cursor,
    order_by,
    page_of,
)
from meterdesk.platform.intake import last_taken_in
from meterdesk.platform.intake.runs import RunSource, run_views, source_in

_ORDER = (Order("postcode", str), Order("property_key", str))


@dataclass(frozen=True, slots=True)
class CoverageSearch:
    """What coverage is asked for: a postcode, perhaps with a property; or an outcode (SSI-FR-12).

    Raises Refused (422), with a message for the field, when it is neither or both.
    """

    postcode: str = ""
    property_name: str = ""
    outcode: str = ""

    def __post_init__(self) -> None:
        if bool(self.postcode) == bool(self.outcode):
            message = "Give a full postcode, or an outcode such as AB1."
            raise Refused(message, code="which_place", fields={"postcode": message})
        if self.property_name and not self.postcode:
            message = "A property is looked for within a full postcode. Give the postcode too."
            raise Refused(message, code="which_place", fields={"property": message})
        if self.postcode:
            object.__setattr__(self, "postcode", parse_postcode(self.postcode))
        else:
            object.__setattr__(self, "outcode", parse_outcode(self.outcode))


def coverage_of(
    actor: Actor, search: CoverageSearch, page: PageRequest | None = None
) -> Page[Coverage]:
    """Coverage at the place, in order of postcode and property (SSI-FR-13).

    A postcode answers for itself and for each premises that differs from it; a property with the
    row of its own, or with its postcode's when there is none; an outcode with every row in it.
    """
    page = page or PageRequest()
    held = CoverageRow.objects.filter(visible_to(actor))
    if search.property_name:
        found = _nearest(held, search.postcode, search.property_name)
        return Page((found,) if found else ())
    if search.postcode:
        held = held.filter(postcode=search.postcode)
    else:
        # A blank ends the outcode, and "!" is the next character: one range of the primary key.
        held = held.filter(postcode__gte=f"{search.outcode} ", postcode__lt=f"{search.outcode}!")
    scope = f"coverage:{search.postcode or search.outcode}"
    keyset = after_cursor(scope, _ORDER, page)
    if keyset:
        beyond = Q()
        for alternative in keyset.alternatives:
            beyond |= Q(**alternative)
        held = held.filter(beyond, **keyset.guard)
    rows = list(held.order_by(*order_by(_ORDER))[: page.limit + 1])
    shown = page_of(scope, rows, page, lambda row: (row.postcode, row.property_key))
    return Page(tuple(_coverage(row) for row in shown.items), shown.next)


def coverage_source(actor: Actor, coverage: Coverage) -> RunSource | None:
    """The run that told of a place's coverage (issue of lineage); None: not known."""
    held = CoverageRow.objects.filter(
        visible_to(actor),
        postcode=coverage.postcode,
        property_key=property_key(coverage.property_name),
    )
    run = held.values_list("source_run", flat=True).first()
    if run is None:
        return None
    whole = actor.sees_everything(DeskPermission.NETWORK_DATA)
    return source_in(run_views([run]), run, None, with_file=whole)


def every_coverage_of(actor: Actor, search: CoverageSearch) -> Iterator[Coverage]:
    """Everything `coverage_of` answers, page after page, for a download."""
    cursor: str | None = None
    while True:
        page = coverage_of(actor, search, PageRequest(MAX_LIMIT, cursor))
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


@dataclass(frozen=True, slots=True)
class DeviceCoverage:
    """What a Device's record says of where it is, to look its coverage up by (SSI-FR-14).

    `s1sp` is set for a SMETS1 Device, to which SM WAN coverage does not apply (DIAG-1).
    """

    device_id: str
    postcode: str
    property_name: str
    is_smets1: bool
    s1sp: str


def coverage_of_device(actor: Actor, device_id: str) -> DeviceCoverage:
    """Where a Device is, or which S1SP looks after it.

    Raises:
        NotVisible: there is no such Device.
    """
    found = device(actor, device_id)
    if found is None:
        raise NotVisible("There is no Device of this id in the inventory.")
    return DeviceCoverage(
        device_id=found.device_id,
        postcode=found.postcode or "",
        property_name=found.property,
        is_smets1=is_smets1(found.csp_region, found.s1sp),
        s1sp=found.s1sp,
    )


def coverage_for_premises(postcode: str, property_name: str) -> Coverage | None:
    """The coverage that counts for a premises: its own, or else its postcode's.

    For use by the system, which asks who may read it before.
    """
    return _nearest(CoverageRow.objects.all(), postcode, property_name)


def freshness() -> datetime | None:
    """When coverage last came in: rows by themselves, or the whole that counts (SSI-NFR-35)."""
    whole = CoverageVersion.objects.filter(state=VersionState.CURRENT)
    came = [last_taken_in("coverage"), *whole.values_list("begun_at", flat=True)]
    return max((at for at in came if at), default=None)


def _nearest(held: QuerySet[CoverageRow], postcode: str, property_name: str) -> Coverage | None:
    keys = {property_key(property_name), ""}
    row = held.filter(postcode=postcode, property_key__in=keys).order_by("-property_key").first()
    return _coverage(row) if row else None


def _coverage(row: CoverageRow) -> Coverage:
    return Coverage(
        postcode=row.postcode,
        property_name=row.property_name,
        csp_region=Region(row.csp_region),
        coverage_available=row.coverage_available,
        anticipated_date=row.anticipated_date,
        no_coverage_intended=row.no_coverage_intended,
        likelihood=Likelihood(row.likelihood) if row.likelihood else None,
        wan_variant=row.wan_variant,
        auxiliary_equipment=row.auxiliary_equipment,
        exemption_category_2=row.exemption_category_2,
        exemption_ends_date=row.exemption_ends_date,
        known_issue=row.known_issue,
        likely_resolution=row.likely_resolution,
    )
