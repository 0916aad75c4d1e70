"""make bench: the figures of the design, each part at a stated size.

    make bench                                              # every part, small, some minutes
    make bench BENCH_ARGS="country --devices 12000000"      # one part; --help says its sizes

Nothing is asserted: what was seen is written down beside what is asked, also where it falls short,
in var/bench/PART.md. docs/reference/capacity.md says how the figures are taken.
"""

import argparse
import importlib
import subprocess
import sys
from datetime import UTC, datetime

from tests.scale.figures import Table
from tests.scale.places import ROOT

PARTS = ("network", "country", "registration", "changes", "export", "restart")
"""Parts that write a table."""
ALONE = ("trail_pages",)
"""Modules that measure by themselves."""


def main() -> int:
    """Run one part, or each in a process of its own."""
    if len(sys.argv) == 1:
        done = [_run("tests.scale", part) for part in PARTS] + [
            _run(f"tests.scale.{part}") for part in ALONE
        ]
        return max(done)
    if sys.argv[1] in ALONE:
        return _run(f"tests.scale.{sys.argv[1]}", *sys.argv[2:])
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, epilog=f"Also: {', '.join(ALONE)}."
    )
    parts = parser.add_subparsers(dest="part", required=True)
    modules = {part: importlib.import_module(f"tests.scale.{part}") for part in PARTS}
    for part, module in modules.items():
        said = (module.__doc__ or "").partition("\n")[0]
        own = parts.add_parser(part, help=said, description=module.__doc__)
        module.add_arguments(own)
    args = parser.parse_args()
    sizes = ", ".join(f"{name} {value}" for name, value in vars(args).items() if name != "part")
    print(f"{args.part}: {sizes}", flush=True)
    table = Table(f"{args.part}: {sizes}. {datetime.now(UTC):%d %b %Y}.")
    modules[args.part].run(args, table)
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    table.write(folder / f"{args.part}.md")
    return 0


def _run(*module_and_arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", *module_and_arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
