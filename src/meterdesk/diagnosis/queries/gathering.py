"""Gathering evidence: each source once, and only what the reader may see of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from meterdesk.coverage.access import COMPONENT as COVERAGE
from meterdesk.coverage.queries import coverage_for_premises
from meterdesk.coverage.rules import Coverage, is_smets1
from meterdesk.diagnosis.rules.causes import lead_point
from meterdesk.diagnosis.rules.evidence import (
    AlertFact,
    CoverageFacts,
    DeviceFact,
    Evidence,
    MessageFact,
    PointFact,
    TrailFacts,
)
from meterdesk.hubs.queries import hubs_among, meter_points_of, parties_of_hubs
from meterdesk.hubs.rules import HubData
from meterdesk.identity.rules import Actor
from meterdesk.inventory.queries import DeviceDetails, device, devices_of_premises, records_with
from meterdesk.kernel.errors import NotVisible
from meterdesk.registration.queries import (
    MeterPoint,
    Premises,
    RegisteredParties,
    parties_at_premises,
    premises_and_parties,
)
from meterdesk.registration.rules import PartyRole, unnamed
from meterdesk.trail.access import METER_READ, SERVICE_AUDIT
from meterdesk.trail.queries import DeviceActivity, TrailRow, device_activity

LOOK_BACK: Final = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read of a premises, for its page, and as evidence for its diagnosis.

    `activity`, `coverage` and `hubs` are None where the reader may not see them, and `evidence`
    has None in the same places.
    """

    premises: Premises | None
    devices: tuple[DeviceDetails, ...]
    activity: DeviceActivity | None
    coverage: Coverage | None
    hubs: tuple[HubData, ...] | None
    evidence: Evidence

    @property
    def may_see_coverage(self) -> bool:
        """Whether coverage is for the reader; it may still be that none is recorded."""
        return self.evidence.coverage is not None


def gather(actor: Actor, mpxn: str, at: datetime) -> Gathered:
    """Read what there is about the premises of a meter point.

    Raises:
        NotVisible: no such meter point is known.
    """
    found = premises_and_parties(actor, mpxn, at=at)
    if found is None:
        raise NotVisible("No premises with this MPAN or MPRN is known.")
    premises, parties = found
    devices = devices_of_premises(actor, premises.mpxns, premises.uprn or None)
    address = premises.address
    points = meter_points_of(devices)
    if set(points) <= {one.mpxn for one in parties}:
        registered = [one for one in parties if one.mpxn in points]
    else:
        registered = parties_at_premises(points, at)
    place = (address.postcode, address.property)
    return _gather(actor, premises, devices, place, registered, at)


def gather_for_device(actor: Actor, device_id: str, at: datetime) -> Gathered:
    """Read what there is about the premises of a Device, or, where that is not known, about it.

    Raises:
        NotVisible: no such Device is known.
    """
    found = device(actor, device_id)
    if found is None:
        raise NotVisible("There is no Device of this id in the inventory.")
    records = records_with(device_id)
    points = meter_points_of(records)
    for mpxn in points:
        if premises_and_parties(actor, mpxn, at=at) is not None:
            return gather(actor, mpxn, at)
    place = (found.postcode or "", found.property)
    return _gather(actor, None, records, place, parties_at_premises(points, at), at)


def _gather(
    actor: Actor,
    premises: Premises | None,
    devices: Iterable[DeviceDetails],
    place: tuple[str, str],
    registered: Iterable[RegisteredParties],
    at: datetime,
) -> Gathered:
    found = tuple(devices)
    ids = [one.device_id for one in found]
    since = at - LOOK_BACK
    sees_messages = actor.may_use(SERVICE_AUDIT) or actor.may_use(METER_READ)
    activity = device_activity(actor, ids, since) if sees_messages else None
    sees_coverage = actor.may_use(COVERAGE)
    coverage = coverage_for_premises(*place) if sees_coverage and place[0] else None
    parties = list(registered)
    everybody = frozenset().union(*(one.user_ids for one in parties))
    hubs = hubs_among(actor, parties_of_hubs(found, parties), everybody)
    points = tuple(point_fact(point) for point in premises.meter_points) if premises else ()
    evidence = Evidence(
        at=at,
        points=points,
        devices=tuple(device_fact(one) for one in found),
        trail=_trail_facts(activity, since) if activity else None,
        coverage=CoverageFacts(place[0], coverage) if sees_coverage else None,
        hubs=None if hubs is None else tuple(hubs),
    )
    evidence = _with_lead(actor, premises, evidence)
    return Gathered(premises, found, activity, coverage, evidence.hubs, evidence)


def _with_lead(actor: Actor, premises: Premises | None, evidence: Evidence) -> Evidence:
    lead = lead_point(evidence)
    for point in premises.meter_points if premises else ():
        supplier = point.parties.supplier
        if lead and point.mpxn == lead.mpxn and supplier and supplier.user_id in actor.user_ids:
            return evidence.seen_by_lead()
    return evidence


def point_fact(point: MeterPoint) -> PointFact:
    """A meter point with its parties as the reader may have them named."""
    supplier, network = point.parties.supplier, point.parties.network_party
    return PointFact(
        point.mpxn,
        point.kind,
        supplier.label if supplier else unnamed(PartyRole.SUPPLIER, point.kind),
        network.label if network else unnamed(PartyRole.NETWORK_PARTY, point.kind),
    )


def device_fact(one: DeviceDetails) -> DeviceFact:
    """A Device without what the products list says of it."""
    return DeviceFact(
        device_id=one.device_id,
        device_type=one.device_type,
        status=one.status,
        status_at=one.status_at,
        mpxns=meter_points_of([one]),
        firmware_version=one.firmware_version,
        associated=one.associated,
        is_smets1=is_smets1(one.csp_region, one.s1sp),
        s1sp=one.s1sp,
    )


def _trail_facts(activity: DeviceActivity, since: datetime) -> TrailFacts:
    contacts = (activity.devices or {}).values()
    return TrailFacts(
        since=since,
        successes=tuple(_message(one.last_success) for one in contacts if one.last_success),
        failures=tuple(_message(one.last_failure) for one in contacts if one.last_failure),
        alerts=tuple(_alert(row) for one in contacts for row in one.alerts),
    )


def _message(row: TrailRow) -> MessageFact:
    return MessageFact(row.device_id, row.received_at, row.label, row.response_code)


def _alert(row: TrailRow) -> AlertFact:
    return AlertFact(row.device_id, row.received_at, row.alert_code, row.name)
