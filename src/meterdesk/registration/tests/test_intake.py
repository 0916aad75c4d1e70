"""Registration files come in row by row, with a reason for each that does not (REG-1)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from meterdesk.kernel.identifiers import mpan_check_digit
from meterdesk.platform.intake import Unreadable, run_intake
from meterdesk.platform.models import IntakeRun
from meterdesk.registration.queries import parties_on
from meterdesk.registration.tests.files import (
    ADDRESS,
    AGENT,
    DISTRIBUTOR,
    EXPORT_MPAN,
    GAS_SUPPLIER,
    HEADER,
    IMPORT_MPAN,
    MPRN,
    RIVAL,
    SUPPLIER,
    counts,
    electricity,
    gas,
    make_parties,
    take_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def parties(db: None) -> None:
    make_parties()


def refusals(run: IntakeRun) -> list[tuple[int, str]]:
    return list(run.refusals.order_by("pk").values_list("line", "code"))


@pytest.mark.req("REG-1")
def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    rows = [
        electricity("2020-01-01"),
        electricity("2024-04-01", supplier=RIVAL, address=ADDRESS.replace("12", "12A")),
        gas(),
        electricity(mpan="1012345678905"),
    ]
    assert counts(take_in(tmp_path, *rows)) == (3, 0, 1)
    assert counts(take_in(tmp_path, *rows)) == (0, 3, 1)


@pytest.mark.req("REG-1")
@pytest.mark.parametrize(
    ("row", "code"),
    [
        (electricity(mpan="1012345678905"), "invalid_identifier"),
        (electricity(mpan=MPRN), "kind_contradicts_identifier"),
        (gas(mprn=IMPORT_MPAN), "kind_contradicts_identifier"),
        (gas(mprn="not a number"), "invalid_identifier"),
        (electricity(supplier="90-B3-D5-1F-30-FF-FF-FF"), "unknown_user_id"),
        (electricity(supplier="somebody"), "invalid_user_id"),
        (electricity(supplier=""), "invalid_user_id"),
        (electricity(supplier=DISTRIBUTOR), "wrong_user_role"),
        (electricity(agent=SUPPLIER), "wrong_user_role"),
        (electricity(begins="01/04/2024"), "invalid_date"),
        (electricity(begins="20240401000"), "invalid_date"),
        (electricity(begins="2024-04-01", ends="2024-04-01"), "ends_before_it_begins"),
        (electricity().replace("IMPORT", "WATER"), "unknown_kind"),
        (electricity(address="100,12,High Street,Townley,NOWHERE"), "invalid_identifier"),
        (electricity(address="none,12,High Street,Townley,AB1 0AJ"), "invalid_identifier"),
        (electricity() + ",more", "wrong_column_count"),
    ],
)
def test_a_wrong_row_is_refused_by_itself_with_its_reason(
    tmp_path: Path, row: str, code: str
) -> None:
    run = take_in(tmp_path, row, gas())
    assert counts(run) == (1, 0, 1)
    refusal = run.refusals.get()
    assert (refusal.line, refusal.code, refusal.file) == (2, code, "registration.csv")
    assert refusal.reason
    assert refusal.excerpt


@pytest.mark.req("REG-1")
def test_an_mprn_that_predates_the_check_rule_is_kept_and_counted(tmp_path: Path) -> None:
    run = take_in(tmp_path, gas(mprn="7411111104"), gas())
    assert counts(run) == (2, 0, 0)
    assert run.note.startswith("Rows kept whose MPRN does not agree with the check rule")
    assert run.note.endswith(": 1.")


@pytest.mark.req("REG-2")
def test_a_change_of_supplier_takes_effect_at_its_second(tmp_path: Path) -> None:
    take_in(tmp_path, electricity("2020-01-01"), electricity("2030-06-01", supplier=RIVAL))
    # Midnight in London in June is 23:00 UTC the day before.
    switch = datetime(2030, 5, 31, 23, tzinfo=UTC)
    before = parties_on(IMPORT_MPAN, switch - timedelta(seconds=1))
    after = parties_on(IMPORT_MPAN, switch)
    assert before is not None
    assert after is not None
    assert (before.supplier, after.supplier) == (SUPPLIER, RIVAL)
    assert parties_on(IMPORT_MPAN, datetime(2019, 12, 31, tzinfo=UTC)) is None


@pytest.mark.req("REG-1", "REG-2")
def test_a_row_that_overlaps_a_later_registration_is_refused(tmp_path: Path) -> None:
    take_in(tmp_path, electricity("2024-04-01"))
    run = take_in(tmp_path, electricity("2020-01-01", "2024-05-01", supplier=RIVAL))
    assert refusals(run) == [(2, "overlaps")]
    run = take_in(tmp_path, electricity("2020-01-01", "2024-04-01", supplier=RIVAL))
    assert counts(run) == (1, 0, 0)


@pytest.mark.req("REG-1")
def test_a_correction_replaces_and_an_agent_can_be_named(tmp_path: Path) -> None:
    take_in(tmp_path, electricity())
    assert counts(take_in(tmp_path, electricity(agent=AGENT))) == (1, 0, 0)
    now = parties_on(IMPORT_MPAN, datetime(2025, 1, 1, tzinfo=UTC))
    assert now is not None
    assert now.agent == AGENT
    assert now.user_ids == {SUPPLIER, DISTRIBUTOR, AGENT}


@pytest.mark.req("REG-1")
def test_identifiers_and_case_are_forgiven_and_columns_may_stand_in_any_order(
    tmp_path: Path,
) -> None:
    names = HEADER.split(",")
    values = electricity().replace("IMPORT", "import").replace("AB1 0AJ", "ab10aj").split(",")
    values[4] = SUPPLIER.replace("-", "").lower()
    path = tmp_path / "file.csv"
    lines = [",".join(reversed(names)).upper() + ",Extra", ",".join(reversed(values)) + ",kept out"]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert counts(run_intake("registration", [path])) == (1, 0, 0)
    assert counts(take_in(tmp_path, electricity())) == (0, 1, 0)


@pytest.mark.req("REG-1")
def test_duplicates_in_one_file_and_across_files_of_one_run(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("\n".join([HEADER, electricity(), electricity()]), encoding="utf-8")
    two.write_text("\n".join([HEADER, electricity(), "half,a,li"]), encoding="utf-8")
    run = run_intake("registration", [one, two])
    assert counts(run) == (1, 2, 1)
    assert (run.refusals.get().file, run.refusals.get().line) == ("two.csv", 3)


@pytest.mark.req("REG-1")
def test_a_missing_column_says_which(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("mpxn,kind\n1,IMPORT\n", encoding="utf-8")
    with pytest.raises(Unreadable, match=r"file\.csv has no column effective_from, effective_to"):
        run_intake("registration", [path])
    assert IntakeRun.objects.get().state == IntakeRun.State.FAILED


@pytest.mark.req("REG-1")
def test_many_rows_with_history_over_several_batches(tmp_path: Path) -> None:
    mpans = [f"10{n:010}" for n in range(6_000)]
    mpans = [first + str(mpan_check_digit(first)) for first in mpans]
    rows = [
        electricity(begins, mpan=mpan, supplier=supplier)
        for begins, supplier in (("2020-01-01", SUPPLIER), ("2022-01-01", RIVAL))
        for mpan in mpans
    ]
    assert counts(take_in(tmp_path, *rows)) == (12_000, 0, 0)
    assert counts(take_in(tmp_path, *reversed(rows))) == (0, 12_000, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) filter (where active_to is null), count(*) from "
            "registration_registration"
        )
        assert cursor.fetchone() == (6_000, 12_000)


@pytest.mark.req("REG-2")
def test_the_database_itself_refuses_two_registrations_at_once(tmp_path: Path) -> None:
    take_in(tmp_path, electricity())
    with pytest.raises(IntegrityError, match="one_at_a_time"), connection.cursor() as cursor:
        cursor.execute(
            "insert into registration_registration "
            "(meter_point_id, active_from, supplier, network_party) "
            "select meter_point_id, active_from + interval '1 day', supplier, network_party "
            "from registration_registration"
        )


@pytest.mark.req("REG-2")
def test_the_database_itself_refuses_a_registration_without_its_meter_point(
    tmp_path: Path,
) -> None:
    take_in(tmp_path, electricity())
    with (
        pytest.raises(IntegrityError, match="no meter point 0"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "insert into registration_registration "
            "(meter_point_id, active_from, supplier, network_party) "
            "select 0, active_from, supplier, network_party from registration_registration"
        )
    with (
        pytest.raises(IntegrityError, match="still has registrations"),
        connection.cursor() as cursor,
    ):
        cursor.execute("delete from registration_meterpoint")


@pytest.mark.req("REG-1")
def test_a_change_of_supplier_writes_nothing_on_its_meter_point(tmp_path: Path) -> None:
    """A row's place and last locker stay; else each change would write its point's page anew."""

    def points() -> tuple[object, ...]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select p.ctid, p.xmax, s.last_value from registration_meterpoint p,"
                " registration_meterpoint_id_seq s"
            )
            return tuple(cursor.fetchall())

    take_in(tmp_path, electricity("2020-01-01"))
    before = points()
    assert counts(take_in(tmp_path, electricity("2024-04-01", supplier=RIVAL))) == (1, 0, 0)
    assert points() == before


def test_the_numbers_of_these_tests_are_valid() -> None:
    assert all(str(mpan_check_digit(m[:-1])) == m[-1] for m in (IMPORT_MPAN, EXPORT_MPAN))
    assert GAS_SUPPLIER != SUPPLIER
