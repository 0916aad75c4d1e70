"""The life of a Device: which status follows which, and what brings it about (INV-1 to INV-5).

The words of the statuses are published (DUIS V5.4); most of what moves a Device from one to the
next is not. Such steps are marked provisional, and shown as such wherever they are shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from meterdesk.inventory.rules.words import TYPE_2, DeviceStatus, DeviceType

_S: Final = DeviceStatus
_INSTALLED: Final = DeviceStatus.INSTALLED_NOT_COMMISSIONED
_ACTIVE: Final = tuple(status for status in DeviceStatus if not status.is_final)
_CREDENTIALED: Final = frozenset(DeviceType) - TYPE_2


@dataclass(frozen=True, slots=True)
class Step:
    """One way from status to status. `before` None is: not in the inventory.

    Attributes:
        title: what happens, in words.
        trigger: what brings it about.
        types: the Device types that take it.
        commissions: the rules of commissioning apply (INV-3).
        provisional: the trigger is not published.
    """

    title: str
    before: tuple[DeviceStatus | None, ...]
    after: DeviceStatus
    trigger: str
    types: frozenset[DeviceType] = _CREDENTIALED
    commissions: bool = False
    provisional: bool = True


STEPS: Final = (
    Step("Pre-notified", (None,), _S.PENDING, "pre-notification (12.2)", provisional=False),
    Step("Put on the hub's Device log", (_S.PENDING,), _S.WHITELISTED, "hub log update (8.11)"),
    Step(
        "Installed",
        (_S.PENDING, _S.WHITELISTED),
        _INSTALLED,
        "the hub reports that it joined, or a status update (8.4)",
    ),
    Step(
        "Commissioned",
        (_S.PENDING, _INSTALLED),
        _S.COMMISSIONED,
        "commissioning (8.1.1)",
        types=_CREDENTIALED - {DeviceType.CHF},
        commissions=True,
        provisional=False,
    ),
    Step(
        "Connected",
        (_S.PENDING, _S.WHITELISTED, _INSTALLED),
        _S.COMMISSIONED,
        "first connection to the SM WAN",
        types=frozenset({DeviceType.CHF}),
        provisional=False,
    ),
    Step("Suspended", (_S.COMMISSIONED,), _S.SUSPENDED, "its model left the products list"),
    Step("Restored", (_S.SUSPENDED,), _S.COMMISSIONED, "its model is on the products list again"),
    Step(
        "Decommissioned",
        (_S.COMMISSIONED, _S.SUSPENDED, _S.RECOVERED),
        _S.DECOMMISSIONED,
        "decommissioning (8.3)",
    ),
    Step("Withdrawn", _ACTIVE, _S.WITHDRAWN, "opting out, or a hub's status update (8.4)"),
    Step(
        "Re-activated",
        (_S.DECOMMISSIONED, _S.WITHDRAWN),
        _S.PENDING,
        "pre-notified again",
    ),
    Step(
        "Taken into use again",
        (_S.WITHDRAWN,),
        _S.COMMISSIONED,
        "opting in again",
        commissions=True,
    ),
    Step("Recovery begun", (_S.COMMISSIONED,), _S.RECOVERY, "recovery of its credentials"),
    Step("Recovered", (_S.RECOVERY,), _S.RECOVERED, "recovery is over"),
    Step("Back in use", (_S.RECOVERED,), _S.COMMISSIONED, "its credentials are confirmed"),
)


def step_between(
    before: DeviceStatus | None, after: DeviceStatus, device_type: DeviceType
) -> Step | None:
    """The step a Device of this type takes from one status to another, or None."""
    return _BETWEEN.get((before, after, device_type))


def is_usual_step(before: DeviceStatus | None, after: DeviceStatus) -> bool:
    """Whether the table knows this step for some type; staying the same is always usual."""
    return before is after or (before, after) in _USUAL


def following(before: DeviceStatus | None, device_type: DeviceType) -> tuple[DeviceStatus, ...]:
    """The statuses a Device of this type can take on next."""
    return tuple(
        dict.fromkeys(
            step.after for step in STEPS if before in step.before and device_type in step.types
        )
    )


_USUAL: Final = {(before, step.after) for step in STEPS for before in step.before}
_BETWEEN: Final = {
    (before, step.after, device_type): step
    for step in STEPS
    for before in step.before
    for device_type in step.types
}


@dataclass(frozen=True, slots=True)
class System:
    """A smart metering system of a home: electricity or gas (INV-4).

    `since` is when its last Device was commissioned, None while it is not enrolled; `lacking` are
    the Device types not commissioned.
    """

    fuel: str
    since: datetime | None
    lacking: tuple[DeviceType, ...]

    @property
    def is_enrolled(self) -> bool:
        """Whether all its Devices are commissioned."""
        return not self.lacking


_SYSTEMS: Final = (
    ("electricity", DeviceType.ESME, (DeviceType.ESME, DeviceType.CHF)),
    ("gas", DeviceType.GSME, (DeviceType.GSME, DeviceType.GPF, DeviceType.CHF)),
)


def systems_of(
    devices: Iterable[tuple[DeviceType | None, DeviceStatus | None, datetime | None]],
) -> tuple[System, ...]:
    """The systems of Devices that hang together; a fuel without a meter has none (INV-4).

    Args:
        devices: type, status and since when (aware instant) of each.
    """
    everything = list(devices)
    commissioned = {
        kind: at for kind, status, at in everything if kind and status is _S.COMMISSIONED
    }
    there = {kind for kind, _status, _at in everything}
    found = []
    for fuel, meter, parts in _SYSTEMS:
        if meter in there:
            lacking = tuple(part for part in parts if part not in commissioned)
            times = [at for part in parts if (at := commissioned.get(part))]
            since = max(times) if times and not lacking else None
            found.append(System(fuel, since, lacking))
    return tuple(found)
