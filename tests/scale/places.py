"""A throw-away installation to measure in: a folder with a database of its own."""

import os
import shutil
import subprocess
import sys
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
    home.mkdir(parents=True, exist_ok=True)
    try:
        meterdesk("migrate", "--quiet")
        import django  # noqa: PLC0415  the environment above comes first

        django.setup()
        yield home
    finally:
        if not keep:
            meterdesk("stop-database")
            shutil.rmtree(home, ignore_errors=True)


def meterdesk(*arguments: str) -> str:
    """Run a command of the installation; returns what it printed."""
    line = [sys.executable, "-m", "meterdesk.cli", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "METERDESK_PROCESS"}
    done = subprocess.run(line, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout
