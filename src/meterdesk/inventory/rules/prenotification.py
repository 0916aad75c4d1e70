"""May this Device be put into the inventory as Pending, at this party's word (INV-2, INV-6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from meterdesk.identity.rules import UserRole
from meterdesk.inventory.rules.words import ESME_VARIANTS, DeviceStatus, DeviceType
from meterdesk.kernel.errors import Conflict, Refused
from meterdesk.kernel.identifiers import eui_to_int, parse_eui

SUPPLIERS: Final = frozenset({UserRole.IS, UserRole.ES, UserRole.GS})
OF_THE_NETWORK: Final = frozenset({DeviceType.CHF, DeviceType.GPF})
"""Communications Hubs and what is built into them are pre-notified by the network itself."""


@dataclass(frozen=True, slots=True)
class PreNotification:
    """What is said of a Device before it is installed.

    `user_id` is the UserId that says it (EUI-64 text), None for the network itself; `at` when
    (aware instant); `associated_gpf` a gas proxy function it is to hang together with. Device IDs
    are the 8-byte numbers they are stored as.
    """

    device_id: int
    device_type: DeviceType
    manufacturer: str
    model: str
    at: datetime
    firmware_version: str = ""
    smets_chts_version: str = ""
    gbcs_version: str = ""
    esme_variant: str = ""
    associated_gpf: int | None = None
    user_id: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, str], at: datetime) -> Self:
        """Read what a person or a program entered; spaces and case are forgiven.

        Raises Refused with a message for each field.
        """
        found: dict[str, str] = {
            name: "".join(given.get(name, "").split()).upper()
            for name in ("manufacturer", "model", "firmware_version", "esme_variant")
        }
        wrong: dict[str, str] = {}
        numbers: dict[str, int | None] = {}
        for name in ("device_id", "associated_gpf"):
            try:
                text = given.get(name, "").strip()
                numbers[name] = eui_to_int(parse_eui(text)) if text else None
            except Refused as refused:
                wrong[name] = refused.message
        kind = given.get("device_type", "").strip().upper()
        wrong |= _misread(kind, found, given)
        if numbers.get("device_id", 0) is None:
            wrong["device_id"] = "Enter the Device ID."
        elif numbers.get("associated_gpf") == numbers.get("device_id"):
            wrong["associated_gpf"] = "This is the Device itself."
        if wrong:
            raise Refused(next(iter(wrong.values())), code="invalid_device", fields=wrong)
        return cls(
            device_id=numbers["device_id"] or 0,
            device_type=DeviceType(kind),
            at=at,
            smets_chts_version=given.get("smets_chts_version", "").strip(),
            associated_gpf=numbers["associated_gpf"],
            **found,
        )

    @property
    def details(self) -> tuple[str, ...]:
        """What must agree when it is said again."""
        return (self.device_type.value, self.manufacturer, self.model, self.firmware_version)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the products list, as far as it counts here."""

    device_type: DeviceType
    firmware_version: str
    is_current: bool
    smets_chts_version: str
    gbcs_version: str


@dataclass(frozen=True, slots=True)
class Held:
    """What the inventory holds of a Device: its details as in PreNotification, and its status."""

    details: tuple[str, ...]
    status: DeviceStatus | None
    status_at: datetime | None


def may_pre_notify(device_type: DeviceType, role: UserRole | None) -> None:
    """Raise Refused when a User of this role (None: the network) may not pre-notify this type."""
    if role is None:
        return
    if device_type in OF_THE_NETWORK:
        raise Refused(
            "A Communications Hub and its gas proxy function are pre-notified by the network.",
            code="network_only",
            fields={"device_type": "Hubs are pre-notified by the network."},
        )
    if not device_type.is_type_2 and role not in SUPPLIERS:
        raise Refused(
            f"Only Suppliers pre-notify this Device; the UserId is {role.title}.",
            code="suppliers_only",
            fields={"user_id": "Only Suppliers pre-notify this Device."},
        )


def listed_entry(wanted: PreNotification, entries: Iterable[Listed]) -> Listed | None:
    """The entry of the products list it rests on; None for Type 2, which need none.

    Args:
        wanted: the Device.
        entries: every entry of the newest list for its manufacturer and model.

    Raises Refused: not_on_products_list, wrong_type_for_model, firmware_not_listed,
    removed_from_products_list.
    """
    if wanted.device_type.is_type_2:
        return None
    listed_as = DeviceType.CHF if wanted.device_type is DeviceType.GPF else wanted.device_type
    model = f"Model {wanted.model} of {wanted.manufacturer}"
    everything = list(entries)
    if not everything:
        raise _about("model", f"{model} is not on the products list.", "not_on_products_list")
    of_type = [one for one in everything if one.device_type is listed_as]
    if not of_type:
        words = everything[0].device_type.label.lower()
        raise _about(
            "device_type", f"{model} is listed as a {words}, not as this.", "wrong_type_for_model"
        )
    fitting = [one for one in of_type if wanted.firmware_version in {"", one.firmware_version}]
    if not fitting:
        raise _about(
            "firmware_version",
            f"{model} is not listed with firmware {wanted.firmware_version}.",
            "firmware_not_listed",
        )
    current = next((one for one in fitting if one.is_current), None)
    if current is None:
        raise _about(
            "model",
            f"{model} has been removed from the products list"
            + (f" with firmware {wanted.firmware_version}." if wanted.firmware_version else "."),
            "removed_from_products_list",
        )
    return current


def is_new(wanted: PreNotification, held: Held | None) -> bool:
    """Whether the Device is put in as Pending; False when it stands there just so.

    One that was decommissioned or withdrawn is activated again, as the model it is (INV-5).

    Raises Conflict (already_there) when it stands there in another way, Refused
    (earlier_than_known) when it left later than it is said to come back.
    """
    if held is None:
        return True
    same_model = held.details[:3] == wanted.details[:3]
    if same_model and held.status is not None and held.status.is_final:
        if held.status_at and wanted.at < held.status_at:
            raise Refused(
                f"The Device has been {held.status.label} since"
                f" {held.status_at:%Y-%m-%d %H:%M} UTC. It can come back later than that only.",
                code="earlier_than_known",
            )
        return True
    if held.details == wanted.details and held.status in {None, DeviceStatus.PENDING}:
        return False
    what = held.status.label if held.status else "a Type 2 Device"
    message = f"This Device is in the inventory already: {what}."
    raise Conflict(message, code="already_there", fields={"device_id": message})


_LENGTHS: Final = {"manufacturer": 30, "model": 30, "firmware_version": 8}


def _misread(kind: str, found: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the other fields, by field."""
    wrong = {
        name: f"Enter at most {most} characters."
        for name, most in _LENGTHS.items()
        if len(found[name]) > most
    }
    if kind not in set(DeviceType):
        wrong["device_type"] = "Choose the Device Type."
    elif not DeviceType(kind).is_type_2:
        for name in ("manufacturer", "model"):
            if not found[name]:
                wrong[name] = f"Enter the {name}, as on the products list."
    if found["esme_variant"] and kind != DeviceType.ESME:
        wrong["esme_variant"] = "Only an electricity meter has an ESME Variant."
    elif found["esme_variant"] and found["esme_variant"] not in ESME_VARIANTS:
        wrong["esme_variant"] = "This is not an ESME Variant, such as A or ADE."
    if len(given.get("smets_chts_version", "").strip()) > 20:
        wrong["smets_chts_version"] = "Enter at most 20 characters."
    return wrong


def _about(field: str, message: str, code: str) -> Refused:
    return Refused(message, code=code, fields={field: message})
