"""meterdesk intake: take in files of one kind."""

import argparse
import getpass
import glob
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from meterdesk.cli import CommandFailed
from meterdesk.kernel.formats import csv_lines
from meterdesk.platform.intake import DRY_RUN, IntakeRun, kinds, run_intake
from meterdesk.platform.intake.runs import REPORT_HEADER, closing_line, every_refusal, report_row


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    known = "; ".join(f"{intake.kind}: {intake.title}" for intake in kinds())
    parser = subparsers.add_parser(
        "intake",
        help="take in files: registration, inventory, messages and so on",
        description="Take in files of one kind as one run, in batches. Safe to stop and to run "
        "again: what is there already counts as unchanged. Progress goes to standard error; the "
        "last line of standard output is `accepted N unchanged N refused N`. The exit status is 0 "
        f"when every file could be read. Kinds: {known}. docs/reference/formats describes them.",
    )
    parser.add_argument("kind", metavar="KIND", help="what the files hold")
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="files, folders (every file in them) or patterns such as 'june/*.csv'",
    )
    parser.add_argument(
        "--received-at",
        metavar="INSTANT",
        help="when the messages of a trail were received, such as 2026-04-01T09:30:00Z; "
        "now when left out",
    )
    parser.add_argument(
        "--report", metavar="FILE.csv", type=Path, help="write every refused record to this file"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would happen and change nothing"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(args: argparse.Namespace) -> int:
    """Take the files in; exit status 1, with a sentence, when one cannot be read."""
    options = {"received_at": _instant(args.received_at)} if args.received_at else {}
    if args.dry_run:
        options[DRY_RUN] = "yes"
    return take_in(args.kind, options, args)


def take_in(kind: str, options: dict[str, str], args: argparse.Namespace) -> int:
    """Take in `args.files` with progress, a report if asked for, and the closing line."""
    paths = [path for given in args.files for path in _files(given)]
    # Stopped by its supervisor, a run says so of itself instead of being found later.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    done = run_intake(
        kind,
        paths,
        options=options,
        started_by=f"{getpass.getuser()} (command)",
        on_progress=_Progress(quiet=args.quiet),
    )
    if args.report:
        _write_report(done.pk, args.report)
    if done.note and not args.quiet:
        print(done.note, file=sys.stderr)
    print(closing_line(done.accepted, done.unchanged, done.refused))
    return 0


def _files(given: str) -> list[Path]:
    """The files that an argument names; one that names nothing is kept, to be reported."""
    path = Path(given)
    if path.is_dir():
        found = sorted(one for one in path.iterdir() if one.is_file() and one.name[0] != ".")
        if not found:
            raise CommandFailed(f"There are no files in {given}.")
        return found
    if not path.exists() and (found := sorted(Path(one) for one in glob.glob(given))):  # noqa: PTH207  absolute ones too
        return found
    return [path]


def _instant(text: str) -> str:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise CommandFailed(
            f"--received-at is {text}; give an instant with its offset, such as "
            "2026-04-01T09:30:00Z."
        )
    return instant.astimezone(UTC).isoformat()


def _write_report(run_id: int, path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as report:
            rows = (report_row(refusal) for refusal in every_refusal(run_id))
            report.writelines(csv_lines(REPORT_HEADER, rows))
    except OSError as error:
        raise CommandFailed(
            f"The files were taken in, but the report {path} cannot be written: {error.strerror}."
        ) from error


class _Progress:
    """Says how far a run has come: over one line on a terminal, else every ten seconds."""

    def __init__(self, *, quiet: bool) -> None:
        self.terminal = sys.stderr.isatty()
        self.quiet = quiet
        self.began = self.said = time.monotonic()
        self.every = 0.5 if self.terminal else 10.0

    def __call__(self, run: IntakeRun) -> None:
        """Called after each batch."""
        now = time.monotonic()
        over = run.lines_read >= run.lines_total
        if self.quiet or (now - self.said < self.every and not (over and self.terminal)):
            return
        self.said = now
        speed = run.lines_read / max(now - self.began, 0.001)
        text = (
            f"{run.lines_read:,} of {run.lines_total:,} lines, {speed:,.0f} a second: "
            f"accepted {run.accepted:,} unchanged {run.unchanged:,} refused {run.refused:,}"
        )
        end = "\n" if over or not self.terminal else ""
        start = "\r\033[K" if self.terminal else ""
        print(f"{start}{text}", end=end, file=sys.stderr, flush=True)
