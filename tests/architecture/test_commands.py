"""Every command can be called, is documented, and fails in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from meterdesk.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


def _meterdesk(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "meterdesk.cli", *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    documented = {line.split()[-1] for line in page.splitlines() if line.startswith("## ")}
    assert documented == set(COMMANDS), "Run: meterdesk commands-doc > docs/reference/commands.md"


def test_without_a_command_the_commands_are_listed() -> None:
    answer = _meterdesk("--help")
    assert answer.returncode == 0
    assert all(name in answer.stdout for name in COMMANDS)


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["doctor"], {"METERDESK_ENV": "staging"}, "METERDESK_ENV is 'staging'"),
        (["migrate"], {"METERDESK_ENV": "production"}, "In production"),
        (
            ["migrate"],
            {"DATABASE_URL": "postgresql://nobody@/nothing?host=/nonexistent"},
            "The database does not answer",
        ),
        (["stop-database"], {"DATABASE_URL": "postgresql://a@/b"}, "its own tools"),
        (["serve", "--port", "1", "--host", "192.0.2.1"], {}, "set PORT to another number"),
    ],
)
def test_an_expected_error_is_one_sentence_and_status_1(
    arguments: list[str], environment: dict[str, str], sentence: str
) -> None:
    answer = _meterdesk(*arguments, **environment)
    assert answer.returncode == 1
    assert answer.stderr.startswith("meterdesk: ")
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.database
def test_doctor_finds_a_database_without_migrations(open_folder: Path) -> None:
    given = {} if os.environ.get("DATABASE_URL") else {"METERDESK_HOME": str(open_folder)}
    answer = _meterdesk("doctor", METERDESK_PROCESS="command", **given)
    lines = {line.split()[1]: line for line in answer.stdout.splitlines()}
    if not os.environ.get("DATABASE_URL"):
        _meterdesk("stop-database", METERDESK_HOME=str(open_folder))
    assert answer.returncode == 1
    assert lines["Configuration"].startswith("OK")
    assert lines["Database"].startswith("OK")
    assert lines["Clock"].startswith("OK")
    assert lines["Migrations"].startswith("WRONG")
    assert "meterdesk migrate" in lines["Migrations"]
