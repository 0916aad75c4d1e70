"""Registration of a country: files of meter points into an empty register, a day's changes of each.

    python -m tests.scale registration --points 1000000 3000000 10000000

Each size is a file of its own into an empty register, with changes upon it. Ten million points
take some six minutes and 10 GB.
"""

import argparse

from tests.scale.country import changes, points
from tests.scale.figures import Table
from tests.scale.places import parties, place


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Sizes."""
    parser.add_argument("--points", type=int, nargs="+", default=[20_000, 60_000, 200_000])
    parser.add_argument("--changes", type=int, default=20_000, help="meter points that change")


def run(args: argparse.Namespace, table: Table) -> None:
    """Take in, size by size."""
    with place("registration") as home:
        from django.db import connection  # noqa: PLC0415  after django.setup()

        user_ids, _people = parties()
        for size in sorted(args.points):
            with connection.cursor() as cursor:
                cursor.execute(
                    "truncate registration_meterpoint, registration_registration cascade"
                )
            points(home, table, user_ids, range(size // 2))
            with connection.cursor() as cursor:
                cursor.execute("vacuum analyze")
            changes(home, table, user_ids, size // 2, args.changes // 2)
        with connection.cursor() as cursor:
            cursor.execute(
                "select sum(pg_total_relation_size(name::regclass)) from"
                " unnest(array['registration_meterpoint', 'registration_registration']) name"
            )
            table.add("bytes a meter point", "", f"{cursor.fetchone()[0] / size:.0f}")
