"""What the serving role may do in the database, and what it may not."""

import psycopg
import pytest
from django.db import connection
from psycopg.errors import InsufficientPrivilege

from meterdesk.platform.database import APP_ROLE
from meterdesk.platform.database.grants import grant_serving_rights

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

ENTRY = (
    "insert into platform_activityentry (at, username, request_id, verb, subject, detail) "
    "values (now(), 'a', '', 'b.c', 'd', '{}')"
)


@pytest.fixture
def serving() -> "psycopg.Connection[tuple[object, ...]]":
    """A connection of the serving role to the tests' database."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_roles where rolname = %s", [APP_ROLE])
        if cursor.fetchone() is None:
            pytest.skip(f"This server has no role {APP_ROLE}.")
        grant_serving_rights(cursor, APP_ROLE)
    given = connection.settings_dict
    with psycopg.connect(
        host=given["HOST"] or None,
        port=given["PORT"] or None,
        dbname=given["NAME"],
        user=APP_ROLE,
        autocommit=True,
    ) as found:
        yield found


@pytest.mark.req("SEC-1", "FSM-10")
@pytest.mark.parametrize(
    "change",
    [
        "update platform_activityentry set verb = 'x.y'",
        "delete from platform_activityentry",
        "truncate platform_activityentry",
        "alter table platform_activityentry disable trigger all",
        "drop table platform_activityentry",
    ],
)
def test_the_serving_role_adds_to_the_activity_log_and_never_changes_it(
    serving: "psycopg.Connection[tuple[object, ...]]", change: str
) -> None:
    serving.execute(ENTRY)
    with pytest.raises(InsufficientPrivilege):
        serving.execute(change.encode())
    assert serving.execute("select count(*) from platform_activityentry").fetchone() == (1,)


def test_the_serving_role_works_on_other_tables_and_on_later_ones(
    serving: "psycopg.Connection[tuple[object, ...]]",
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create table later (id bigserial primary key)")
    try:
        serving.execute("insert into later default values")
        assert serving.execute("delete from later returning id").fetchone() == (1,)
        assert serving.execute("select nextval('reference_inc_seq')").fetchone() is not None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table later")


def test_an_owner_that_serves_keeps_its_rights() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        grant_serving_rights(cursor, cursor.fetchone()[0])
        cursor.execute(
            "select has_table_privilege(current_user, 'platform_activityentry', 'update')"
        )
        assert cursor.fetchone() == (True,)
