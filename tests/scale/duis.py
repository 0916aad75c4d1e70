"""Measures the intake of DUIS documents: every template of the real data, many times, each its own.

    python -m tests.scale.duis --documents 20000

The documents come from METERDESK_REALDATA (duis/templates-5.4, checked against duis/schemas), with
Device and counter changed so that none is a repeat. They go in as one file, as a ZIP and as a
folder into a database of its own (METERDESK_HOME, by default var/bench-duis). Nothing is asserted:
what was seen is printed, per second of the clock and per second of this process's core, and then
where the time of reading one document goes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import cycle, islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIRST_DEVICE = b"00-DB-12-34-56-78-90-A0"


def documents(folder: Path, number: int, start: int) -> Iterator[bytes]:
    """So many documents, the templates in turn, each with a counter that no other has."""
    templates = [path.read_bytes() for path in sorted(folder.glob("*.XML"))]
    if not templates:
        raise SystemExit(f"There are no documents in {folder}; set METERDESK_REALDATA.")
    for place, text in enumerate(islice(cycle(templates), number), start):
        head, end, rest = text.partition(b"</sr:RequestID>")
        head = head[: head.rindex(b":") + 1] + str(place).encode() + end
        device = b"-".join(b"%02X" % byte for byte in (place % 500_000 + 7).to_bytes(8))
        yield (head + rest).replace(FIRST_DEVICE, device)


def one_file(folder: Path, texts: Iterator[bytes]) -> list[Path]:
    """All documents one after the other."""
    path = folder / "documents.xml"
    with path.open("wb") as out:
        out.writelines(texts)
    return [path]


def archive(folder: Path, texts: Iterator[bytes]) -> list[Path]:
    """Each an entry of a ZIP."""
    path = folder / "documents.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for number, text in enumerate(texts):
            out.writestr(f"{number}.xml", text)
    return [path]


def many_files(folder: Path, texts: Iterator[bytes]) -> list[Path]:
    """Each a file."""
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"{number}.xml")
        paths[-1].write_bytes(text)
    return paths


def main() -> int:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    args = parser.parse_args()
    data = Path(os.environ.get("METERDESK_REALDATA") or ROOT.parent / "shared" / "data") / "duis"
    home = Path(os.environ.setdefault("METERDESK_HOME", str(ROOT / "var" / "bench-duis")))
    os.environ |= {
        "METERDESK_ENV": "development",
        "METERDESK_LOG_LEVEL": "WARNING",
        "METERDESK_DUIS_SCHEMAS": str(data / "schemas"),
        "DJANGO_SETTINGS_MODULE": "meterdesk.config.settings",
        "METERDESK_PROCESS": "owner",
    }
    subprocess.run([sys.executable, "-m", "meterdesk.cli", "migrate"], check=True)
    import django  # noqa: PLC0415  the environment above comes first

    django.setup()
    start = int(time.time()) * 1_000_000
    for place, form in enumerate((one_file, archive, many_files)):
        folder = home / form.__name__
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        texts = documents(data / "templates-5.4", args.documents, start + place * args.documents)
        take_in(form, form(folder, texts), profiled=args.profile)
        shutil.rmtree(folder)
    stages(list(documents(data / "templates-5.4", 2_970, start)), data / "schemas")
    return 0


def take_in(form: Callable[..., Any], paths: list[Path], *, profiled: bool) -> None:
    """One run of the files, timed; what is sent a second time counts as unchanged."""
    import cProfile  # noqa: PLC0415  seldom asked for
    import pstats  # noqa: PLC0415

    from meterdesk.platform.intake import run_intake  # noqa: PLC0415

    for turn in ("new", "again"):
        clock, core = time.monotonic(), time.process_time()
        with cProfile.Profile() if profiled else nullcontext() as profile:
            run = run_intake("trail", paths)
        clock, core = time.monotonic() - clock, time.process_time() - core
        done = run.accepted + run.unchanged + run.refused
        print(
            f"{form.__name__}, {turn}: {done / clock:,.0f} documents a second of the clock, "
            f"{done / core:,.0f} of one core; accepted {run.accepted:,} "
            f"unchanged {run.unchanged:,} refused {run.refused:,}",
            flush=True,
        )
        if profiled:
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)


def stages(texts: list[bytes], schemas: Path) -> None:
    """Microseconds of one core that each part of reading a document takes, on average."""
    from lxml import etree  # noqa: PLC0415

    from meterdesk.trail.intake.duis import load_schema, read_document  # noqa: PLC0415

    schema = load_schema(schemas)
    roots = [etree.fromstring(text) for text in texts]
    parts: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
        "parsed alone": (etree.fromstring, texts),
        "the schema alone": (schema.validate, roots),
        "C14N alone": (lambda root: etree.tostring(root, method="c14n"), roots),
        "read whole": (lambda text: read_document(text, schema=schema, filename="x.xml"), texts),
    }
    for what, (call, given) in parts.items():
        began = time.process_time()
        for one in given:
            call(one)
        print(f"{what}: {(time.process_time() - began) / len(given) * 1e6:.0f} µs a document")


if __name__ == "__main__":
    sys.exit(main())
