"""A dry run of every kind of file says what would happen, and leaves nothing but its report."""

from pathlib import Path

import pytest
from django.db import connection
from tests.intake.files import FORMS, Form

from meterdesk.platform.intake import DRY_RUN, IntakeRun, run_intake

pytestmark = [pytest.mark.django_db, pytest.mark.database]

REPORT = {"platform_intakerun", "platform_intakerefusal", "platform_activityentry"}


def rows() -> dict[str, int]:
    """How many rows every table has, but those of reports; messages count in their own table."""
    found = {}
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - REPORT:
            cursor.execute(f'select count(*) from "{table}"')
            found[table] = int(cursor.fetchone()[0])
    return found


def counts(run: IntakeRun) -> tuple[int, int, int]:
    return run.accepted, run.unchanged, run.refused


@pytest.mark.req("INV-2", "REG-1", "SSI-NFR-22")
@pytest.mark.parametrize("name", FORMS)
def test_a_dry_run_of_any_kind_changes_nothing_and_foretells(name: str, tmp_path: Path) -> None:
    form: Form = FORMS[name]
    form.prepare(tmp_path)
    first, second, *others = form.rows
    path = tmp_path / f"given{form.suffix}"
    path.write_bytes(form.text(first, second[:-3] + b"\x07" + second[-3:], *others))
    before = rows()
    dry = run_intake(form.kind, [path], options={DRY_RUN: "yes"})
    assert rows() == before
    assert counts(dry) == (len(form.rows) - 1, 0, 1)
    assert counts(run_intake(form.kind, [path])) == counts(dry)
    assert rows() != before
