"""Pre-notification and changes of status by file, beside Devices that are there already.

    python -m tests.scale changes --beside 1000000 --homes 25000

Four Devices a home are pre-notified, recorded at their home, commissioned and withdrawn.
"""

import argparse
from collections.abc import Callable

from tests.scale import homes
from tests.scale.country import load
from tests.scale.figures import Table
from tests.scale.places import place, rate, take_in

_ELECTRICITY = "Single Element Electricity Metering Equipment"
LISTED = (
    ("1", "Current", "Communications Hub", "1086", "54310200", "000A7000"),
    ("2", "Current", _ELECTRICITY, "1086", "E4700100", "000A7000"),
    ("3", "Current", "Gas Smart Meter", "1086", "47360100", "000A7000"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Sizes."""
    parser.add_argument("--beside", type=int, default=200_000, help="Devices there before")
    parser.add_argument("--homes", type=int, default=5_000)


def pre_notified(home: int) -> str:
    """The Devices of a home, pre-notified."""
    return "".join(
        f"{homes.device_id(home, number)},{kind},1086,{model},000A7000,2023-12-01\n"
        for number, (kind, model) in enumerate(homes.KINDS)
    )


def recorded(home: int) -> str:
    """The Devices of a home, not yet in use."""
    return homes.device_lines(home).replace(",Commissioned,", ",Pending,")


def changed(status: str, at: str) -> Callable[[int], str]:
    """The Devices of a home with another status."""
    return lambda home: "".join(f"{homes.device_id(home, n)},{status},{at}\n" for n in range(4))


def run(args: argparse.Namespace, table: Table) -> None:
    """Load, then change."""
    with place("changes") as home:
        from meterdesk.inventory.tests.products import write_products  # noqa: PLC0415

        before = args.beside // 4
        load(home, table, before)
        take_in("products", write_products(home / "products.csv", LISTED))
        new, head = range(before, before + args.homes), "device_id,status,at"
        steps = (
            ("pre-notification", "prenotification", pre_notified,
             "device_id,device_type,manufacturer,model,firmware_version,at"),
            ("records of homes", "inventory", recorded, homes.DEVICE_HEAD),
            ("changes of status, commissioning", "device-status",
             changed("Commissioned", "2025-02-01"), head),
            ("changes of status, withdrawal", "device-status",
             changed("Withdrawn", "2025-03-01"), head),
        )  # fmt: skip
        for what, kind, lines, columns in steps:
            seconds, counts = take_in(kind, homes.write(home / f"{kind}.csv", columns, new, lines))
            asked = "" if kind == "inventory" else "10,000 a second"
            said = rate(len(new) * 4, seconds)
            if counts["refused"]:
                said += f", {counts['refused']:,} refused"
            table.add(f"{what}, beside {args.beside:,} Devices", asked, said)
