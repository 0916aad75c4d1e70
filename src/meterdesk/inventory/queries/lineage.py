"""Where each datum of a Device comes from: which run and line told of it, when, and who asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from meterdesk.identity.queries import person_names, user_id_entries
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.inventory.access import sees_requester
from meterdesk.inventory.models import Device, DeviceStatusChange, FormerAssociation
from meterdesk.inventory.queries.placements import Placement, placements_of
from meterdesk.inventory.queries.records import DeviceDetails
from meterdesk.inventory.rules import DeviceStatus, System, systems_of
from meterdesk.platform.intake.runs import RunSource, run_views, source_in

MOST_FORMER: Final = 50


@dataclass(frozen=True, slots=True)
class ToldStep:
    """A status with what told of it. `source` None: nothing is known, or nobody's file."""

    status: DeviceStatus
    at: datetime
    usual: bool
    recorded_at: datetime | None
    source: RunSource | None


@dataclass(frozen=True, slots=True)
class RequestedStep(ToldStep):
    """A status with who asked for it and why: for themselves and for the operator."""

    reason: str
    user_id: str | None
    organisation_name: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class FormerlyAssociated:
    """A Device that this one hung together with until then, and what told of their parting."""

    device_id: str
    until_at: datetime
    source: RunSource | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """A Device's sources: of its record and of each status, newest first; places and systems.

    `former` are the Devices that it no longer hangs together with, newest first.
    """

    record: RunSource | None
    steps: tuple[ToldStep, ...]
    placements: tuple[Placement, ...]
    systems: tuple[System, ...]
    former: tuple[FormerlyAssociated, ...]

    @property
    def has_moved(self) -> bool:
        """Whether it has stood elsewhere."""
        return any(one.to_at for one in self.placements)


def lineage(actor: Actor, found: DeviceDetails) -> Lineage:
    """Where the data of a Device that this actor sees comes from (INV-1, issue of lineage)."""
    rows = list(DeviceStatusChange.objects.filter(device_id=found.device_id))
    run, line = (
        Device.objects.filter(pk=found.device_id).values_list("source_run", "source_line").get()
    )
    parted = list(
        FormerAssociation.objects.filter(
            Q(device_id=found.device_id) | Q(associated_id=found.device_id)
        ).order_by("-until_at")[:MOST_FORMER]
    )
    named = {run, *(one.run for one in rows), *(one.run for one in parted)}
    runs = run_views(one for one in named if one)
    by_key = {(one.at, one.status): one for one in rows}
    allowed = {one.user_id for one in rows if sees_requester(actor, one.user_id)}
    entries = user_id_entries({eui for eui in allowed if eui}) if allowed - {None} else {}
    people = person_names({one.person_id for one in rows if one.person_id and allowed})
    operator = actor.sees_everything(DeskPermission.NETWORK_DATA)
    steps: list[ToldStep] = []
    for step in reversed(found.history):
        row = by_key.get((step.at, step.status.value))
        if row is None:
            continue
        told = (
            step.status,
            step.at,
            step.usual,
            row.recorded_at,
            source_in(runs, row.run, row.line, with_file=operator),
        )
        if row.user_id in allowed and (row.user_id or row.reason or row.person_id):
            entry = entries.get(row.user_id) if row.user_id else None
            name = entry.organisation_name if entry else None
            person = people.get(row.person_id) if row.person_id else None
            steps.append(RequestedStep(*told, row.reason, row.user_id, name, person))
        else:
            steps.append(ToldStep(*told))
    return Lineage(
        source_in(runs, run, line, with_file=operator),
        tuple(steps),
        placements_of(found.device_id),
        systems_of((one.device_type, one.status, one.status_at) for one in found.closure),
        tuple(
            FormerlyAssociated(
                one.device_id if one.associated_id == found.device_id else one.associated_id,
                one.until_at,
                source_in(runs, one.run, one.line, with_file=operator),
            )
            for one in parted
        ),
    )
