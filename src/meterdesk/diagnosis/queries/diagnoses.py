"""Diagnosing, and reading diagnoses that were kept."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from meterdesk.diagnosis.access import visible_to
from meterdesk.diagnosis.models import StoredDiagnosis
from meterdesk.diagnosis.queries.gathering import Gathered, gather, gather_for_device
from meterdesk.diagnosis.rules import Diagnosis, Evidence, checks, conclude, gatherers
from meterdesk.diagnosis.rules.evidence import DeviceFact, Listing
from meterdesk.identity.rules import Actor
from meterdesk.inventory.queries import DeviceDetails, ProductEntry, listed_firmware, products_list
from meterdesk.kernel.errors import Refused

_ASK_MORE: Final = ("inventory.firmware",)
"""Checks that need the products list, which no page reads."""


@dataclass(frozen=True, slots=True)
class KeptDiagnosis:
    """A diagnosis that was kept, as plain values."""

    id: UUID
    mpxn: str
    device_id: str | None
    at: datetime
    outcome: dict[str, Any]


def diagnose(
    actor: Actor, *, mpxn: str | None = None, device_id: str | None = None, at: datetime
) -> Diagnosis:
    """Run every check on the premises of a meter point or a Device (IM-2).

    Raises:
        NotVisible: there is no such meter point or Device.
        Refused: neither or both were given.
    """
    if bool(mpxn) == bool(device_id):
        raise Refused("Name a meter point or a Device to diagnose.", code="which_subject")
    gathered = gather(actor, mpxn, at) if mpxn else gather_for_device(actor, device_id or "", at)
    return conclude(_everything(actor, gathered, at), checks())


def verdict_on(gathered: Gathered) -> Diagnosis:
    """The diagnosis by what a page has read already, without a further query."""
    asking = {*gatherers(), *_ASK_MORE}
    return conclude(gathered.evidence, [one for one in checks() if one.name not in asking])


def _everything(actor: Actor, gathered: Gathered, at: datetime) -> Evidence:
    evidence = replace(gathered.evidence, devices=_listed(gathered.devices, gathered.evidence))
    extra = {name: read(actor, evidence, at) for name, read in gatherers().items()}
    return replace(evidence, extra=extra)


def _listed(
    devices: tuple[DeviceDetails, ...], evidence: Evidence
) -> tuple[DeviceFact, ...] | None:
    """The Devices with what the newest products list says of each."""
    newest = products_list()
    if newest is None or evidence.devices is None:
        return evidence.devices
    listed = listed_firmware({(one.manufacturer, one.model) for one in devices})
    facts = []
    for device, fact in zip(devices, evidence.devices, strict=True):
        entries = listed.get((device.manufacturer, device.model), ())
        current = [one.firmware_version for one in entries if one.is_current]
        newer = [version for version in current if version > device.firmware_version]
        listing = Listing(
            newest.version,
            newest.issued_date,
            _status(entries, device.firmware_version),
            max(newer, default=None),
        )
        facts.append(replace(fact, listing=listing))
    return tuple(facts)


def _status(entries: tuple[ProductEntry, ...], firmware: str) -> str | None:
    found = [one.status for one in entries if one.firmware_version == firmware]
    return "Current" if "Current" in found else found[0] if found else None


def kept_diagnosis(actor: Actor, diagnosis_id: UUID) -> KeptDiagnosis | None:
    """A diagnosis that the actor made and may still read; None otherwise."""
    row = StoredDiagnosis.objects.filter(visible_to(actor), pk=diagnosis_id).first()
    if row is None:
        return None
    return KeptDiagnosis(row.id, row.mpxn, row.device_id, row.at, row.outcome)
