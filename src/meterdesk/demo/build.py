"""Builds the demonstration network: files first, then the same intakes as for real data."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random

from meterdesk.demo import files
from meterdesk.demo.accounts import open_accounts
from meterdesk.demo.archived import archive_some
from meterdesk.demo.changes import change_some, load_coverage
from meterdesk.demo.doors import open_doors
from meterdesk.demo.homes import Home, home_of
from meterdesk.demo.incidents import raise_incidents
from meterdesk.demo.messages import Outage, Source, outages_of
from meterdesk.demo.products import write_products
from meterdesk.demo.registration import send_registration_data
from meterdesk.demo.requests import raise_requests
from meterdesk.demo.sharing import open_sharings
from meterdesk.platform.intake import run_intake

SHARD = 20_000
MESSAGES_A_HOME = 160
FULL_MESSAGES_UP_TO = 20_000
MOST_MESSAGES = 50_000_000
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build; the same plan gives the same network.

    Attributes:
        premises: homes, 1 to 3,000,000.
        messages: how many in all; None: three months' worth, at most 50 million.
        today: the last day of the three months.
        seed: what everything is drawn from.
    """

    premises: int = 5_000
    messages: int | None = None
    today: date = date.min
    seed: int = 1

    @property
    def now(self) -> datetime:
        """The instant up to which the network has lived: now today, else noon of that day."""
        actual = datetime.now(UTC)
        if self.today == actual.date():
            return actual.replace(microsecond=0)
        return datetime.combine(self.today, time(12), UTC)

    @property
    def daily_share(self) -> float:
        """Share of the days on which a meter is read, thinned to meet the number of messages."""
        full = self.premises * MESSAGES_A_HOME
        most = full if self.premises <= FULL_MESSAGES_UP_TO else MOST_MESSAGES
        return min(1.0, (most if self.messages is None else self.messages) / full)

    def as_text(self) -> str:
        """The plan as JSON, kept beside the network to know it again."""
        return json.dumps(asdict(self) | {"today": self.today.isoformat()}, sort_keys=True)


def build(plan: Plan, home_folder: Path, report: Report) -> None:
    """Build the network of a plan; every part may be run again, so a killed build is mended so.

    Args:
        plan: what to build.
        home_folder: Meterdesk's own folder; files stand in `demo/` below it while they are read.
        report: called with a line for people after each step.
    """
    folder = home_folder / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    accounts = open_accounts(folder / "accounts.json", at=plan.now)
    report(f"{accounts} accounts")
    report(f"{open_sharings(folder, at=plan.now)} sharings")
    report(f"{open_doors(at=plan.now)} networks, with tokens, programs and identity providers")
    products = folder / "products.csv"
    write_products(products)
    _take_in("products", products, report)
    now = plan.now
    outages = outages_of(plan.seed, _outcodes(plan), now)
    for first in range(0, plan.premises, SHARD):
        last = min(first + SHARD, plan.premises)
        _build_shard(plan, range(first, last), folder, outages, report)
    few = [home_of(plan.seed, i, plan.today) for i in range(min(plan.premises, 200))]
    report(f"{change_some(few, folder, now)} changes of Devices")
    if plan.premises <= SHARD:
        every = [home_of(plan.seed, i, plan.today) for i in range(plan.premises)]
        report(f"{load_coverage(every, folder, now)} places of coverage that wait to count")
    sample = (home_of(plan.seed, i, plan.today) for i in range(min(plan.premises, SHARD)))
    report(f"{raise_incidents(sample, now, Random(plan.seed))} incidents")
    report(f"{raise_requests(few, now)} service requests")
    report(f"{send_registration_data(few, folder, now)} files of registration data providers")
    report(f"{archive_some(few, folder, now, plan.seed)} days of the trail archived")
    (folder / "plan.json").write_text(plan.as_text(), encoding="utf-8")


def is_built(plan: Plan, home_folder: Path) -> bool:
    """Whether this very network stands already; one of an earlier day still serves."""
    kept = home_folder / "demo" / "plan.json"
    if not kept.is_file():
        return False
    before = json.loads(kept.read_text(encoding="utf-8"))
    wanted = json.loads(plan.as_text())
    return {**before, "today": ""} == {**wanted, "today": ""}


def _outcodes(plan: Plan) -> list[str]:
    homes = range(0, plan.premises, 15)
    return sorted({home_of(plan.seed, i, plan.today).postcode.outcode for i in homes})


def _build_shard(
    plan: Plan, numbers: range, folder: Path, outages: list[Outage], report: Report
) -> None:
    homes = [home_of(plan.seed, number, plan.today) for number in numbers]
    cuts: dict[str, list[Outage]] = {}
    for outage in outages:
        cuts.setdefault(outage.outcode, []).append(outage)
    report(f"premises {numbers.start + 1:,} to {numbers.stop:,} of {plan.premises:,}")

    def rows_of(write: Callable[[Home], Iterator[dict[str, str]]]) -> Iterator[dict[str, str]]:
        for home in homes:
            yield from write(home)

    def hub_rows(home: Home) -> Iterator[dict[str, str]]:
        yield files.hub_row(home, plan.now, cuts.get(home.postcode.outcode, []))

    parts = (
        ("registration", files.REGISTRATION, files.registration_rows),
        ("inventory", files.INVENTORY, files.inventory_rows),
        ("coverage", files.COVERAGE, lambda home: files.coverage_rows(home, plan.today)),
        ("places", files.PLACES, files.place_rows),
        ("hubs", files.HUBS, hub_rows),
    )
    for kind, header, write in parts:
        path = folder / f"{kind}.csv"
        files.write_csv(path, header, rows_of(write))
        _take_in(kind, path, report)
        path.unlink()
    path = folder / "trail.ndjson"
    files.write_messages(path, _sources(plan, homes, cuts))
    _take_in("trail", path, report)
    path.unlink()


def _sources(plan: Plan, homes: list[Home], cuts: dict[str, list[Outage]]) -> Iterator[Source]:
    for home in homes:
        yield Source(
            home=home,
            rng=Random(plan.seed * 7_000_003 + home.index),
            now=plan.now,
            outages=cuts.get(home.postcode.outcode, []),
            daily_share=plan.daily_share,
        )


def _take_in(kind: str, path: Path, report: Report) -> None:
    run = run_intake(kind, [path], started_by="demonstration")
    counts = f"accepted {run.accepted:,} unchanged {run.unchanged:,} refused {run.refused:,}"
    report(f"  {kind}: {counts}")
