"""A pooled session has planned the reads of many days before anybody waits for one."""

import pytest
from django.db import connection

from meterdesk.platform import warming
from meterdesk.platform.warming import WarmConnection, warm_with
from meterdesk.trail.queries.warming import PLANNED

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.req("AUD-1", "SSI-FR-6")]


@pytest.mark.parametrize("statement", PLANNED)
def test_each_read_of_many_days_can_be_planned_and_finds_nothing(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.fetchone() == (0,)


def test_a_session_begins_with_what_was_registered_even_if_some_of_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warming, "_statements", ["select no_such_function()"])
    for _ in range(2):
        warm_with("select set_config('test.warm', current_setting('test.warm') || 'x', false)")
    given = connection.get_connection_params() | {"autocommit": True, "options": "-c test.warm="}
    with WarmConnection.connect(**given) as warm:
        assert warm.execute("select current_setting('test.warm')").fetchone() == ("x",)
