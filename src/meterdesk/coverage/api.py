"""Coverage by API (SSI-FR-12, SSI-FR-13)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from meterdesk.coverage.actions.switching import ask_switch, refuse_version
from meterdesk.coverage.queries import CoverageSearch, coverage_of
from meterdesk.coverage.queries.maps import outcodes
from meterdesk.coverage.queries.versions import differences, version, versions
from meterdesk.coverage.rules import Coverage, Likelihood, Region
from meterdesk.coverage.rules.versions import VersionState
from meterdesk.identity.queries import ActorRequest
from meterdesk.platform.api import IF_MATCH, Paged, name_version, required_version

Number = Annotated[int, Field(ge=1, le=2**62)]

router = Router(tags=["Coverage"])


class CoverageOut(Schema):
    """SM WAN coverage at a postcode (property null) or at one premises of it."""

    csp: str
    csp_region: Region
    postcode: str
    property: str | None
    coverage_available: bool
    anticipated_date: date | None
    no_coverage_intended: bool
    likelihood: Likelihood | None
    wan_variant: str | None
    auxiliary_equipment: str | None
    exemption_category_2: bool
    exemption_ends_date: date | None
    known_issue: str | None
    likely_resolution: str | None
    additional_information: str | None


class CoveragePage(Schema):
    """A page of coverage; `next` is the cursor of what follows, null at the end."""

    items: list[CoverageOut]
    next: str | None


class CoverageQuery(Paged):
    """Which place: a postcode, perhaps with a property, or an outcode."""

    postcode: Annotated[str, Field(max_length=20)] = ""
    outcode: Annotated[str, Field(max_length=10)] = ""
    property: Annotated[str, Field(max_length=100)] = ""


@router.get(
    "/coverage",
    response=CoveragePage,
    operation_id="search_coverage",
    summary="SM WAN coverage",
    description=(
        "By `postcode`, by `postcode` and `property`, or by `outcode`. A property without a row of "
        "its own is answered with its postcode's, whose `property` is null."
    ),
)
def search_coverage(request: ActorRequest, query: Query[CoverageQuery]) -> dict[str, Any]:
    """Coverage at a place."""
    wanted = CoverageSearch(
        postcode=query.postcode, property_name=query.property, outcode=query.outcode
    )
    actor = request.actor
    page = coverage_of(actor, wanted, query.page)
    return {"items": [coverage_out(coverage) for coverage in page.items], "next": page.next}


def coverage_out(coverage: Coverage) -> CoverageOut:
    """Coverage as the API gives it."""
    return CoverageOut(
        csp=coverage.csp,
        csp_region=coverage.csp_region,
        postcode=coverage.postcode,
        property=coverage.property_name or None,
        coverage_available=coverage.coverage_available,
        anticipated_date=coverage.anticipated_date,
        no_coverage_intended=coverage.no_coverage_intended,
        likelihood=coverage.likelihood,
        wan_variant=coverage.wan_variant or None,
        auxiliary_equipment=coverage.auxiliary_equipment or None,
        exemption_category_2=coverage.exemption_category_2,
        exemption_ends_date=coverage.exemption_ends_date,
        known_issue=coverage.known_issue or None,
        likely_resolution=coverage.likely_resolution or None,
        additional_information=coverage.additional_information or None,
    )


class OutcodeOut(Schema):
    """How many postcodes of an outcode have which likelihood, or no coverage, or nothing said."""

    outcode: str
    high: int
    medium: int
    low: int
    without: int
    unsaid: int


class OutcodePage(Schema):
    """A page of outcodes; `next` is the cursor of what follows, null at the end."""

    items: list[OutcodeOut]
    next: str | None


@router.get(
    "/coverage/outcodes",
    response=OutcodePage,
    operation_id="list_coverage_outcodes",
    summary="SM WAN coverage by outcode",
    description="What the map of Great Britain is drawn from; a postcode counts once.",
)
def list_outcodes(request: ActorRequest, query: Query[Paged]) -> Any:
    """Coverage by outcode (SSI-FR-12, SSI-FR-15)."""
    actor = request.actor
    return outcodes(actor, query.page)


class VersionOut(Schema):
    """A load of the whole country; `rows` are places in it, `refused` rows that were wrong."""

    id: int
    name: str
    state: VersionState
    rows: int
    refused: int
    begun_at: datetime
    ready_at: datetime | None
    switched_at: datetime | None
    switched_by: str
    note: str
    version: int


class VersionDecisionIn(Schema):
    """Switch it in, so that it counts, or put it away."""

    decision: Literal["switch", "refuse"]


class VersionList(Schema):
    """The latest versions, newest first."""

    items: list[VersionOut]


@router.get(
    "/coverage/versions",
    response=VersionList,
    operation_id="list_coverage_versions",
    summary="Versions of coverage",
    description="Loads of the whole country, newest first, 50 at most; for the operator.",
)
def list_versions(request: ActorRequest) -> Any:
    """Versions with state and counts (SSI-FR-13)."""
    return {"items": versions(request.actor)}


@router.get(
    "/coverage/versions/{version_id}",
    response=VersionOut,
    operation_id="get_coverage_version",
    summary="A version of coverage",
    description="Where it stands. While it is SWITCHING, every answer comes from the one before.",
)
def get_version(request: ActorRequest, response: HttpResponse, version_id: Path[Number]) -> Any:
    """One version (SSI-FR-13)."""
    found = version(request.actor, version_id)
    name_version(response, found.version)
    return found


class CoverageDifferenceOut(Schema):
    """How many places of an outcode differ from what counted before, and premises that stand there.

    `gained` and `lost` are places that gain or lose coverage.
    """

    outcode: str
    added: int
    removed: int
    changed: int
    gained: int
    lost: int
    premises_gained: int
    premises_lost: int


class CoverageDifferencePage(Schema):
    """A page of outcodes; `next` is the cursor of what follows, null at the end."""

    items: list[CoverageDifferenceOut]
    next: str | None


@router.get(
    "/coverage/versions/{version_id}/differences",
    response=CoverageDifferencePage,
    operation_id="list_coverage_differences",
    summary="What a version of coverage changes",
    description="By outcode, against what counted when it was compared last: before its switch.",
)
def list_differences(request: ActorRequest, version_id: Path[Number], query: Query[Paged]) -> Any:
    """Differences by outcode (SSI-FR-13)."""
    version(request.actor, version_id)
    return differences(request.actor, version_id, query.page)


@router.post(
    "/coverage/versions/{version_id}/decision",
    response={201: VersionOut},
    operation_id="decide_coverage_version",
    summary="Switch a version in, or put it away",
    description="A version that is READY. It is switched in by a job, in a few minutes: read it "
    "until it is CURRENT; READY again, with a note, means that nothing was changed.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def decide_version(request: ActorRequest, version_id: Path[Number], body: VersionDecisionIn) -> Any:
    """Decide about a version that waits (SSI-FR-13)."""
    actor = request.actor
    act = ask_switch if body.decision == "switch" else refuse_version
    act(actor, version_id, at=timezone.now(), version=required_version(request))
    return Status(201, version(actor, version_id))
