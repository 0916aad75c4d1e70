"""The demonstration network of a stated size: look-ups, pages, the API, log-in, memory, weight.

    python -m tests.scale network --premises 20000 --messages 1000000

It is built once, in var/bench, through the intakes, and kept.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tests.scale.figures import Table
from tests.scale.places import ROOT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Sizes."""
    parser.add_argument("--premises", type=int, default=5_000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=1_000, help="calls a figure is drawn from")
    parser.add_argument("--seconds", type=int, default=20, help="length of the API's load")


def run(args: argparse.Namespace, table: Table) -> None:
    """Build what is missing, then measure."""
    os.environ.setdefault("METERDESK_HOME", str(ROOT / "var" / "bench"))
    os.environ |= {"METERDESK_ENV": "demo", "METERDESK_LOG_LEVEL": "WARNING"}
    build = ["--premises", str(args.premises), "--messages", str(args.messages), "--build-only"]
    subprocess.run([sys.executable, "-m", "meterdesk.cli", "demo", *build], check=True)
    os.environ |= {
        "METERDESK_PROCESS": "web",
        "DJANGO_SETTINGS_MODULE": "meterdesk.config.settings",
    }
    import django  # noqa: PLC0415  the environment above comes first

    django.setup()
    from tests.scale.measure import measure  # noqa: PLC0415

    measure(args, Path(os.environ["METERDESK_HOME"]), table)
