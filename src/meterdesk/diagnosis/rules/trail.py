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
    day,
    moment,
)
from meterdesk.hubs.rules import WanConnectivity
from meterdesk.inventory.rules import DeviceType
from meterdesk.trail.rules.codes import response_meaning

SILENCE: Final = timedelta(days=7)
NEARBY: Final = timedelta(days=1)
A_FEW_READS: Final = timedelta(hours=36)
"""Meters are read daily: a Device that answered this long ago has failed once or twice."""
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
GAS_LOST: Final = frozenset({"819D", "8F29"})
HUB_LOST: Final = frozenset({"81A3"})
HUB_BACK: Final = frozenset({"81A2"})
INTEGRITY: Final = frozenset(
    {"81A0", "81AC", "81AD", "81AE", "81AF", "81B0", "81B1", "81B3", "8F1B", "8F1C"}
)
TAMPER: Final = frozenset({"8F3F", "8F73", "8F74", "8F75", "8F76", "8F77", "8F78", "81BE", "81C3"})
TAMPER_OVER: Final = frozenset({"81C2"})
_NEVER: Final[frozenset[str]] = frozenset()

TROUBLING: Final = POWER_OUT | BATTERY_LOW | GAS_LOST | HUB_LOST | INTEGRITY | TAMPER
"""Alerts that begin something; others are only for information."""

_FAMILIES: Final = (
    (POWER_OUT, POWER_BACK, Cause.POWER_OUT, Verdict.FAULT),
    (BATTERY_LOW, BATTERY_GOOD, Cause.BATTERY_LOW, Verdict.WARNING),
    (GAS_LOST, _NEVER, Cause.GAS_LOST, Verdict.WARNING),
    (HUB_LOST, HUB_BACK, Cause.NO_ANSWER, Verdict.WARNING),
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

    A failure soon after an answer is a warning; a longer silence is a fault.
    """
    trail = evidence.trail
    if trail is None or not (trail.successes or trail.failures):
        return
    for device in evidence.of_type(*_ASKED):
        yield from _last_message(device, trail, evidence)
    newest = max((one.at for one in trail.successes), default=None)
    if newest is None or evidence.at - newest > SILENCE:
        value = f"{moment(newest)}" if newest else f"None since {day(trail.since)}"
        says = "Nothing has been answered from this premises for more than a week."
        yield Observation("Last answer", value, Verdict.WARNING, Cause.SILENT, says=says)


def _last_message(
    device: DeviceFact, trail: TrailFacts, evidence: Evidence
) -> Iterator[Observation]:
    good, bad = trail.success_of(device.device_id), trail.failure_of(device.device_id)
    if good is not None:
        value = f"{moment(good.at)}, {good.service}"
        yield Observation(f"{device.label}, answered", value)
    if bad is None:
        return
    value = f"{moment(bad.at)}, {bad.service} {bad.code}".strip()
    if good is not None and good.at >= bad.at:
        yield Observation(f"{device.label}, failed before", value)
        return
    cause = cause_of_failure(bad, device, evidence)
    says = f"{bad.service} to {device.label} failed{f' with {bad.code}' if bad.code else ''}."
    verdict = Verdict.FAULT
    if good is not None and bad.at - good.at < A_FEW_READS:
        verdict = Verdict.WARNING
        cause = Cause.FAILED_ONCE if bad.code in _NOT_REACHED else cause
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
    """Whether another Device answers behind the same hub, or the CSP says it is connected.

    An answer counts when none failed after it, and it came since the silent Device last answered,
    or within a day of its failure.
    """
    trail = evidence.trail
    if trail is not None:
        last = trail.success_of(bad.device_id)
        since = min(bad.at - NEARBY, last.at) if last else bad.at - NEARBY
        for other in trail.successes:
            failed = trail.failure_of(other.device_id)
            answers = failed is None or failed.at <= other.at
            if other.device_id != bad.device_id and answers and other.at > since:
                return True
    return any(
        hub.wan_connectivity is WanConnectivity.CONNECTED and hub.as_of >= bad.at
        for hub in evidence.hubs or ()
    )


@check(
    title="Response codes",
    order=60,
    needs=Source.TRAIL,
    all_well="No code tells of anything that another check does not.",
)
def response_codes(evidence: Evidence) -> Observations:
    """What the response codes of the newest failures mean, as far as that is published."""
    trail = evidence.trail
    if trail is None:
        return
    for failure in sorted(trail.failures, key=lambda one: one.at, reverse=True):
        good = trail.success_of(failure.device_id)
        meaning = response_meaning(failure.code) or "meaning not published"
        label = f"{failure.code or 'No code'}, {day(failure.at)}"
        if (good is not None and good.at >= failure.at) or failure.code in _NOT_REACHED:
            yield Observation(label, meaning)
        else:
            cause = CAUSE_OF_CODE.get(failure.code, Cause.FAILED)
            device = evidence.device(failure.device_id)
            says = f"The newest failure has the code {failure.code or 'none'}: {meaning}."
            yield Observation(label, meaning, Verdict.WARNING, cause, device, says)
    if not trail.failures and trail.successes:
        yield Observation("Failures", f"None since {day(trail.since)}")


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
        yield Observation("Alerts", f"None since {day(trail.since)}")


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
        value = f"{moment(alert.at)}, {what}"
        # Power comes back to a whole premises, so any Device's word counts for all of them.
        restored = begins is POWER_OUT and over is not None and over >= alert.at
        if alert.code in ends or restored or _answered_since(evidence, alert, cause):
            yield Observation(name, value)
        else:
            says = f"{name} sent {what} on {day(alert.at)}."
            yield Observation(name, value, verdict, cause, device, says)


def _answered_since(evidence: Evidence, alert: AlertFact, cause: Cause) -> bool:
    """Whether an answer since shows that power, gas meter or meter are back."""
    trail = evidence.trail
    since = [one for one in (trail.successes if trail else ()) if one.at > alert.at]
    if cause is Cause.POWER_OUT:
        return bool(since)
    if cause is Cause.GAS_LOST:
        gas = {one.device_id for one in evidence.of_type(DeviceType.GSME)}
        return any(one.device_id in gas for one in since)
    return cause is Cause.NO_ANSWER and any(one.device_id == alert.device_id for one in since)
