"""Measures one network: look-ups in SQL, pages, the API under load, memory, page weight."""

import argparse
import gzip
import importlib
import re
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.scale.api_load import load_api
from tests.scale.figures import Table, timed
from tests.scale.log_in import log_ins, session_queries
from tests.scale.saml import check_answer, saml_answers

from meterdesk.demo.accounts import accounts
from meterdesk.identity.models import Person
from meterdesk.identity.queries import actor_of
from meterdesk.identity.tests.factories import log_in
from meterdesk.inventory.queries import closure, device, device_ids_for
from meterdesk.kernel.identifiers import eui_from_int

MANAGER = "alder.service-management"


def measure(args: argparse.Namespace, home: Path, table: Table) -> None:
    """Measure everything."""
    if not accounts(home):
        raise SystemExit("There is no demonstration network to measure.")
    table.title += f" {_count('inventory_device'):,} Devices."
    devices, mpxns, uprns = _samples(args.samples)
    person = Person.objects.select_related("organisation").get(username=MANAGER)
    actor = actor_of(person)

    call_command("collectstatic", interactive=False, verbosity=0)
    importlib.import_module("meterdesk.config.wsgi")  # as a web worker begins
    timed(closure, devices)  # warms what the next line measures
    lookup = "p95 under 1 ms warm"
    table.add("Device with its closure, by Device ID", lookup, timed(closure, devices))
    table.add("Device IDs by MPxN", lookup, timed(lambda m: device_ids_for(mpxn=m), mpxns))
    table.add("Device IDs by UPRN", lookup, timed(lambda u: device_ids_for(uprn=u), uprns))
    table.add("Device details, as a screen reads them", lookup, timed(
        lambda d: device(actor, d), devices))  # fmt: skip

    client = _logged_in(person)
    pages = [f"/premises/{mpxn}/" for mpxn in mpxns[: max(50, args.samples // 4)]]
    client.get(pages[0])
    table.add("premises page, whole", "p95 under 50 ms", timed(client.get, pages))
    table.add("its queries", "at most 12 beyond session and rights", _queries(client, pages[1]))
    table.add("list of incidents", "p95 under 50 ms", timed(client.get, ["/incidents/"] * 100))
    table.add("page weight", "150 kB first, 30 kB later (compressed)", _weight(client, pages[2]))
    table.add("SAML answer checked", "under 5 ms", timed(check_answer, saml_answers(200)))
    rest, hashing = log_ins(person, 60)
    table.add("log-in with both factors, without the hash", "under 300 ms", rest)
    table.add("the hash of the password", "apart", hashing)
    table.add("queries that find a session's person", "1", session_queries(_logged_in(person)))
    for what, wanted, seen in load_api(MANAGER, devices, args.seconds):
        table.add(what, wanted, seen)


def _count(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select reltuples::bigint from pg_class where relname = %s", [name])
        return int(cursor.fetchone()[0])


def _samples(number: int) -> tuple[list[str], list[str], list[str]]:
    """Random Device IDs, MPxNs and UPRNs that exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select device_id, import_mpxn, uprn from inventory_device"
            " tablesample system (1) limit %s",
            [number * 20],
        )
        rows = cursor.fetchall()
        if len(rows) < number:
            cursor.execute("select device_id, import_mpxn, uprn from inventory_device limit 20000")
            rows = cursor.fetchall()
    Random(1).shuffle(rows)
    devices = [eui_from_int(row[0]) for row in rows[:number]]
    mpxns = [row[1] for row in rows if row[1]][:number]
    return devices, mpxns, [str(row[2]) for row in rows if row[2]][:number]


def _logged_in(person: Person) -> Client:
    client = Client(SERVER_NAME="localhost")
    log_in(client, person)
    return client


def _queries(client: Client, path: str) -> str:
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return f"{len(captured)} in all"


def _weight(client: Client, path: str) -> str:
    page: Any = client.get(path)
    body = page.content
    assets = 0
    for url in set(re.findall(rb'(?:src|href)="(/static/[^"]+)"', body)):
        answer: Any = client.get(url.decode())
        assets += len(gzip.compress(b"".join(answer) if answer.streaming else answer.content))
    html = len(gzip.compress(body))
    return f"first {(html + assets) / 1000:.0f} kB, later {html / 1000:.0f} kB"
