"""Measures the lists of people and the activity log at the size of a large organisation.

    python -m tests.scale.people --accounts 20000 --entries 1000000

It fills a database of its own (METERDESK_HOME, by default var/bench-people) with accounts of one
organisation among two and with entries of the log, then reads first, next and deep pages by each
sort and filter. Nothing is asserted: the time in SQL, the time of the whole query and the slowest
plan are printed. With --explain the plans of all that take more than 20 ms in SQL.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.scale.figures import Spread, timed

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SLOW_MS = 20

PEOPLE = """
insert into identity_person (password, last_login, username, first_name, last_name, email,
  telephone, department, line_manager, organisation_id, status, must_set_password,
  details_confirmed_at, created_at, version)
select '!x', case when n %% 9 > 0 then %(now)s - n * interval '7 minutes' end,
  %(prefix)s || '.person.' || n,
  (array['Asha','Bryn','Cai','Dilys','Ewan','Freya','Gareth'])[1 + n %% 7] || n %% 53,
  (array['Howell','Ivory','Jones','Kaur','Lloyd'])[1 + n * 7919 %% 5] || n * 104729 %% 9973,
  'p' || n || '@' || %(prefix)s || '.example', '', 'Department ' || n %% 40, '',
  %(organisation)s, case when n %% 50 = 0 then 'LOCKED' when n %% 20 = 0 then 'DELETED'
  else 'ACTIVE' end, false, %(now)s, %(now)s - interval '2 years', 1
from generate_series(1, %(number)s) n
"""

ENTRIES = """
insert into platform_activityentry (at, person_id, username, organisation_id, request_id, verb,
  subject, detail)
select %(now)s - n * interval '40 seconds', p.id, p.username, p.organisation_id, 'r' || n,
  (array['identity.log_in','identity.log_out','incidents.raise','trail.export',
    'identity.edit_account','identity.log_in_failed','tables.export','devices.read'])[1 + n %% 8],
  case when n %% 3 = 0 then p.username else 'INC' || lpad((n %% 90000)::text, 7, '0') end,
  jsonb_build_object('before', n, 'after', n + 1)
from generate_series(1, %(number)s) n
join (select id, username, organisation_id, row_number() over (order by id) - 1 as place
      from identity_person) p on p.place = (n::bigint * 7919) %% %(people)s
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """An administrator of the large organisation, and the operator's security officer."""

    administrator: Any
    officer: Any


def main() -> int:
    """Build what is missing, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--explain", action="store_true", help="show the plans of what is slow")
    args = parser.parse_args()
    os.environ.setdefault("METERDESK_HOME", str(ROOT / "var" / "bench-people"))
    os.environ |= {
        "METERDESK_ENV": "development",
        "METERDESK_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "meterdesk.config.settings",
        "METERDESK_PROCESS": "owner",
    }
    subprocess.run([sys.executable, "-m", "meterdesk.cli", "migrate"], check=True)
    import django  # noqa: PLC0415  the environment above comes first

    django.setup()
    scene = build(args.accounts, args.entries)
    print(f"{args.accounts:,} accounts in one organisation, {args.entries:,} entries of the log")
    for title, read in (reads_of_people(scene) | reads_of_activity(scene)).items():
        figure(title, read, args.samples, explain=args.explain)
    return 0


def build(accounts: int, entries: int) -> Scene:
    """Fill the database unless it is filled already."""
    from django.db import connection  # noqa: PLC0415

    from meterdesk.identity.models import Person  # noqa: PLC0415
    from meterdesk.identity.rules import DeskRole, JobTypeRole  # noqa: PLC0415
    from meterdesk.identity.tests.factories import (  # noqa: PLC0415
        actor_for,
        make_organisation,
        make_person,
        make_user_id,
    )

    if not Person.objects.filter(username="amy").exists():
        role = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
        large, other = make_organisation("Large"), make_organisation("Other")
        make_person("amy", [(make_user_id(organisation=large), role)])
        make_person("zeb", desk=[DeskRole.SECURITY_OFFICER, DeskRole.ADMINISTRATOR])
        with connection.cursor() as cursor:
            for name, organisation, number in (
                ("large", large.pk, accounts),
                ("other", other.pk, accounts // 4),
            ):
                given = {"now": NOW, "prefix": name, "organisation": organisation, "number": number}
                cursor.execute(PEOPLE, given)
            given = {"now": NOW, "number": entries, "people": Person.objects.count()}
            cursor.execute(ENTRIES, given)
            cursor.execute("analyze identity_person")
            cursor.execute("analyze platform_activityentry")
    people = {one.username: one for one in Person.objects.filter(username__in=["amy", "zeb"])}
    return Scene(actor_for(people["amy"]), actor_for(people["zeb"]))


def pages(read: Callable[[Any], Any], deep: int) -> Callable[[int], Any]:
    """Reads a page of 50; the first, or one so many times 500 rows further on."""
    from meterdesk.kernel.paging import PageRequest  # noqa: PLC0415

    cursor = None
    for _ in range(deep):
        cursor = read(PageRequest(500, cursor)).next
    return lambda _: read(PageRequest(50, cursor))


def reads_of_people(scene: Scene) -> dict[str, Callable[[int], Any]]:
    """What administrators do with the list, by its title."""
    from meterdesk.identity.queries import PeopleSearch, people  # noqa: PLC0415

    sorts = ("username", "name", "department", "status", "last_login")
    searches = {
        f"people by {sign}{sort}": PeopleSearch(sort=f"{sign}{sort}")
        for sort in sorts
        for sign in ("", "-")
    } | {
        "people, part of a name": PeopleSearch(text="lloyd12", sort="name"),
        "people, dormant": PeopleSearch(last_login="dormant", sort="last_login"),
        "people, locked": PeopleSearch(status="LOCKED", sort="name"),
    }
    found: dict[str, Callable[[int], Any]] = {}
    for title, search in searches.items():

        def read(page: Any, search: PeopleSearch = search) -> Any:
            return people(scene.administrator, search, page, at=NOW)

        found[title] = pages(read, 0)
        if "by" in title:
            found[f"{title}, deep"] = pages(read, 20)
    return found


def reads_of_activity(scene: Scene) -> dict[str, Callable[[int], Any]]:
    """What administrators and the operator's security officer do with the log, by its title."""
    from meterdesk.identity.queries import activity  # noqa: PLC0415
    from meterdesk.platform.activity.reading import EntrySearch  # noqa: PLC0415

    month = {"begins": NOW - timedelta(days=60), "ends": NOW - timedelta(days=30)}
    person = "large.person.77"
    searches = {
        "newest": EntrySearch(),
        "of a person": EntrySearch(username=person),
        "by verb": EntrySearch(verb="identity.edit_account"),
        "by a verb that never was": EntrySearch(verb="identity.lock"),
        "by area": EntrySearch(area="identity"),
        "failures": EntrySearch(failed=True),
        "a month": EntrySearch(**month),
        "a verb in a month": EntrySearch(verb="trail.export", **month),
        "a person's verb": EntrySearch(username=person, verb="trail.export"),
        "a subject": EntrySearch(subject="INC0000012"),
    }
    found: dict[str, Callable[[int], Any]] = {}
    for title, search in searches.items():
        for who, actor in (("administrator", scene.administrator), ("officer", scene.officer)):

            def read(page: Any, search: EntrySearch = search, actor: Any = actor) -> Any:
                return activity(actor, search, page, count=True)

            found[f"activity, {title}, {who}"] = pages(read, 0)
            found[f"activity, {title}, {who}, next"] = pages(read, 1)
    return found


def figure(title: str, read: Callable[[int], Any], samples: int, *, explain: bool) -> None:
    """Print what a read takes; plans of what is slow when they are asked for."""
    from django.db import connection, reset_queries  # noqa: PLC0415

    connection.force_debug_cursor = True
    read(0)
    sql: list[float] = []

    def once(number: int) -> None:
        reset_queries()
        read(number)
        sql.append(sum(float(one["time"]) for one in connection.queries) * 1000)

    whole = timed(once, range(samples))
    in_sql = Spread(sql)
    print(f"{title}: SQL p95 {in_sql.at(0.95):.0f} ms, whole {whole}", flush=True)
    if explain and in_sql.at(0.5) > SLOW_MS:
        slowest = max(connection.queries, key=lambda one: float(one["time"]))["sql"]
        with connection.cursor() as cursor:
            cursor.execute("explain (analyze, buffers) " + slowest.replace("%", "%%"))
            plan = "\n".join(row[0] for row in cursor.fetchall())
        print(f"{slowest[:1500]}\n{plan}\n")


if __name__ == "__main__":
    sys.exit(main())
