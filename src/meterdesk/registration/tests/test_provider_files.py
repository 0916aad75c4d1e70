"""Providers' files are taken whole, in their order, with an answer for each record (REG-1)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from meterdesk.incidents.models import Incident
from meterdesk.kernel.identifiers import mpan_check_digit
from meterdesk.platform.intake import run_intake
from meterdesk.registration.actions.watching import stop_silent_files
from meterdesk.registration.jobs import answer
from meterdesk.registration.models import Provider, ProviderFile, RefusedRecord, StagedRow, Trouble
from meterdesk.registration.queries import parties_on
from meterdesk.registration.tests.files import (
    DISTRIBUTOR,
    IMPORT_MPAN,
    MPRN,
    RIVAL,
    SUPPLIER,
)
from meterdesk.registration.tests.provider_files import (
    make_providers,
    receive,
    record,
    text_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
JUNE = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def providers(db: None) -> None:
    make_providers()


def supplier_at(at: datetime, mpan: str = IMPORT_MPAN) -> str | None:
    found = parties_on(mpan, at)
    return found.supplier if found else None


def mpan_of(number: int) -> str:
    core = f"10{number:010}"
    return core + str(mpan_check_digit(core))


def causes() -> list[tuple[str, str]]:
    return list(Trouble.objects.order_by("pk").values_list("cause", "key"))


@pytest.mark.req("REG-1", "REG-2")
def test_a_change_file_is_applied_and_answered(tmp_path: Path, settings: LazySettings) -> None:
    settings.OUTBOX = tmp_path / "outbox"
    rows = [record(), record("2025-06-01", RIVAL), record(mpan="1012345678905")]
    run, file = receive(tmp_path, text_of(1, *rows))
    assert (run.accepted, run.unchanged, run.refused) == (2, 0, 1)
    assert (file.state, file.accepted, file.refused) == ("APPLIED", 2, 1)
    assert supplier_at(JUNE) == RIVAL
    assert supplier_at(datetime(2025, 5, 31, 22, 59, 59, tzinfo=UTC)) == SUPPLIER
    assert not StagedRow.objects.exists()
    answer(file_id=file.pk)
    (response,) = (tmp_path / "outbox" / "NORTH").iterdir()
    lines = [line.split("|") for line in response.read_text().splitlines()]
    assert [line[0] for line in lines] == ["A", "S", "R", "T"]
    assert lines[1][1] == "ACCEPTED"
    assert lines[2][1:4] == ["4", "1012345678905", "invalid_identifier"]
    assert lines[3] == ["T", "NORTH", "1", "1"]


@pytest.mark.req("REG-1", "REG-4")
@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (text_of(1, record()).rsplit("T|", 1)[0], "MALFORMED"),
        (text_of(1, record())[:-40], "MALFORMED"),
        (text_of(1, record()) + record() + "\n", "MALFORMED"),
        (text_of(1, record()).replace("|1|\n", "|9|\n"), "MALFORMED"),
        (text_of(1, record(), made="yesterday"), "MALFORMED"),
        (text_of(1, record(), fuel="GAS"), "MALFORMED"),
        (text_of(1, record()).encode("utf-16"), "MALFORMED"),
        (b"", "MALFORMED"),
        (b"\x00" * 50_000, "MALFORMED"),
        (text_of(1, record(), provider="NOBODY"), "MALFORMED"),
        (text_of(1, record(), count=2), "COUNT_MISMATCH"),
        (text_of(1, record()).replace("T|NORTH|1", "T|NORTH|2"), "MALFORMED"),
    ],
)
def test_a_file_whose_frame_is_wrong_is_refused_whole_and_raises_one_incident(
    tmp_path: Path, text: str | bytes, cause: str
) -> None:
    for _twice in range(2):
        run, file = receive(tmp_path, text)
        assert (run.accepted, file.state, run.state) == (0, "REFUSED", "DONE")
        assert run.refusals.exists()
        assert file.reason
    assert supplier_at(JUNE) is None
    assert not StagedRow.objects.exists()
    assert [one for one, _key in causes()] == [cause]
    assert Incident.objects.count() == 1
    assert Provider.objects.get(code="NORTH").next_sequence == 1


@pytest.mark.req("REG-1")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        (record().replace("R|", "X|", 1), "unknown_record"),
        ("", ""),
        (record() + "|more", "wrong_part_count"),
        (record("2024-02-30"), "invalid_date"),
        (record("1024-01-01"), "invalid_date"),
        (record(ends="2020-01-01"), "ends_before_it_begins"),
        (record(supplier="90-B3-D5-1F-30-FF-FF-FF"), "unknown_user_id"),
        (record(supplier=DISTRIBUTOR), "wrong_user_role"),
        (record(mpan=MPRN), "kind_contradicts_identifier"),
        (record().replace("IMPORT", "GAS").replace(IMPORT_MPAN, MPRN), "wrong_fuel"),
        (record().replace("Townley", "Town\x07ley"), "not_text"),
        (record().replace("Townley", "T" * 12_000), "line_too_long"),
        (record().replace("Townley", "T" * 300), "too_long"),
        (f"W|{IMPORT_MPAN}|2024-04-01", "nothing_to_withdraw"),
        (f"W|{IMPORT_MPAN}", "wrong_part_count"),
    ],
)
def test_a_wrong_record_is_refused_by_itself(tmp_path: Path, line: str, code: str) -> None:
    good = record(mpan=mpan_of(7))
    lines = [line, good] if line else [good]
    _run, file = receive(tmp_path, text_of(1, *lines))
    assert (file.state, file.accepted) == ("APPLIED", 1)
    found = list(RefusedRecord.objects.filter(file=file).values_list("line", "code"))
    assert found == ([(2, code)] if code else [])
    assert supplier_at(JUNE, mpan_of(7)) == SUPPLIER


@pytest.mark.req("REG-1")
def test_bytes_that_are_not_utf8_refuse_their_line_and_bom_and_crlf_are_forgiven(
    tmp_path: Path,
) -> None:
    wrong = record(mpan=mpan_of(8)).encode().replace(b"Townley", b"T\xf6wnley")
    raw = text_of(1, record(), "@").encode().replace(b"@", wrong).replace(b"\n", b"\r\n")
    _run, file = receive(tmp_path, b"\xef\xbb\xbf" + raw)
    assert (file.state, file.accepted, file.refused) == ("APPLIED", 1, 1)
    assert RefusedRecord.objects.get().code == "not_utf8"


@pytest.mark.req("REG-1")
def test_of_two_records_about_one_date_the_first_counts(tmp_path: Path) -> None:
    _run, file = receive(tmp_path, text_of(1, record(), record(supplier=RIVAL)))
    assert (file.accepted, file.refused, supplier_at(JUNE)) == (1, 1, SUPPLIER)
    assert RefusedRecord.objects.get().code == "duplicate_key"


@pytest.mark.req("REG-1", "REG-4")
def test_a_file_out_of_order_is_held_until_the_gap_closes(tmp_path: Path) -> None:
    _run, third = receive(tmp_path, text_of(3, record("2025-03-01", SUPPLIER)))
    _run, second = receive(tmp_path, text_of(2, record("2025-02-01", RIVAL)))
    assert (third.state, second.state, supplier_at(JUNE)) == ("HELD", "HELD", None)
    assert causes() == [("MISSING", "1")]
    receive(tmp_path, text_of(1, record("2025-01-01", SUPPLIER)))
    assert set(ProviderFile.objects.values_list("state", flat=True)) == {"APPLIED"}
    assert supplier_at(datetime(2025, 2, 15, tzinfo=UTC)) == RIVAL
    assert supplier_at(JUNE) == SUPPLIER
    assert Provider.objects.get(code="NORTH").next_sequence == 4
    assert Trouble.objects.get().mended_at is not None
    assert Incident.objects.count() == 1


@pytest.mark.req("REG-1", "REG-4")
def test_a_sequence_is_taken_once(tmp_path: Path) -> None:
    receive(tmp_path, text_of(1, record()))
    _run, again = receive(tmp_path, text_of(1, record()))
    assert (again.state, causes()) == ("REPEATED", [])
    _run, other = receive(tmp_path, text_of(1, record(supplier=RIVAL)))
    assert (other.state, other.code, supplier_at(JUNE)) == ("REFUSED", "sequence_used", SUPPLIER)
    assert [cause for cause, _key in causes()] == ["OUT_OF_SEQUENCE"]


@pytest.mark.req("REG-2")
def test_a_registration_withdrawn_before_it_took_effect_leaves_the_one_before(
    tmp_path: Path,
) -> None:
    receive(tmp_path, text_of(1, record(), record("2025-06-01", RIVAL)))
    _run, file = receive(tmp_path, text_of(2, f"W|{IMPORT_MPAN}|2025-06-01"))
    assert (file.accepted, file.refused) == (1, 0)
    assert supplier_at(JUNE + timedelta(days=9)) == SUPPLIER


@pytest.mark.req("REG-1")
def test_a_full_file_says_everything(tmp_path: Path) -> None:
    receive(
        tmp_path,
        text_of(1, record(), record("2027-06-01", RIVAL), record(mpan=mpan_of(1))),
    )
    receive(tmp_path, text_of(3, record(mpan=mpan_of(5))))
    full = text_of(4, record(), record(mpan=mpan_of(2)), kind="FULL")
    _run, file = receive(tmp_path, full)
    assert (file.state, file.accepted, file.unchanged, file.ended) == ("APPLIED", 2, 0, 1)
    assert supplier_at(datetime(2028, 1, 1, tzinfo=UTC)) == SUPPLIER
    assert supplier_at(datetime(2026, 11, 15, tzinfo=UTC), mpan_of(1)) == SUPPLIER
    assert supplier_at(datetime(2026, 11, 16, tzinfo=UTC), mpan_of(1)) is None
    held = ProviderFile.objects.get(sequence=3)
    assert (held.state, held.code) == ("REFUSED", "superseded")
    assert Provider.objects.get(code="NORTH").next_sequence == 5


@pytest.mark.req("REG-1")
def test_nobody_speaks_of_another_providers_meter_points(tmp_path: Path) -> None:
    receive(tmp_path, text_of(1, record()))
    Provider.objects.filter(code="PIPES").update(fuel="ELECTRICITY")
    _run, file = receive(
        tmp_path, text_of(1, record(supplier=RIVAL), provider="PIPES"), name="pipes.txt"
    )
    assert (file.accepted, file.refused, supplier_at(JUNE)) == (0, 1, SUPPLIER)
    assert RefusedRecord.objects.get().code == "other_provider"


@pytest.mark.req("REG-1")
def test_several_files_of_one_run_are_decided_each_for_itself(tmp_path: Path) -> None:
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text(text_of(1, record()).rstrip("\n"), encoding="utf-8")
    second.write_text(text_of(2, record("2025-06-01", RIVAL), count=9), encoding="utf-8")
    run = run_intake("registration-electricity", [first, second])
    assert list(ProviderFile.objects.order_by("pk").values_list("state", flat=True)) == [
        "APPLIED",
        "REFUSED",
    ]
    assert (run.accepted, run.refused) == (1, 1)
    assert supplier_at(JUNE) == SUPPLIER


@pytest.mark.req("REG-1", "REG-4")
def test_a_file_whose_taking_in_stopped_is_the_operators_trouble(tmp_path: Path) -> None:
    receive(tmp_path, text_of(1, record()))
    ProviderFile.objects.create(
        provider=Provider.objects.get(code="NORTH"),
        name="north_2.txt",
        fuel="ELECTRICITY",
        sequence=2,
        received_at=JUNE,
        heard_at=JUNE,
    )
    assert stop_silent_files(JUNE + timedelta(minutes=20)) == 1
    incident = Incident.objects.get()
    assert incident.responsible_organisation.kind == "OPERATOR"
    _run, file = receive(tmp_path, text_of(2, record("2025-06-01", RIVAL)))
    assert file.state == "APPLIED"
    assert Trouble.objects.get(cause="STOPPED").mended_at is not None
