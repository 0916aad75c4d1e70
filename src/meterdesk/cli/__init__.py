"""The `meterdesk` command.

A command is a module of this package and a line in COMMANDS. The module has

    def add_parser(subparsers):    # its arguments
        parser = subparsers.add_parser("token", help=..., description=...)
        parser.add_argument("username")

    def run(args) -> int:          # its work; returns the exit status

It is imported only when its command is called, and after Django has been set up when the line
says so, so that it may import models, queries and actions at its top. The database is running
when run() is called, unless the line says that it is not needed. Whatever it refuses with
(kernel.errors.Refused, and the errors below) is printed as one sentence, with exit status 1.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from meterdesk.config.database import ensure_database
from meterdesk.config.env import environment
from meterdesk.config.parsing import ConfigurationError
from meterdesk.kernel.errors import Refused
from meterdesk.platform.database import DatabaseUnavailable


class CommandFailed(Exception):
    """A command could not do its work; the message is the sentence that is printed."""


@dataclass(frozen=True)
class Command:
    """One line of the command's table."""

    help: str
    module: str = ""
    """The module of this package, when it is not the command's own name with underscores."""
    process: str = "command"
    """METERDESK_PROCESS: decides the database role and its limits."""
    needs_django: bool = True
    needs_database: bool = True


COMMANDS = {
    "serve": Command("serve the screens and the API", process="web"),
    "demo": Command("build the demonstration network and serve it"),
    "demo-accounts": Command("list the demonstration's accounts", needs_database=False),
    "intake": Command("take in files: registration, inventory, messages and so on"),
    "catalogue": Command("load a version of the service catalogue"),
    "load-devices": Command(
        "fill an empty inventory from files of Devices, far quicker than intake", process="owner"
    ),
    "worker": Command("run jobs from the queue", process="worker"),
    "jobs": Command("list the jobs that failed, or run one again"),
    "migrate": Command("bring the database up to date", process="owner"),
    "token": Command("print an API token of a person"),
    "network": Command("approve a network for an organisation, before anybody can log in"),
    "reset-factors": Command("reset a person's second factors when no administrator is left"),
    "rotate-keys": Command("encrypt every secret anew under the first key"),
    "archive": Command("move old days of the service audit trail to the archive"),
    "recount-volumes": Command("count the trail's messages again, and mend counts that differ"),
    "verify": Command("show that nobody altered the activity log"),
    "doctor": Command("say what is wrong with this installation", needs_database=False),
    "check": Command("check routes, jobs, models and settings", needs_database=False),
    "simulate": Command("simulate an outside system", needs_django=False, needs_database=False),
    "stop-database": Command(
        "stop the embedded database", needs_django=False, needs_database=False
    ),
    "settings-doc": Command(
        "print docs/reference/settings.md", module="docs", needs_django=False, needs_database=False
    ),
    "commands-doc": Command(
        "print docs/reference/commands.md", module="docs", needs_database=False
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status. Expected errors become one sentence."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    chosen = arguments[0] if arguments else ""
    try:
        module = _load(chosen) if chosen in COMMANDS else None
        args = _parser(module).parse_args(arguments)
        if module is None:
            return 2
        if COMMANDS[chosen].needs_database:
            ensure_database(environment())
        return int(module.run(args) or 0)
    except (CommandFailed, ConfigurationError, DatabaseUnavailable, Refused) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has gone; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        sentence = _database_sentence(error)
        if sentence is None:
            raise
        return _fail(sentence)


def _load(name: str) -> ModuleType:
    command = COMMANDS[name]
    os.environ.setdefault("METERDESK_PROCESS", command.process)
    if command.needs_django:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meterdesk.config.settings")
        environment()
        importlib.import_module("django").setup()
    return importlib.import_module(f"{__name__}.{command.module or name.replace('-', '_')}")


def _parser(module: ModuleType | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="meterdesk", description="Service management for a national smart-metering network."
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    if module is not None:
        module.add_parser(subparsers)
    for name, command in COMMANDS.items():
        if name not in subparsers.choices:
            subparsers.add_parser(name, help=command.help)
    return parser


def _database_sentence(error: Exception) -> str | None:
    """The sentence for an error that says the database is away or not migrated, else None."""
    names = {kind.__name__ for kind in type(error).__mro__}
    reason = str(error).strip().splitlines()[0] if str(error).strip() else "it gave no reason"
    if "OperationalError" in names:
        return f"The database does not answer: {reason}. Run `meterdesk doctor`."
    if "ProgrammingError" in names and "does not exist" in reason:
        return "The database is not up to date. Run `meterdesk migrate`."
    return None


def _fail(sentence: str) -> int:
    print(f"meterdesk: {sentence}", file=sys.stderr)
    return 1
