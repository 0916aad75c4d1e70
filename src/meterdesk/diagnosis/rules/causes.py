"""Causes, in the order in which they are believed, and who is responsible for each.

The order is the ranking: when several checks find something, the likely cause is the one that
stands first here, because it explains those below it. A hub without power also does not connect,
and behind a hub that does not connect no meter answers.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from meterdesk.diagnosis.rules.evidence import OPERATOR, DeviceFact, Evidence, PointFact
from meterdesk.inventory.rules import DeviceType
from meterdesk.registration.rules import MeterPointKind

SENDER: Final = "whoever sent the request"


class Share(Enum):
    """Whose a cause is to put right (IM-5)."""

    NETWORK = "hub over the SM WAN, the SM WAN, data services"
    DEVICE = "a meter or another Device: the supplier of what it measures"
    SITE = "hub or premises that need a visit: the lead supplier"
    SUPPLY = "the supply of electricity itself: the distributor"
    SENDER = "the request: whoever sent it"


@dataclass(frozen=True, slots=True)
class Advice:
    """What a cause is in words, whose it is, and what to do first."""

    text: str
    share: Share
    first_step: str
    explains: bool = True
    """False: worth knowing, yet it does not explain why something does not work."""


class Cause(Enum):
    """Every cause a check may name, the most telling first."""

    NO_DEVICES = Advice(
        "No Device is recorded at this premises",
        Share.DEVICE,
        "Compare the MPAN or MPRN with the meter, and ask whether a smart meter was installed.",
    )
    HUB_LEFT = Advice(
        "The Communications Hub has been decommissioned or withdrawn",
        Share.SITE,
        "Find out whether a new hub was fitted; if not, arrange a visit to fit one.",
    )
    HUB_DEACTIVATED = Advice(
        "The CSP has deactivated the Communications Hub",
        Share.NETWORK,
        "Find out whether the hub was replaced; if it is still in the home, raise an incident.",
    )
    METER_LEFT = Advice(
        "The meter has been decommissioned or withdrawn",
        Share.DEVICE,
        "Find out whether the meter was exchanged and its successor commissioned.",
    )
    POWER_OUT = Advice(
        "The premises has lost its electricity",
        Share.SUPPLY,
        "Ask whether there is power in the home, and look at the distributor's outages.",
    )
    SUSPENDED = Advice(
        "A Device is suspended",
        Share.DEVICE,
        "Compare its model and firmware with the products list; upgrade the firmware if it left.",
    )
    NO_COVERAGE = Advice(
        "There is no SM WAN coverage at this premises",
        Share.NETWORK,
        "Tell the person when coverage is expected; read meters by hand until then.",
    )
    NO_HUB = Advice(
        "The meters hang on no Communications Hub",
        Share.SITE,
        "Find out whether a hub was fitted; the installer joins the meters to it.",
    )
    HUB_NEVER_CONNECTED = Advice(
        "The Communications Hub has never connected to the SM WAN",
        Share.SITE,
        "Check the hub's power, its aerial and its WAN Variant with the installer.",
    )
    HUB_NOT_CONNECTED = Advice(
        "The Communications Hub is not connected to the SM WAN",
        Share.NETWORK,
        "Ask whether the hub shows a light; if it has power, raise an incident.",
    )
    HUB_UNREACHABLE = Advice(
        "The network cannot reach the Communications Hub",
        Share.NETWORK,
        "Look at the hub's diagnostics; if it has power and coverage, raise an incident.",
    )
    NOT_COMMISSIONED = Advice(
        "A Device was never commissioned",
        Share.DEVICE,
        "Commission the Device, or ask its installer to.",
    )
    PROXY_MISSING = Advice(
        "The gas meter hangs on no gas proxy function",
        Share.DEVICE,
        "Join the gas meter to the hub's gas proxy function again.",
    )
    METER_WITHOUT_HUB = Advice(
        "A meter is not associated with the Communications Hub",
        Share.DEVICE,
        "Join the meter to the hub again, or correct its record in the inventory.",
    )
    BATTERY_LOW = Advice(
        "The gas meter's battery is low",
        Share.DEVICE,
        "Arrange a visit to change the battery.",
    )
    GAS_LOST = Advice(
        "The gas meter has lost the home network",
        Share.DEVICE,
        "Ask whether the hub or the gas meter was moved or covered; arrange a visit otherwise.",
    )
    NO_ANSWER = Advice(
        "A meter does not answer, although its hub can be reached",
        Share.DEVICE,
        "Send the request again; if it fails again, arrange a visit to the meter.",
    )
    IN_RECOVERY = Advice(
        "A Device is in recovery",
        Share.NETWORK,
        "Wait for the recovery to end; ask the service desk when that will be.",
    )
    INTEGRITY = Advice(
        "A meter reports a fault in itself",
        Share.DEVICE,
        "Read the meter's event log, and arrange a visit when the fault stays.",
    )
    TAMPER = Advice(
        "A Device reports that it was tampered with",
        Share.DEVICE,
        "Follow your procedure for tamper alerts before anything else.",
    )
    HUB_TAMPER = Advice(
        "The Communications Hub reports that it was tampered with",
        Share.SITE,
        "Ask whether somebody worked on the meter or the hub; arrange a visit otherwise.",
    )
    HUB_INTERMITTENT = Advice(
        "The Communications Hub's SM WAN connection comes and goes",
        Share.NETWORK,
        "Send the request again at another time of day; raise an incident if it keeps failing.",
    )
    SILENT = Advice(
        "Nothing has been answered from this premises for days",
        Share.NETWORK,
        "Send a read on demand; if it fails, diagnose again.",
    )
    WRONG_SENDER = Advice(
        "The network refused the request because of who sent it",
        Share.SENDER,
        "Check the UserId, its role and its registration for this Device.",
    )
    WRONG_REQUEST = Advice(
        "The network refused the request as it was made",
        Share.SENDER,
        "Correct the request by its response code and send it again.",
    )
    UNKNOWN_DEVICE = Advice(
        "A request named a Device that the network does not know",
        Share.SENDER,
        "Compare the Device ID in the request with the inventory.",
    )
    TIMED_OUT = Advice(
        "A future-dated request timed out",
        Share.SENDER,
        "Send the request again.",
    )
    FAILED_ONCE = Advice(
        "The last message to a Device was not answered, though the one before was",
        Share.SENDER,
        "Send the request again; diagnose again if it fails.",
    )
    FAILED = Advice(
        "The last request failed, for a reason whose code is not published",
        Share.NETWORK,
        "Send the request again; raise an incident with the response code if it fails again.",
    )
    FIRMWARE_REMOVED = Advice(
        "A Device's firmware was removed from the products list",
        Share.DEVICE,
        "Upgrade the firmware to a version that is on the list.",
    )
    FIRMWARE_NOT_LISTED = Advice(
        "A Device's firmware is not on the products list",
        Share.DEVICE,
        "Compare model and firmware with the meter; upgrade, or correct the inventory.",
    )
    POOR_COVERAGE = Advice(
        "SM WAN coverage at this premises is poor",
        Share.NETWORK,
        "Check that the hub has the WAN Variant and the aerial that the coverage answer asks for.",
    )
    METER_MISSING = Advice(
        "A meter point has no smart meter in the inventory",
        Share.DEVICE,
        "Find out whether this meter point has a smart meter.",
        explains=False,
    )
    FIRMWARE_OLD = Advice(
        "Newer firmware is on the products list",
        Share.DEVICE,
        "Plan the upgrade.",
        explains=False,
    )

    @property
    def advice(self) -> Advice:
        """The cause in words."""
        return self.value

    @property
    def rank(self) -> int:
        """Place in the ranking, 0 the most telling."""
        return _RANK[self]


_RANK = {cause: place for place, cause in enumerate(Cause)}

# IM-6: electricity import leads over gas, import over export.
_LEAD_ORDER = (MeterPointKind.IMPORT, MeterPointKind.GAS, MeterPointKind.EXPORT)
_OF_THE_HUB = frozenset(cause for cause in Cause if cause.name.startswith("HUB_"))
_OF_GAS = frozenset({Cause.GAS_LOST, Cause.BATTERY_LOW, Cause.PROXY_MISSING})
_GAS_DEVICES = frozenset({DeviceType.GSME, DeviceType.GPF})


def lead_point(evidence: Evidence) -> PointFact | None:
    """The meter point whose supplier leads at the premises (IM-6)."""
    ordered = sorted(evidence.points, key=lambda point: _LEAD_ORDER.index(point.kind))
    return ordered[0] if ordered else None


def responsible_for(cause: Cause, evidence: Evidence, device: DeviceFact | None) -> str:
    """Who puts it right, in the words in which the reader may have them named (IM-5, 6, 7).

    Args:
        cause: what was found.
        evidence: the premises.
        device: the Device it was found on, if it was one.
    """
    share = _share(cause, evidence, device)
    if share is Share.SENDER:
        return SENDER
    lead = lead_point(evidence)
    if share is Share.NETWORK or lead is None:
        return OPERATOR
    if share is Share.SUPPLY:
        return _distributor(evidence) or lead.supplier
    if share is Share.DEVICE:
        return _supplier_of(cause, device, evidence) or lead.supplier
    return lead.supplier


def _share(cause: Cause, evidence: Evidence, device: DeviceFact | None) -> Share:
    """Whose it is: a hub's own firmware is the operator's, a SMETS1 hub the lead supplier's."""
    share = cause.advice.share
    if evidence.is_smets1 and cause in _OF_THE_HUB:
        return Share.SITE
    is_hub = device is not None and device.device_type is DeviceType.CHF
    if share is Share.DEVICE and is_hub and cause not in _OF_GAS:
        return Share.NETWORK
    return share


def _distributor(evidence: Evidence) -> str | None:
    for point in evidence.points:
        if point.kind is not MeterPointKind.GAS:
            return point.network_party
    return None


def _supplier_of(cause: Cause, device: DeviceFact | None, evidence: Evidence) -> str | None:
    """The supplier of what the Device measures; gas trouble is the gas supplier's, told by whom."""
    own = [point for point in evidence.points if device and point.mpxn in device.mpxns]
    of_gas = cause in _OF_GAS or (device is not None and device.device_type in _GAS_DEVICES)
    if of_gas:
        own = [point for point in evidence.points if point.kind is MeterPointKind.GAS] or own
    own.sort(key=lambda point: _LEAD_ORDER.index(point.kind))
    return own[0].supplier if own else None


_SMETS1_LEAD = (
    "At a SMETS1 premises the hub belongs to the lead electricity supplier. The operator first "
    "checks its own chain (DSP, DCO, S1SP, SMETS1 CSP) in the service audit trail."
)
_SMETS1_OTHER = (
    "Show first, from logs, alerts and hub diagnostics, that the fault is not in your own Device; "
    "then raise an incident: the operator checks its own chain (DSP, DCO, S1SP, SMETS1 CSP) and, "
    "finding no error, hands it to the lead electricity supplier, whose the hub is."
)


def first_step_for(cause: Cause, evidence: Evidence) -> str:
    """What to do first; the hub of a SMETS1 premises has a way of its own (IM-7)."""
    if evidence.is_smets1 and cause in _OF_THE_HUB:
        way = _SMETS1_LEAD if evidence.reader_is_lead else _SMETS1_OTHER
        return f"{cause.advice.first_step} {way}"
    return cause.advice.first_step
