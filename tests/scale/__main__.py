"""make bench: the figures of the design, measured on a demonstration network of a stated size.

    make bench                                    # 20,000 premises, a few minutes
    make bench BENCH_ARGS="--premises 3000000 --messages 10000000"

It builds the network once (in var/bench), measures, and writes var/bench/results.md. Nothing is
asserted: what was seen is written down, also where it falls short.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Build what is missing, then measure in a process of its own."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--premises", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--samples", type=int, default=1_000, help="calls a figure is drawn from")
    parser.add_argument("--seconds", type=int, default=20, help="length of the API's load")
    args = parser.parse_args()
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

    return measure(args, Path(os.environ["METERDESK_HOME"]))


if __name__ == "__main__":
    sys.exit(main())
