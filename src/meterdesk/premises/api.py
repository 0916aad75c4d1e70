"""Premises and Diagnose by API, with the same parts for the same rights as the page."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from meterdesk.coverage.api import CoverageOut, coverage_out
from meterdesk.diagnosis.actions import make_diagnosis
from meterdesk.diagnosis.rules import Verdict
from meterdesk.hubs.api import HubDataOut, hub_data_out
from meterdesk.identity.queries import ActorRequest
from meterdesk.inventory.api.responsible import ResponsiblePoint, responsible_point
from meterdesk.inventory.queries import DeviceDetails
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.kernel.identifiers import parse_mpxn
from meterdesk.premises.queries import PremisesPage, premises_page, responsible_on_day
from meterdesk.premises.rules import Event, Happening
from meterdesk.registration.queries import MeterPoint, PartyView, PointParties
from meterdesk.registration.rules import MeterPointKind
from meterdesk.registration.rules.troubles import Master

router = Router(tags=["Premises"])


class PartyOut(Schema):
    """A party; name and UserId only for those registered at the premises and the operator."""

    label: str
    organisation: str | None
    user_id: str | None


class MeterPointOut(Schema):
    """A meter point and who is registered at it now."""

    mpxn: str
    kind: MeterPointKind
    supplier: PartyOut | None
    network_party: PartyOut | None
    agent: PartyOut | None


class AddressOut(Schema):
    """An address as registered."""

    property: str
    street: str
    town: str
    postcode: str


class PremisesDeviceOut(Schema):
    """A Device; the last answer and failure are null where messages are not for the reader."""

    device_id: str
    device_type: DeviceType
    status: DeviceStatus | None
    status_at: datetime | None
    associated: list[str]
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure_code: str | None


class EventOut(Schema):
    """One thing that happened; `times` counts the same on one day, `first_at` the oldest."""

    kind: Happening
    at: datetime
    title: str
    where: str
    detail: str
    times: int
    first_at: datetime | None


class PremisesHubOut(HubDataOut):
    """A hub of the premises."""

    device_id: str


class OpenIncidentOut(Schema):
    """An open incident that the reader may know of."""

    reference: str
    state: str
    category: int
    summary: str
    responsible: str
    raised_at: datetime


class VerdictOut(Schema):
    """What the evidence at hand says; Diagnose runs every check."""

    verdict: Verdict
    sentence: str
    likely_cause: str | None
    responsible_party: str | None
    what_to_do_first: str | None
    left_out: list[str]


class DisputedOut(Schema):
    """A datum of which the provider of registration data says something else (REG-3).

    `master`: whose version counts until it is settled. The values are for the operator alone.
    """

    mpxn: str
    what: str
    master: Master
    reported_at: datetime
    held: str | None = None
    reported: str | None = None


class PremisesQuery(Schema):
    """The day of `responsible`; now when left out."""

    on: date | None = Field(None, description="A day gone by, in Great Britain; as it ended.")


class PremisesOut(Schema):
    """Everything about a premises; a part that is null is not for the reader.

    `responsible` is who was registered on the day asked for; `meter_points` is of now.
    """

    address: AddressOut
    uprn: str | None
    csp_region: str | None
    meter_points: list[MeterPointOut]
    verdict: VerdictOut
    devices: list[PremisesDeviceOut]
    events: list[EventOut]
    coverage: CoverageOut | None
    hubs: list[PremisesHubOut] | None
    open_incidents: list[OpenIncidentOut] | None
    responsible: list[ResponsiblePoint]
    disputed: list[DisputedOut]


class EvidenceOut(Schema):
    """One thing that was looked at."""

    label: str
    value: str


class FindingOut(Schema):
    """What a check found; NOT_SHOWN: left out for want of rights."""

    check: str
    title: str
    verdict: Verdict
    summary: str
    evidence: list[EvidenceOut]
    cause: str | None
    responsible: str | None
    first_step: str | None


class DiagnosisOut(VerdictOut):
    """A diagnosis, kept under `id` so that an incident can carry it."""

    id: UUID
    at: datetime
    checks: list[FindingOut]


@router.get(
    "/premises/{mpxn}",
    response=PremisesOut,
    operation_id="get_premises",
    summary="Everything about a premises",
    description="By MPAN or MPRN. Parts that the token's rights do not include are null.",
)
def get_premises(
    request: ActorRequest, mpxn: Path[str], query: Query[PremisesQuery]
) -> PremisesOut:
    """The premises of a meter point."""
    actor, now = request.actor, timezone.now()
    page = premises_page(actor, parse_mpxn(mpxn).value, now)
    return _out(page, responsible_on_day(actor, page, query.on, now))


@router.post(
    "/premises/{mpxn}/diagnosis",
    response={201: DiagnosisOut},
    operation_id="diagnose_premises",
    summary="Diagnose a premises",
    description=(
        "Runs every check over the evidence that the token's rights include, says which were left "
        "out, and keeps the outcome to be attached to an incident."
    ),
)
def diagnose_premises(request: ActorRequest, mpxn: Path[str]) -> Status[dict[str, Any]]:
    """Run every check and keep the outcome."""
    actor = request.actor
    kept, diagnosis = make_diagnosis(actor, mpxn=parse_mpxn(mpxn).value, at=timezone.now())
    return Status(201, {"id": kept, **diagnosis.as_json()})


def _out(page: PremisesPage, responsible: Iterable[PointParties]) -> PremisesOut:
    address, gathered = page.premises.address, page.gathered
    incidents = page.incidents
    hubs = gathered.hubs
    return PremisesOut(
        address=AddressOut(
            property=address.property,
            street=address.street,
            town=address.town,
            postcode=address.postcode,
        ),
        uprn=page.premises.uprn or None,
        csp_region=page.region or None,
        meter_points=[_point(one) for one in page.premises.meter_points],
        verdict=_verdict(page),
        devices=[_device(one, page) for one in gathered.devices],
        events=[_event(one) for one in page.events],
        coverage=coverage_out(gathered.coverage) if gathered.coverage else None,
        hubs=None
        if hubs is None
        else [PremisesHubOut(device_id=hub.device_id, **hub_data_out(hub)) for hub in hubs],
        open_incidents=None
        if incidents is None
        else [
            OpenIncidentOut(
                reference=one.reference,
                state=one.state.value,
                category=one.category,
                summary=one.summary,
                responsible=one.responsible,
                raised_at=one.raised_at,
            )
            for one in incidents
        ],
        responsible=[responsible_point(one) for one in responsible],
        disputed=[DisputedOut.from_orm(one) for one in page.disputed],
    )


def _verdict(page: PremisesPage) -> VerdictOut:
    verdict = page.verdict
    return VerdictOut(
        verdict=verdict.verdict,
        sentence=verdict.sentence,
        likely_cause=verdict.likely_cause,
        responsible_party=verdict.responsible_party,
        what_to_do_first=verdict.what_to_do_first,
        left_out=list(verdict.left_out),
    )


def _point(point: MeterPoint) -> MeterPointOut:
    parties = point.parties
    return MeterPointOut(
        mpxn=point.mpxn,
        kind=point.kind,
        supplier=_party(parties.supplier),
        network_party=_party(parties.network_party),
        agent=_party(parties.agent),
    )


def _party(party: PartyView | None) -> PartyOut | None:
    if party is None:
        return None
    return PartyOut(label=party.label, organisation=party.organisation_name, user_id=party.user_id)


def _device(one: DeviceDetails, page: PremisesPage) -> PremisesDeviceOut:
    activity = page.gathered.activity
    contact = activity.of(one.device_id) if activity else None
    success = contact.last_success if contact else None
    failure = contact.last_failure if contact else None
    return PremisesDeviceOut(
        device_id=one.device_id,
        device_type=one.device_type,
        status=one.status,
        status_at=one.status_at,
        associated=list(one.associated),
        last_success_at=success.received_at if success else None,
        last_failure_at=failure.received_at if failure else None,
        last_failure_code=(failure.response_code or None) if failure else None,
    )


def _event(event: Event) -> EventOut:
    return EventOut(
        kind=event.kind,
        at=event.at,
        title=event.title,
        where=event.where,
        detail=event.detail,
        times=event.times,
        first_at=event.first_at,
    )
