"""The demonstration's own products list, in the form of the real one, with invented models.

Manufacturer codes and address blocks (first three octets of a Device ID) are registered ones.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

HEADER = (
    "Version",
    "Entry.number",
    "Entry.status",
    "Device_Type.name",
    "Device_Model.manufacturer_identifier",
    "Device_Model.model_identifier",
    "Device_Model.hardware_version.version",
    "Device_Model.hardware_version.revision",
    "Device_Model.model_identifier_concatenated_with_hardware_version",
    "Device_Model.firmware_version",
    "SMETS_CHTS Version.Version_number_and_effective_date",
    "GBCS Version.version_number",
    "Manufacturer_Image.hash",
)
LIST_TYPES = {
    "CHF": "Communications Hub",
    "ESME": "Single Element Electricity Metering Equipment",
    "GSME": "Gas Smart Meter",
    "PPMID": "Pre-Payment Interface Device",
    "HCALCS": "HAN Connected Auxiliary Load Control Switch",
}


@dataclass(frozen=True, slots=True)
class Model:
    """A Device Model with the firmware versions of the list, oldest first.

    `withdrawn` firmware stays on the list as removed; Devices in the field may still run it.
    """

    device_type: str
    manufacturer: str
    address_block: str
    model: str
    smets: str
    gbcs: str
    firmware: tuple[str, ...]
    withdrawn: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    hub_variant: str = ""
    wan_technology: str = ""


MODELS = (
    Model("CHF", "1086", "90-A4-DE", "54310200", "CHTS V1.3", "4.1", ("000A7000", "000A8100"),
          regions=("Central", "South"), hub_variant="Single Band", wan_technology="Cellular"),
    Model("CHF", "1086", "90-A4-DE", "54320100", "CHTS V1.5", "4.2", ("000B0100", "000B0300"),
          regions=("Central", "South"), hub_variant="Dual Band", wan_technology="Cellular"),
    Model("CHF", "106C", "B0-00-73", "43310300", "CHTS V1.3", "4.1", ("12407600", "12408800"),
          ("12407000",), ("North",), "Dual Band", "Long Range Radio"),
    Model("CHF", "10C7", "00-0A-DB", "53310100", "SMETS1", "0.0", ("01000400",),
          regions=("North", "Central", "South"), hub_variant="Single Band",
          wan_technology="Cellular"),
    Model("ESME", "1063", "D0-39-57", "E4700100", "SMETS V5.1", "4.1", ("00020100", "00020400")),
    Model("ESME", "1057", "00-40-84", "A1400200", "SMETS V4.2", "3.2", ("05120000", "05130100"),
          ("05110000",)),
    Model("ESME", "1125", "B0-5B-99", "4B460100", "SMETS V5.1", "4.2", ("00300105", "00300200")),
    Model("ESME", "1031", "D0-39-57", "53450100", "SMETS1", "0.0", ("00010700",)),
    Model("GSME", "1063", "D0-39-57", "47360100", "SMETS V5.1", "4.1", ("00017000", "00018200")),
    Model("GSME", "123E", "B4-23-30", "46470100", "SMETS V4.2", "3.2", ("02030100", "02040000")),
    Model("GSME", "1031", "D0-39-57", "53470100", "SMETS1", "0.0", ("00010500",)),
    Model("PPMID", "10E0", "98-49-14", "49480500", "SMETS V5.1", "4.1", ("00010900", "00011200")),
    Model("HCALCS", "1028", "B4-23-30", "48430100", "SMETS V5.1", "4.2", ("00000200",)),
)  # fmt: skip


def write_products(path: Path) -> None:
    """Write two versions of the list as a products file (docs/reference/formats)."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        writer.writerows(_rows(_before(MODELS), "Version 0.900 Issued on 05-10-2026"))
        writer.writerows(_rows(MODELS, "Version 1.000 Issued on 02-11-2026"))


def _before(models: Iterable[Model]) -> Iterable[Model]:
    """The list a month ago: nothing had been withdrawn, and the newest firmware was to come."""
    for model in models:
        known = model.firmware[:-1] or model.firmware
        yield replace(model, firmware=(*model.withdrawn, *known), withdrawn=())


def _rows(models: Iterable[Model], version: str) -> Iterable[list[str]]:
    entry = 0
    for model in models:
        for firmware in (*model.withdrawn, *model.firmware):
            entry += 1
            status = "Removed" if firmware in model.withdrawn else "Current"
            yield [
                version,
                str(entry),
                status,
                LIST_TYPES[model.device_type],
                model.manufacturer,
                model.model[:4],
                model.model[4:6],
                model.model[6:],
                model.model,
                firmware,
                model.smets,
                f"GBCS Version {model.gbcs}",
                f"{entry:064X}",
            ]
