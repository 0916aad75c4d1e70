"""Checks on what the CSP says of the Communications Hub."""

from datetime import timedelta
from typing import Final

from meterdesk.diagnosis.rules.causes import Cause
from meterdesk.diagnosis.rules.checks import Observation, Observations, Verdict, check
from meterdesk.diagnosis.rules.evidence import Evidence, Source, day, moment
from meterdesk.hubs.rules import HubData, WanConnectivity

RECENT_TAMPER: Final = timedelta(days=30)
_UNKNOWN: Final = "Not given"


def _hubs(evidence: Evidence) -> list[HubData]:
    """Hubs still in use; one that left the network may well be unreachable."""
    gone = {one.device_id for one in evidence.devices or () if not one.is_in_use}
    return [hub for hub in evidence.hubs or () if hub.device_id not in gone]


@check(
    title="The hub's SM WAN connection",
    order=110,
    needs=Source.HUBS,
    all_well="The hub is connected to the SM WAN.",
)
def connection(evidence: Evidence) -> Observations:
    """The hub is active, has connected before, and is connected."""
    for hub in _hubs(evidence):
        last = f", last {day(hub.last_connection_at)}" if hub.last_connection_at else ""
        value = f"{hub.wan_connectivity or _UNKNOWN}{last}"
        verdict, cause = _judge_connection(hub)
        says = f"{cause.advice.text}." if cause else "The CSP does not say whether it is connected."
        device = evidence.device(hub.device_id)
        yield Observation(f"Hub {hub.device_id[-5:]}", value, verdict, cause, device, says)


def _judge_connection(hub: HubData) -> tuple[Verdict, Cause | None]:
    if hub.is_deactivated:
        return Verdict.FAULT, Cause.HUB_DEACTIVATED
    if hub.wan_connectivity is WanConnectivity.CONNECTED:
        return Verdict.OK, None
    if hub.last_connection_at is None and hub.birth_event_at is None:
        return Verdict.FAULT, Cause.HUB_NEVER_CONNECTED
    if hub.wan_connectivity is WanConnectivity.NOT_CONNECTED:
        return Verdict.FAULT, Cause.HUB_NOT_CONNECTED
    if hub.wan_connectivity is WanConnectivity.INTERMITTENT:
        return Verdict.WARNING, Cause.HUB_INTERMITTENT
    return Verdict.UNKNOWN, None


@check(
    title="The hub's power",
    order=120,
    needs=Source.HUBS,
    all_well="The CSP knows of no power outage that has not ended.",
)
def power(evidence: Evidence) -> Observations:
    """The last outage of the hub's power was followed by a restore, or by a connection."""
    for hub in _hubs(evidence):
        label = f"Hub {hub.device_id[-5:]}"
        if hub.last_outage_at is None:
            yield Observation(label, "No outage known")
            continue
        value = f"Last outage {moment(hub.last_outage_at)}"
        came_back = hub.last_connection_at is not None and (
            hub.last_connection_at > hub.last_outage_at
        )
        if hub.has_power_out and not came_back:
            device = evidence.device(hub.device_id)
            says = "The hub lost its power and has not come back."
            yield Observation(label, value, Verdict.FAULT, Cause.POWER_OUT, device, says)
        else:
            yield Observation(label, f"{value}, over since")


@check(
    title="Tampering with the hub",
    order=130,
    needs=Source.HUBS,
    all_well="The hub reports no tampering of late.",
)
def tampering(evidence: Evidence) -> Observations:
    """The hub reported no tampering in the last thirty days."""
    for hub in _hubs(evidence):
        label = f"Hub {hub.device_id[-5:]}"
        if hub.last_tamper_at is None:
            yield Observation(label, "None reported")
        elif evidence.at - hub.last_tamper_at > RECENT_TAMPER:
            yield Observation(label, f"Last on {day(hub.last_tamper_at)}")
        else:
            value = f"On {day(hub.last_tamper_at)}"
            device = evidence.device(hub.device_id)
            says = f"The hub reported tampering on {day(hub.last_tamper_at)}."
            yield Observation(label, value, Verdict.WARNING, Cause.HUB_TAMPER, device, says)
