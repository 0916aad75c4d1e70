"""Checks on the service audit trail: messages, response codes, alerts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from meterdesk.diagnosis.rules.causes import Cause
from meterdesk.diagnosis.rules.checks import Observation, Observations, Verdict, check
from meterdesk.diagnosis.rules.evidence import (
    AlertFact,
    DeviceFact,
    Evidence,
    MessageFact,
    Source,
    TrailFacts,
)
from meterdesk.hubs.rules import WanConnectivity
from meterdesk.inventory.rules import DeviceType
from meterdesk.trail.rules.codes import response_meaning

SILENCE: Final = timedelta(days=7)
NEARBY: Final = timedelta(days=1)
_ASKED: Final = (DeviceType.ESME, DeviceType.GSME, DeviceType.GPF, DeviceType.CHF)

# Response codes with a published meaning; E20 and E21 are judged by what else was reached.
CAUSE_OF_CODE: Final = {
    "E1": Cause.WRONG_SENDER,
    "E2": Cause.WRONG_SENDER,
    "E3": Cause.WRONG_SENDER,
    "E4": Cause.WRONG_SENDER,
    "E5": Cause.NOT_COMMISSIONED,
    "E11": Cause.WRONG_REQUEST,
    "E12": Cause.WRONG_REQUEST,
    "E13": Cause.WRONG_REQUEST,
    "E17": Cause.WRONG_REQUEST,
    "E19": Cause.UNKNOWN_DEVICE,
    "E30": Cause.TIMED_OUT,
}
_NOT_REACHED: Final = frozenset({"E20", "E21"})

# What an alert stands for, until an alert that ends it.
POWER_OUT: Final = frozenset({"AD1", "8F57"})
POWER_BACK: Final = frozenset({"8F35", "8F36", "8F37", "8F38", "8F39", "8F3A", "8F3B", "8F3C"})
BATTERY_LOW: Final = frozenset({"8F1F"})
BATTERY_GOOD: Final = frozenset({"8F82"})
HAN_LOST: Final = frozenset({"819D", "81A3", "8F29"})
HAN_BACK: Final = frozenset({"81A2", "8183", "8F49"})
INTEGRITY: Final = frozenset(
    {"81A0", "81AC", "81AD", "81AE", "81AF", "81B0", "81B1", "81B3", "8F1B", "8F1C"}
)
TAMPER: Final = frozenset({"8F3F", "8F73", "8F74", "8F75", "8F76", "8F77", "8F78", "81BE", "81C3"})
TAMPER_OVER: Final = frozenset({"81C2"})
_NEVER: Final[frozenset[str]] = frozenset()

_FAMILIES: Final = (
    (POWER_OUT, POWER_BACK, Cause.POWER_OUT, Verdict.FAULT),
    (BATTERY_LOW, BATTERY_GOOD, Cause.BATTERY_LOW, Verdict.WARNING),
    (HAN_LOST, HAN_BACK, Cause.NO_ANSWER, Verdict.WARNING),
    (INTEGRITY, _NEVER, Cause.INTEGRITY, Verdict.WARNING),
    (TAMPER, TAMPER_OVER, Cause.TAMPER, Verdict.WARNING),
)


@check(
    title="Last messages",
    order=50,
    needs=Source.TRAIL,
    all_well="The last message to each Device was answered.",
)
def messages(evidence: Evidence) -> Observations:
    """The newest message to each Device did not fail, and something was answered of late.

    One failure within a day of an answer is a warning; a longer silence is a fault.
    """
    trail = evidence.trail
    if trail is None or not (trail.successes or trail.failures):
        return
    for device in evidence.of_type(*_ASKED):
        yield from _last_message(device, trail, evidence)
    newest = max((one.at for one in trail.successes), default=None)
    if newest is None or evidence.at - newest > SILENCE:
        value = f"{newest:%-d %b %Y %H:%M} UTC" if newest else f"None since {trail.since:%-d %b %Y}"
        says = "Nothing has been answered from this premises for more than a week."
        yield Observation("Last answer", value, Verdict.WARNING, Cause.SILENT, says=says)


def _last_message(
    device: DeviceFact, trail: TrailFacts, evidence: Evidence
) -> Iterator[Observation]:
    good, bad = trail.success_of(device.device_id), trail.failure_of(device.device_id)
    if good is not None:
        value = f"{good.at:%-d %b %Y %H:%M} UTC, {good.service}"
        yield Observation(f"{device.label}, answered", value)
    if bad is None:
        return
    value = f"{bad.at:%-d %b %Y %H:%M} UTC, {bad.service} {bad.code}".strip()
    if good is not None and good.at >= bad.at:
        yield Observation(f"{device.label}, failed before", value)
        return
    cause = cause_of_failure(bad, device, evidence)
    says = f"{bad.service} to {device.label} failed{f' with {bad.code}' if bad.code else ''}."
    once = good is not None and bad.at - good.at < NEARBY
    verdict = Verdict.WARNING if once else Verdict.FAULT
    yield Observation(f"{device.label}, failed", value, verdict, cause, device, says)


def cause_of_failure(bad: MessageFact, device: DeviceFact, evidence: Evidence) -> Cause:
    """What the failure of a Device's newest message stands for.

    E20 and E21 say that nothing came back. If the hub was reached about then, the fault lies
    between the hub and this Device.
    """
    if bad.code not in _NOT_REACHED:
        return CAUSE_OF_CODE.get(bad.code, Cause.FAILED)
    if device.device_type is DeviceType.CHF or not _hub_was_reached(bad, evidence):
        return Cause.HUB_UNREACHABLE
    if device.device_type in {DeviceType.GSME, DeviceType.GPF}:
        return Cause.GAS_LOST
    return Cause.NO_ANSWER


def _hub_was_reached(bad: MessageFact, evidence: Evidence) -> bool:
    """Whether another Device answers behind the same hub, or the CSP says it is connected."""
    trail = evidence.trail
    for other in trail.successes if trail else ():
        failed = trail.failure_of(other.device_id) if trail else None
        answers = failed is None or failed.at <= other.at
        if other.device_id != bad.device_id and answers and other.at >= bad.at - NEARBY:
            return True
    return any(
        hub.wan_connectivity is WanConnectivity.CONNECTED and hub.as_of >= bad.at
        for hub in evidence.hubs or ()
    )


@check(
    title="Response codes",
    order=60,
    needs=Source.TRAIL,
    all_well="No failure, or only ones that were answered since.",
)
def response_codes(evidence: Evidence) -> Observations:
    """What the response codes of the newest failures mean, as far as that is published."""
    trail = evidence.trail
    if trail is None:
        return
    for failure in sorted(trail.failures, key=lambda one: one.at, reverse=True):
        good = trail.success_of(failure.device_id)
        meaning = response_meaning(failure.code) or "meaning not published"
        label = f"{failure.code or 'No code'}, {failure.at:%-d %b %Y}"
        if (good is not None and good.at >= failure.at) or failure.code in _NOT_REACHED:
            yield Observation(label, meaning)
        else:
            cause = CAUSE_OF_CODE.get(failure.code, Cause.FAILED)
            device = evidence.device(failure.device_id)
            says = f"The newest failure has the code {failure.code or 'none'}: {meaning}."
            yield Observation(label, meaning, Verdict.WARNING, cause, device, says)
    if not trail.failures and trail.successes:
        yield Observation("Failures", f"None since {trail.since:%-d %b %Y}")


@check(
    title="Alerts",
    order=70,
    needs=Source.TRAIL,
    all_well="No alert tells of anything that is still the matter.",
)
def alerts(evidence: Evidence) -> Observations:
    """No alert of power, battery, home network, integrity or tampering is without its end."""
    trail = evidence.trail
    if trail is None:
        return
    for begins, ends, cause, verdict in _FAMILIES:
        yield from _family(evidence, trail.alerts, begins, ends, (cause, verdict))
    if not trail.alerts:
        yield Observation("Alerts", f"None since {trail.since:%-d %b %Y}")


def _family(
    evidence: Evidence,
    every: tuple[AlertFact, ...],
    begins: frozenset[str],
    ends: frozenset[str],
    judged: tuple[Cause, Verdict],
) -> Iterator[Observation]:
    """The newest alert of each Device in a family, and whether another ended it."""
    newest: dict[str, AlertFact] = {}
    for alert in sorted(every, key=lambda one: one.at):
        if alert.code in begins | ends:
            newest[alert.device_id] = alert
    over = max((one.at for one in newest.values() if one.code in ends), default=None)
    cause, verdict = judged
    for alert in newest.values():
        device = evidence.device(alert.device_id)
        name = device.label if device else alert.device_id
        what = f"{alert.code} {alert.meaning}".strip()
        value = f"{alert.at:%-d %b %Y %H:%M} UTC, {what}"
        # Power comes back to a whole premises, so any Device's word counts for all of them.
        ended = alert.code in ends or (
            begins is POWER_OUT and (_came_back(evidence, alert) or (over and over >= alert.at))
        )
        if ended:
            yield Observation(name, value)
        else:
            found = _gas(cause, device)
            says = f"{name} sent {what} on {alert.at:%-d %b %Y}."
            yield Observation(name, value, verdict, found, device, says)


def _came_back(evidence: Evidence, alert: AlertFact) -> bool:
    """Whether something was answered from the premises after an outage began."""
    trail = evidence.trail
    return trail is not None and any(one.at > alert.at for one in trail.successes)


def _gas(cause: Cause, device: DeviceFact | None) -> Cause:
    gas = device is not None and device.device_type in {DeviceType.GSME, DeviceType.GPF}
    return Cause.GAS_LOST if cause is Cause.NO_ANSWER and gas else cause
