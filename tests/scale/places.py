"""A throw-away installation to measure in: a folder with a database of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def place(part: str, *, keep: bool = False) -> Iterator[Path]:
    """A migrated installation for a part of the bench, with Django set up, as the schema's owner.

    It is made in METERDESK_BENCH_HOME, by default var/bench, and removed in the end.
    """
    home = Path(os.environ.get("METERDESK_BENCH_HOME", ROOT / "var" / "bench")) / part
    os.environ |= {
        "METERDESK_HOME": str(home),
        "METERDESK_ENV": "development",
        "METERDESK_LOG_LEVEL": "WARNING",
        "METERDESK_PROCESS": "owner",
        "DJANGO_SETTINGS_MODULE": "meterdesk.config.settings",
    }
    if home.exists() and not keep:
        _remove(home)
    home.mkdir(parents=True, exist_ok=True)
    try:
        meterdesk("migrate", "--quiet")
        import django  # noqa: PLC0415  the environment above comes first

        django.setup()
        yield home
    finally:
        if not keep:
            _remove(home)


def _remove(home: Path) -> None:
    """Remove an installation, also what a bench that was stopped left behind."""
    meterdesk("stop-database")
    shutil.rmtree(home)


def meterdesk(*arguments: str) -> str:
    """Run a command of the installation; returns what it printed."""
    line = [sys.executable, "-m", "meterdesk.cli", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "METERDESK_PROCESS"}
    done = subprocess.run(line, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def parties() -> tuple[list[str], list[object]]:
    """UserIds of four suppliers and a network company, and people who act for the suppliers."""
    from meterdesk.identity.rules import JobTypeRole, UserRole  # noqa: PLC0415
    from meterdesk.identity.tests.factories import make_person, make_user_id  # noqa: PLC0415

    user_ids = [*(make_user_id() for _ in range(4)), make_user_id(role=UserRole.ED)]
    people = [make_person(assignments=[(eui, JobTypeRole.MI_USER)]) for eui in user_ids[:4]]
    return user_ids, people


def take_in(kind: str, path: Path, **options: str) -> tuple[float, Counter[str]]:
    """Take a file in and remove it; returns the seconds it took and the counts of the run."""
    from meterdesk.platform.intake import run_intake  # noqa: PLC0415

    started = time.perf_counter()
    run = run_intake(kind, [path], options=options)
    seconds = time.perf_counter() - started
    path.unlink()
    return seconds, Counter(accepted=run.accepted, unchanged=run.unchanged, refused=run.refused)


def rate(rows: int, seconds: float) -> str:
    """Rows a second in words."""
    return f"{rows / seconds:,.0f} a second ({rows:,} in {seconds:.1f} s)"
