"""Monthly figures of the trail at a full national month of counts.

    METERDESK_HOME=... python -m tests.scale.trail_volumes --parties 200

Counts are made in SQL: every party uses every service every day of a month, in each status and
response time class that there can be. It times the month's figures of the operator, of one UserId
and of four, as the screen asks for them: reading, adding up and what stands on the page.
"""

import argparse
import os
import subprocess
import sys
from datetime import date
from typing import Any

import django

MONTH = date(2026, 10, 1)
CLASSES = ((1, 0), *((2, timing) for timing in range(1, 6)), *((3, timing) for timing in (1, 2, 3)))
FILL = """
insert into trail_volume_day (everyone, party, day, srv, mode, status, timing, messages)
select grouping(p.party) = 1, coalesce(p.party, 0), d.day, s.srv, 1 + s.srv %% 3, c.status,
       c.timing, sum(1 + (p.party * d.day_of_month * s.srv * c.timing) %% 9973)
  from generate_series(1, %(parties)s) p(party)
 cross join (select %(month)s::date + n as day, n + 1 as day_of_month
               from generate_series(0, 30) n) d
 cross join generate_series(1, %(services)s) s(srv)
 cross join unnest(%(statuses)s::int2[], %(timings)s::int2[]) c(status, timing)
 group by grouping sets ((p.party, d.day, s.srv, c.status, c.timing),
                         (d.day, s.srv, c.status, c.timing))
"""


def main() -> int:
    """Fill and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parties", type=int, default=200)
    parser.add_argument("--samples", type=int, default=50)
    given = parser.parse_args()
    os.environ |= {"METERDESK_ENV": "demo", "METERDESK_LOG_LEVEL": "WARNING"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "meterdesk.config.settings"
    subprocess.run([sys.executable, "-m", "meterdesk.cli", "migrate", "--quiet"], check=True)
    os.environ["METERDESK_PROCESS"] = "owner"
    django.setup()
    from django.db import connection  # noqa: PLC0415  after the environment

    from meterdesk.trail.rules.variants import VARIANTS  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("truncate trail_volume_day")
        cursor.execute(FILL, {
            "parties": given.parties,
            "month": MONTH,
            "services": len(VARIANTS),
            "statuses": [status for status, _timing in CLASSES],
            "timings": [timing for _status, timing in CLASSES],
        })  # fmt: skip
        print(f"{cursor.rowcount:,} counts by day of {given.parties} parties", flush=True)
        for table in ("day", "month", "mode"):
            cursor.execute(f"vacuum analyze trail_volume_{table}")
    _measure(given.samples)
    return 0


def _measure(samples: int) -> None:
    from tests.scale.figures import timed  # noqa: PLC0415

    from meterdesk.identity.rules import (  # noqa: PLC0415
        Actor,
        DeskPermission,
        OrganisationKind,
    )
    from meterdesk.kernel.identifiers import eui_from_int  # noqa: PLC0415
    from meterdesk.trail.queries import VolumeSearch, monthly_figures  # noqa: PLC0415

    def actor(*parties: int) -> Actor:
        user_ids = frozenset(map(eui_from_int, parties))
        named: dict[str, Any] = {
            "organisation_kind": OrganisationKind.PARTY if parties else OrganisationKind.OPERATOR,
            "user_ids": user_ids,
            "entitlements": {"UC_ServiceAudit": user_ids},
            "desk": frozenset() if parties else frozenset({DeskPermission.NETWORK_DATA}),
        }
        return Actor(1, "bench", "Bench", 1, "Bench", user_roles={}, job_type_roles={}, **named)

    search = VolumeSearch(MONTH)
    for title, who in (
        ("everyone", actor()),
        ("one UserId", actor(7)),
        ("four UserIds", actor(7, 8, 9, 10)),
    ):
        monthly_figures(who, search)
        seen = timed(lambda one: monthly_figures(one, search), [who] * samples)
        print(f"  the month of {title}: {seen}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
