"""meterdesk jobs: the jobs that failed for good, and running one again."""

import argparse
import json
from typing import Any

from procrastinate.exceptions import ConnectorException

from meterdesk.cli import CommandFailed
from meterdesk.platform.jobs.status import failed_jobs, run_again


def add_parser(subparsers: Any) -> None:
    """The arguments of the command."""
    parser = subparsers.add_parser(
        "jobs",
        help="list the jobs that failed, or run one again",
        description="List the jobs that have been tried as often as they may be. The worker's "
        "log says why each failed.",
    )
    parser.add_argument("--run-again", type=int, metavar="NUMBER", help="queue this job again")


def run(args: argparse.Namespace) -> int:
    """List, or queue one again."""
    if args.run_again is not None:
        try:
            run_again(args.run_again)
        except ConnectorException as error:
            raise CommandFailed(f"There is no failed job {args.run_again}.") from error
        print(f"Job {args.run_again} is queued again.")
        return 0
    found = failed_jobs()
    for job in found:
        arguments = json.dumps(job.arguments, sort_keys=True)
        print(f"{job.id}  {job.failed_at:%Y-%m-%d %H:%M} UTC  {job.name}  {arguments}")
    if not found:
        print("No job has failed.")
    return 0
