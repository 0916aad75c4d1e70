"""A country's Devices and meter points: how quickly they come in, and are found, as they grow.

    python -m tests.scale country --devices 1200000 4000000 12000000

At each size the inventory is loaded whole (`meterdesk load-devices`), and registration takes in the
homes that are new, into what is there. The last thing is a change file: that many meter points
change their supplier; `registration` has one at each size. 12 million Devices take some twelve
minutes and 20 GB.
"""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

from tests.scale import homes
from tests.scale.figures import Spread, Table, timed, timed_in_sql
from tests.scale.places import parties, place, rate, take_in

TABLES = ("inventory_device", "inventory_devicestatuschange", "inventory_deviceassociation")
CHANGED_FROM = "2025-06-01"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Sizes."""
    parser.add_argument("--devices", type=int, nargs="+", default=[40_000, 120_000, 400_000])
    parser.add_argument("--changes", type=int, default=20_000, help="meter points that change")
    parser.add_argument("--samples", type=int, default=1_000)


def run(args: argparse.Namespace, table: Table) -> None:
    """Fill and measure, size by size."""
    with place("country") as home:
        from django.db import connection  # noqa: PLC0415  after django.setup()

        user_ids, people = parties()
        before = 0
        for devices in sorted(args.devices):
            count = devices // 4
            points(home, table, user_ids, range(before, count))
            load(home, table, count)
            with connection.cursor() as cursor:
                cursor.execute("vacuum analyze")
            look_ups(table, count, args.samples, people)
            before = count
        changes(home, table, user_ids, before, args.changes // 2)


def load(home: Path, table: Table, count: int) -> None:
    """The whole inventory into empty tables."""
    from django.db import connection  # noqa: PLC0415  after django.setup()

    from meterdesk.platform.intake import INITIAL  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(f"truncate {', '.join(TABLES)}")
        path = homes.write(
            home / "devices.csv", homes.DEVICE_HEAD, range(count), homes.device_lines
        )
        seconds, counts = take_in("inventory", path, **{INITIAL: "yes"})
        assert counts["accepted"] == count * 4, counts
        asked = "200,000 a second"
        table.add("initial load of Devices, all indexes, history", asked, rate(count * 4, seconds))
        cursor.execute(
            "select sum(pg_total_relation_size(name::regclass)) from unnest(%s::text[]) name",
            [list(TABLES)],
        )
        table.add(
            "bytes a Device, history and associations",
            "",
            f"{cursor.fetchone()[0] / count / 4:.0f}",
        )


def points(home: Path, table: Table, user_ids: list[str], new: range) -> None:
    """The meter points of new homes, into those that are there."""
    path = homes.write(
        home / "points.csv", homes.POINT_HEAD, new, lambda one: homes.point_lines(one, user_ids)
    )
    seconds, counts = take_in("registration", path)
    assert counts["accepted"] == len(new) * 2, counts
    what = f"registration of {len(new) * 2:,} new meter points beside {new.start * 2:,}"
    table.add(what, "no slower as it grows", rate(len(new) * 2, seconds))


def changes(home: Path, table: Table, user_ids: list[str], count: int, changed: int) -> None:
    """A day's changes of supplier in so many homes, strewn over the country."""
    step = max(1, count // changed)
    others = [*user_ids[1:4], user_ids[0], user_ids[4]]
    path = homes.write(
        home / "changes.csv",
        homes.POINT_HEAD,
        range(count)[::step][:changed],
        lambda one: homes.point_lines(one, others, CHANGED_FROM),
    )
    seconds, counts = take_in("registration", path)
    what = f"registration changes, {counts['accepted']:,} of {count * 2:,} meter points"
    table.add(what, "no slower as it grows", rate(counts["accepted"], seconds))


def look_ups(table: Table, count: int, samples: int, people: list[Any]) -> None:
    """Look-ups of Devices there are, warm, over the whole country."""
    from meterdesk.identity.tests.factories import actor_for  # noqa: PLC0415
    from meterdesk.inventory import queries  # noqa: PLC0415
    from meterdesk.inventory.rules import InventorySearch  # noqa: PLC0415

    chance = Random(2)
    some = [chance.randrange(count) for _ in range(samples)]
    ids = [homes.device_id(one, chance.randrange(4)) for one in some]
    actor, now = actor_for(people[0]), datetime.now(UTC)
    size = f"{count * 4:,} Devices: "
    asked = {
        "a Device with its closure, by Device ID": (queries.closure, ids),
        "Devices by MPAN": (lambda m: queries.device_ids_for(mpxn=m), list(map(homes.mpan, some))),
        "Devices by MPRN": (lambda m: queries.device_ids_for(mpxn=m), list(map(homes.mprn, some))),
        "Devices by UPRN": (
            lambda u: queries.device_ids_for(uprn=u),
            [str(10_000_000 + one) for one in some],
        ),
        "Devices by postcode and property": (
            lambda given: queries.search_devices(actor, InventorySearch.of(given)),
            [{"postcode": homes.postcode(one), "property": str(one % 40 + 1)} for one in some],
        ),
        "who was responsible for a Device on a day": (
            lambda one: queries.responsible_on(actor, one, date(2024, 5, 1), now),
            ids,
        ),
    }
    for what, (call, given) in asked.items():
        timed(call, given)
        spread = timed_in_sql(call, given)
        table.add(size + what, "p95 under 1 ms in SQL", f"{spread}; {in_all(timed(call, given))}")
    for share, person in zip((*homes.SHARES, 1 - sum(homes.SHARES)), people, strict=True):
        pages(table, f"{size}a page of the portfolio of {share:.2%}", actor_for(person))


def in_all(spread: Spread) -> str:
    """What a call takes with its Python."""
    return f"with its Python p95 {spread.at(0.95):.2f} ms"


def pages(table: Table, what: str, actor: Any) -> None:
    """The first pages of a portfolio: all of it, gas meters of one model, by model if it can."""
    from meterdesk.inventory.queries import portfolio, portfolio_extent  # noqa: PLC0415
    from meterdesk.inventory.rules.portfolio import PortfolioSearch  # noqa: PLC0415
    from meterdesk.kernel.paging import PageRequest  # noqa: PLC0415

    now = datetime.now(UTC)
    lists = {"": {}, ", one model": {"device_type": "GSME", "model": "47360100"}}
    if portfolio_extent(actor, PortfolioSearch.of({}), at=now).is_sortable:
        lists[", by model"] = {"sort": "model"}
    for which, given in lists.items():
        search, cursors = PortfolioSearch.of(given), [None]
        for _ in range(20):
            page = portfolio(actor, search, PageRequest(50, cursors[-1]), at=now)
            if not page.next:
                break
            cursors.append(page.next)
        spread = timed(
            lambda cursor: portfolio(actor, search, PageRequest(50, cursor), at=now),  # noqa: B023  called at once
            cursors,
        )
        table.add(what + which, "p95 under 50 ms", spread)
