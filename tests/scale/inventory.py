"""Measures the life of an inventory: bulk changes by file, look-ups, the portfolio and its file.

    python -m tests.scale.inventory --homes 50000

Four Devices a home go through the intakes into a database of its own (METERDESK_HOME, by default
var/bench-inventory), which must be empty. Nothing is asserted: what was seen is printed.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KINDS = (("CHF", "54310200"), ("ESME", "E4700100"), ("GPF", "54310200"), ("GSME", "47360100"))
SINGLE = "Single Element"
LISTED = (
    ("1", "Current", "Communications Hub", "1086", "54310200", "000A7000"),
    ("2", "Current", f"{SINGLE} Electricity Metering Equipment", "1086", "E4700100", "000A7000"),
    ("3", "Current", "Gas Smart Meter", "1086", "47360100", "000A7000"),
)  # fmt: skip
SHARES = ("0.45", "0.01", "0.0005")
"""Shares of the meter points of three suppliers; a fourth has the rest."""


def device_id(home: int, place: int) -> str:
    """The Device at this place of a home."""
    text = f"90B3D5{home * 4 + place:010X}"
    return "-".join(text[at : at + 2] for at in range(0, 16, 2))


def mpxns(home: int) -> tuple[str, str]:
    """MPAN and MPRN of a home."""
    from meterdesk.kernel.identifiers import mpan_check_digit, mprn_with_check  # noqa: PLC0415

    core = f"12{home:08d}00"
    return f"{core}{mpan_check_digit(core)}", mprn_with_check(f"{10_000_000 + home}")


def rows(homes: int, of: str, user_ids: list[str]) -> Iterator[str]:
    """The lines of one kind of file."""
    chance = Random(1)
    shares = [float(share) for share in SHARES]
    for home in range(homes):
        mpan, mprn = mpxns(home)
        uprn, ids = str(10_000_000 + home), [device_id(home, place) for place in range(4)]
        if of == "registration":
            draw = chance.random()
            whose = next((i for i in range(3) if draw < sum(shares[: i + 1])), 3)
            parties = f"{user_ids[whose]},{user_ids[4]},"
            yield f"{mpan},import,2020-01-01,,{parties},{uprn},1,A,B,AB1 0AJ"
            continue
        for place, (kind, model) in enumerate(KINDS):
            one = ids[place]
            if of == "prenotification":
                yield f"{one},{kind},1086,{model},000A7000,2024-01-01"
            elif of == "inventory":
                near = ("", ids[0], ids[0], ids[2])[place]
                mpxn = ("", mpan, mprn, mprn)[place]
                yield (
                    f"{one},{kind},Pending,2024-01-01,1086,{model},000A7000,{mpxn},{uprn},"
                    f"AB1 0AJ,1,2024-01-02,{near}"
                )
            else:
                yield f"{one},{of},{'2024-02-01' if of == 'Commissioned' else '2024-03-01'}"


HEADS = {
    "registration": "mpxn,kind,effective_from,effective_to,supplier,network_party,agent,uprn,"
    "property,street,town,postcode",
    "prenotification": "device_id,device_type,manufacturer,model,firmware_version,at",
    "inventory": "device_id,device_type,device_status,status_date,manufacturer,model,"
    "firmware_version,import_mpxn,uprn,postcode,property,installed_date,associated_with",
    "Commissioned": "device_id,status,at",
    "Withdrawn": "device_id,status,at",
}


def main() -> int:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=25_000)
    args = parser.parse_args()
    home = Path(os.environ.setdefault("METERDESK_HOME", str(ROOT / "var" / "bench-inventory")))
    os.environ |= {
        "METERDESK_ENV": "development",
        "METERDESK_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "meterdesk.config.settings",
        "METERDESK_PROCESS": "owner",
    }
    subprocess.run([sys.executable, "-m", "meterdesk.cli", "migrate"], check=True)
    import django  # noqa: PLC0415  the environment above comes first

    django.setup()
    measure(args.homes, home)
    return 0


def measure(homes: int, home: Path) -> None:
    """Take everything in, then read it."""
    from meterdesk.identity.rules import JobTypeRole, UserRole  # noqa: PLC0415
    from meterdesk.identity.tests.factories import (  # noqa: PLC0415
        actor_for,
        make_person,
        make_user_id,
    )
    from meterdesk.inventory.tests.products import write_products  # noqa: PLC0415
    from meterdesk.platform.intake import run_intake  # noqa: PLC0415

    user_ids = [*(make_user_id() for _ in range(4)), make_user_id(role=UserRole.ED)]
    run_intake("products", [write_products(home / "products.csv", LISTED)])
    for of, head in HEADS.items():
        path = home / f"{of}.csv"
        with path.open("w", encoding="utf-8") as stream:
            stream.write(head + "\n")
            stream.writelines(f"{line}\n" for line in rows(homes, of, user_ids))
        kind = of if of.islower() else "device-status"
        started = time.monotonic()
        run = run_intake(kind, [path])
        seconds = time.monotonic() - started
        print(
            f"{kind} {of}: {run.lines_read / seconds:,.0f} a second, accepted {run.accepted:,}"
            f" unchanged {run.unchanged:,} refused {run.refused:,}",
            flush=True,
        )
        path.unlink()
        if of == "Commissioned":
            actors = [
                actor_for(make_person(assignments=[(eui, JobTypeRole.MI_USER)]))
                for eui in user_ids[:3]
            ]
            look_up(homes, actors)


def look_up(homes: int, actors: list[Any]) -> None:
    """Look-ups, pages and files, once everything is commissioned."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from django.db import connection  # noqa: PLC0415
    from tests.scale.figures import timed  # noqa: PLC0415

    from meterdesk.inventory.queries import (  # noqa: PLC0415
        closure,
        devices_at,
        portfolio,
        portfolio_file,
    )
    from meterdesk.inventory.rules.portfolio import PortfolioSearch  # noqa: PLC0415
    from meterdesk.kernel.paging import PageRequest  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
        cursor.execute(
            "select relname, pg_total_relation_size(oid) from pg_class"
            " where relname in ('inventory_device', 'inventory_devicestatuschange',"
            " 'inventory_deviceassociation', 'inventory_placement')"
        )
        for name, size in cursor.fetchall():
            print(f"{name}: {size / (homes * 4):,.0f} bytes a Device, indexes included")
    now, chance = datetime.now(UTC), Random(2)
    some = [device_id(chance.randrange(homes), chance.randrange(4)) for _ in range(1_000)]
    points = [mpxns(chance.randrange(homes))[0] for _ in range(1_000)]
    timed(closure, some)
    print(f"Device with its closure: {timed(closure, some)}")
    at = datetime(2020, 1, 1, tzinfo=UTC)
    spread = timed(lambda point: devices_at(mpxn=point, from_at=at, to_at=now), points)
    print(f"Devices at a meter point in a period: {spread}")
    for share, actor in zip(SHARES, actors, strict=True):
        page = timed(
            lambda search, who=actor: portfolio(who, search, PageRequest(50), at=now),  # type: ignore[misc]  # bound now
            [PortfolioSearch()] * 50,
        )
        narrow = timed(
            lambda search, who=actor: portfolio(who, search, PageRequest(50), at=now),  # type: ignore[misc]  # bound now
            [PortfolioSearch.of({"device_type": "GSME", "model": "47360100"})] * 50,
        )
        print(f"portfolio of {float(share):.2%}: {page}; gas meters of a model: {narrow}")
    for whose in ("all", "mine"):
        _file(
            lambda w=whose: portfolio_file(actors[0], PortfolioSearch.of({"whose": w}), at=now),
            whose,
        )  # type: ignore[misc]  # bound now


def _file(read: Callable[[], Iterator[bytes]], whose: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, lines, size = time.monotonic(), 0, 0
    for block in read():
        lines += block.count(b"\n")
        size += len(block)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    seconds = time.monotonic() - started
    print(
        f"file of {whose}: {lines:,} rows, {size / 1e6:,.0f} MB in {seconds:.1f} s,"
        f" memory grew by {grown / 1000:.0f} MB"
    )


if __name__ == "__main__":
    sys.exit(main())
