"""meterdesk doctor: what is wrong with this installation, and what to do about it."""

import argparse
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.checks import run_checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from meterdesk.config.database import ensure_database, serving_role
from meterdesk.config.env import environment
from meterdesk.platform.database import DatabaseUnavailable
from meterdesk.platform.database.grants import APPEND_ONLY
from meterdesk.platform.jobs.status import queue_status

OLDEST_POSTGRESQL = 15
LEAST_FREE_BYTES = 1024**3
LATEST_START = timedelta(minutes=5)
WIDEST_CLOCK_GAP = timedelta(seconds=2)


@dataclass(frozen=True)
class Finding:
    """One line of the report; todo is empty when all is well."""

    what: str
    says: str
    todo: str = ""


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    subparsers.add_parser(
        "doctor",
        help="say what is wrong with this installation",
        description="Check configuration, database, migrations, rights, jobs, disk and clock. "
        "Each line says OK, or what is wrong and what to do; the exit status is 1 if anything is.",
    )


def run(_args: argparse.Namespace) -> int:
    """Print one line for each check; 1 when any of them is not well."""
    wrong = False
    for finding in examine():
        wrong = wrong or bool(finding.todo)
        state = "WRONG" if finding.todo else "OK"
        print(f"{state:<6}{finding.what:<15}{finding.says} {finding.todo}".rstrip())
    return 1 if wrong else 0


def examine() -> Iterator[Finding]:
    """Every finding in turn; those that need the database are left out when it is away."""
    yield _configuration()
    yield _disk()
    database = _database()
    yield database
    if database.todo:
        return
    checks: tuple[Callable[[], Finding], ...] = (_clock, _migrations, _rights, _jobs)
    for check in checks:
        try:
            yield check()
        except DatabaseError as error:
            what = check.__name__.strip("_").capitalize()
            reason = str(error).strip().splitlines()[0]
            yield Finding(what, f"Could not be checked: {reason}.", "Run `meterdesk migrate`.")


def _configuration() -> Finding:
    settings = environment()
    problems = run_checks()
    if problems:
        return Finding("Configuration", str(problems[0].msg), "Run `meterdesk check` for all.")
    where = "DATABASE_URL" if settings.database_url else "the embedded PostgreSQL"
    return Finding("Configuration", f"{settings.name}, home {settings.home}, database: {where}.")


def _disk() -> Finding:
    home = environment().home
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    says = f"{free / 1024**3:.1f} GB free in {home}."
    if free < LEAST_FREE_BYTES:
        return Finding("Disk", says, "Free at least 1 GB, or move METERDESK_HOME.")
    return Finding("Disk", says)


def _database() -> Finding:
    try:
        ensure_database(environment())
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('server_version_num')::int / 10000")
            version = cursor.fetchone()[0]
    except DatabaseUnavailable as error:
        return Finding("Database", "It cannot be used.", str(error))
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        return Finding(
            "Database", f"It does not answer: {reason}.", "Check DATABASE_URL and that server."
        )
    says = f"PostgreSQL {version} answers."
    if version < OLDEST_POSTGRESQL:
        return Finding("Database", says, f"Use PostgreSQL {OLDEST_POSTGRESQL} or newer.")
    return Finding("Database", says)


def _clock() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        gap = abs(cursor.fetchone()[0] - datetime.now(UTC))
    says = f"Here and in the database it is the same time to {gap.total_seconds():.2f} s."
    if gap > WIDEST_CLOCK_GAP:
        says = f"The database's clock is {gap.total_seconds():.0f} s away from this machine's."
        return Finding("Clock", says, "Synchronise both with a time server.")
    return Finding("Clock", says)


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        says = f"{len(missing)} not applied, first {missing[0][0]}."
        return Finding("Migrations", says, "Run `meterdesk migrate`.")
    return Finding("Migrations", "All are applied.")


def _rights() -> Finding:
    role = serving_role(environment())
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = %s", [role])
        if (cursor.fetchone() or [False])[0]:
            return Finding("Rights", f"{role} is a superuser.", "Serve with an ordinary role.")
        for table in APPEND_ONLY:
            cursor.execute(
                "select has_table_privilege(%s, %s, 'update, delete, truncate')", [role, table]
            )
            if cursor.fetchone()[0]:
                return Finding(
                    "Rights",
                    f"{role} may alter {table}.",
                    "Serve with a role that does not own the schema (DATABASE_URL and "
                    "DATABASE_OWNER_URL), then run `meterdesk migrate`.",
                )
    return Finding("Rights", f"{role} serves and cannot alter the activity log.")


def _jobs() -> Finding:
    status = queue_status()
    says = f"{status.workers} workers, {status.waiting} waiting, {status.failed} failed."
    if status.workers == 0:
        return Finding("Jobs", says, "No worker is running: start `meterdesk worker`.")
    if status.oldest_waiting and status.oldest_waiting > LATEST_START:
        minutes = int(status.oldest_waiting.total_seconds() // 60)
        return Finding("Jobs", f"{says} The oldest waits {minutes} minutes.", "Add workers.")
    if status.failed:
        return Finding("Jobs", says, "See `meterdesk jobs`.")
    return Finding("Jobs", says)
