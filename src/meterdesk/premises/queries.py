"""The premises page: everything about one premises that its reader may see, in few queries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from meterdesk.diagnosis.queries import LOOK_BACK, Gathered, gather, verdict_on
from meterdesk.diagnosis.rules import Diagnosis
from meterdesk.diagnosis.rules.trail import TROUBLING
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.incidents.queries import IncidentRow, open_on_premises
from meterdesk.inventory.queries import DeviceDetails, tree_of
from meterdesk.inventory.rules import DeviceStatus
from meterdesk.platform.intake import last_taken_in_each
from meterdesk.premises.rules import Event, Happening, merge
from meterdesk.registration.queries import (
    DisputedPoint,
    PointParties,
    Premises,
    disputed,
    responsible_at,
)
from meterdesk.trail.access import SERVICE_AUDIT
from meterdesk.trail.queries import TrailRow, messages_of
from meterdesk.trail.rules import Status

__all__ = ["DeviceNode", "PremisesPage", "premises_page", "responsible_on_day"]

INCIDENTS: Final = "UC_ViewSMI"
MOST_MESSAGES: Final = 80
MOST_EVENTS: Final = 40
_SOURCES: Final = ("registration", "inventory", "trail", "coverage", "hubs")
DEEPEST: Final = 5
"""Levels a tree is drawn with; what hangs deeper is drawn at the last."""


@dataclass(frozen=True, slots=True)
class DeviceNode:
    """A Device in the tree with those below it.

    `last` is the newest message that was answered or failed, None when there is none or when
    messages are not for the reader.
    """

    device: DeviceDetails
    last: TrailRow | None
    branches: list["DeviceNode"] = field(default_factory=list)

    @property
    def last_failed(self) -> bool:
        """Whether the newest message failed."""
        return self.last is not None and self.last.status is Status.FAILURE


@dataclass(frozen=True, slots=True)
class PremisesPage:
    """Everything on the page; a part that is None is not for its reader.

    Attributes:
        kinds: kinds of events that the reader may see.
        as_of: when each source last came in, by kind of intake; None: never.
    """

    premises: Premises
    gathered: Gathered
    verdict: Diagnosis
    tree: tuple[DeviceNode, ...]
    gone: tuple[DeviceDetails, ...]
    events: tuple[Event, ...]
    kinds: tuple[Happening, ...]
    incidents: tuple[IncidentRow, ...] | None
    disputed: tuple[DisputedPoint, ...]
    as_of: dict[str, datetime | None]

    @property
    def region(self) -> str:
        """The Region of the CSP: as coverage has it, or the hub's record."""
        if self.gathered.coverage is not None:
            return self.gathered.coverage.csp_region.value
        return next((one.csp_region for one in self.gathered.devices if one.csp_region), "")


def premises_page(
    actor: Actor, mpxn: str, at: datetime, only: Happening | None = None
) -> PremisesPage:
    """The premises of a meter point as it stands at `at`.

    Args:
        actor: who reads; each part is there only as far as they may see it.
        mpxn: canonical MPAN or MPRN.
        at: the present instant.
        only: kind of events to show; all when left out.

    Raises:
        NotVisible: no such meter point is known.
    """
    gathered = gather(actor, mpxn, at)
    premises = gathered.premises
    assert premises is not None  # noqa: S101  gathered by its meter point
    ids = [one.device_id for one in gathered.devices]
    sees_incidents = actor.may_use(INCIDENTS) or actor.may_at_desk(DeskPermission.QUEUE)
    incidents = tuple(open_on_premises(actor, premises.mpxns, ids)) if sees_incidents else None
    messages: list[TrailRow] | None = None
    if gathered.activity is not None:
        messages = messages_of(actor, ids, at - LOOK_BACK, MOST_MESSAGES)
    happened = _events(actor, gathered, messages, incidents)
    return PremisesPage(
        premises=premises,
        gathered=gathered,
        verdict=verdict_on(gathered),
        tree=_tree(gathered),
        gone=tuple(one for one in gathered.devices if one.status and one.status.is_final),
        events=merge(
            (one for one in happened if only in {None, one.kind}), MOST_EVENTS, fold=only is None
        ),
        kinds=_kinds(messages, incidents),
        incidents=incidents,
        disputed=disputed(actor, premises),
        as_of=_as_of(),
    )


def responsible_on_day(
    actor: Actor, page: PremisesPage, on: date | None, now: datetime
) -> tuple[PointParties, ...]:
    """Who was registered at the premises as a day ended, as the actor may read it (REG-2).

    Without a day it is what the page says already; with one, of those who are shown the names,
    also since when and what told of it. Raises Refused: the day is yet to come.
    """
    if on is None:
        points = page.premises.meter_points
        return tuple(PointParties(one.mpxn, one.kind, one.parties) for one in points)
    return responsible_at(actor, page.premises.mpxns, on, now)


def _as_of() -> dict[str, datetime | None]:
    found = last_taken_in_each(_SOURCES)
    return {kind: found.get(kind) for kind in _SOURCES}


def _kinds(
    messages: Sequence[TrailRow] | None, incidents: Sequence[IncidentRow] | None
) -> tuple[Happening, ...]:
    seen = [] if messages is None else [Happening.MESSAGE, Happening.ALERT]
    seen.append(Happening.STATUS)
    return (*seen, *(() if incidents is None else (Happening.INCIDENT,)))


def _tree(gathered: Gathered) -> tuple[DeviceNode, ...]:
    """Devices in use as they hang together; one that left the network is listed apart."""
    in_use = [one for one in gathered.devices if not (one.status and one.status.is_final)]
    devices = {one.device_id: one for one in in_use}
    roots: list[DeviceNode] = []
    above: list[DeviceNode] = []
    for branch in tree_of(in_use):
        node = DeviceNode(devices[branch.device_id], _last(gathered, branch.device_id))
        del above[min(branch.depth, DEEPEST) :]
        (above[-1].branches if above else roots).append(node)
        above.append(node)
    return tuple(roots)


def _last(gathered: Gathered, device_id: str) -> TrailRow | None:
    if gathered.activity is None:
        return None
    contact = gathered.activity.of(device_id)
    known = [row for row in (contact.last_success, contact.last_failure) if row is not None]
    return max(known, key=lambda row: row.received_at, default=None)


def _events(
    actor: Actor,
    gathered: Gathered,
    messages: Iterable[TrailRow] | None,
    incidents: Iterable[IncidentRow] | None,
) -> Iterator[Event]:
    names = {one.device_id: one.device_type.label for one in gathered.devices}
    everything = actor.sees_everything(DeskPermission.NETWORK_DATA)
    own = None if everything else actor.user_ids_for(SERVICE_AUDIT)
    rows = {row.id: row for row in messages or ()}
    if gathered.activity is not None:
        rows |= {row.id: row for row in gathered.activity.alerts}
    for row in rows.values():
        yield _message(row, names, own) if row.is_request else _alert(row, names)
    for device in gathered.devices:
        yield from _statuses(device)
    for one in incidents or ():
        yield Event(
            Happening.INCIDENT,
            one.raised_at,
            f"Incident {one.reference} raised",
            "info",
            detail=one.summary,
            page="incidents:incident",
            key=one.reference,
        )


_MESSAGE_TONES: Final = {Status.SUCCESS: "good", Status.FAILURE: "bad"}


def _message(row: TrailRow, names: dict[str, str], own: frozenset[str] | None) -> Event:
    """A message; one of other UserIds is shown as the meter read it is (SSI-FR-11)."""
    failed = row.status is Status.FAILURE
    why = f"{row.response_code} {row.response_meaning}".strip() if failed else ""
    return Event(
        Happening.MESSAGE,
        row.received_at,
        row.label,
        _MESSAGE_TONES.get(row.status, "paused"),
        names.get(row.device_id, row.device_id),
        why or ("" if row.status is Status.SUCCESS else row.status.value),
        "trail:record" if own is None or row.user_id in own else "trail:meter_read",
        row.id,
    )


def _alert(row: TrailRow, names: dict[str, str]) -> Event:
    where = names.get(row.device_id, row.device_id)
    return Event(
        Happening.ALERT,
        row.received_at,
        f"Alert {row.label}",
        "warn" if row.alert_code in TROUBLING else "info",
        where,
        page="trail:record",
        key=row.id,
    )


_STATUS_TONES: Final = {
    DeviceStatus.COMMISSIONED: "good",
    DeviceStatus.SUSPENDED: "bad",
    DeviceStatus.RECOVERY: "warn",
    DeviceStatus.INSTALLED_NOT_COMMISSIONED: "warn",
}


def _statuses(device: DeviceDetails) -> Iterator[Event]:
    for step in device.history:
        yield Event(
            Happening.STATUS,
            step.at,
            step.status.label,
            _STATUS_TONES.get(step.status, "neutral"),
            device.device_type.label,
            page="inventory:device",
            key=device.device_id,
        )
