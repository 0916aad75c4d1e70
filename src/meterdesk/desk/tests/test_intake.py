"""The operator's intake screens: upload, progress, report; for whom they are meant alone."""

import csv
import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from meterdesk.desk.jobs import run_intake
from meterdesk.identity.models import DeskAssignment
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import log_in, make_person
from meterdesk.platform.intake import uploads
from meterdesk.platform.models import ActivityEntry, IntakeRun
from meterdesk.platform.tests.archives import zipped
from meterdesk.platform.tests.clamd import CLEAN, FOUND, listening, nobody_listens_at
from meterdesk.registration.models import MeterPoint
from meterdesk.registration.tests.files import HEADER, SUPPLIER, electricity, gas, make_parties

pytestmark = pytest.mark.django_db
NEW = "/desk/intake/new/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    make_parties()
    return settings.MEDIA_ROOT


@pytest.fixture
def operator(client: Client) -> Client:
    log_in(client, make_person("olga", desk=[DeskRole.ADMINISTRATOR]))
    return client


def csv_file(*rows: str, name: str = "registration.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([HEADER, *rows]).encode(), "application/pdf")


def send(client: Client, *files: SimpleUploadedFile, kind: str = "registration", **more: str):
    return client.post(NEW, {"kind": kind, "upload": list(files), **more})


def queued() -> list[int]:
    jobs = ProcrastinateJob.objects.filter(task_name="desk.run_intake")
    return [job.args["run_id"] for job in jobs]


@pytest.mark.req("REG-1", "SSI-NFR-21")
def test_files_are_uploaded_run_in_the_background_and_reported(
    operator: Client, folder: Path
) -> None:
    answer = send(
        operator,
        csv_file(electricity(), electricity(supplier="=1+1"), name="../a<b>.csv"),
        csv_file(gas(), name="gas.csv"),
    )
    run = IntakeRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/intake/{run.pk}/")
    assert queued() == [run.pk]
    waiting = operator.get(answer["Location"]).content.decode()
    assert f'hx-get="/desk/intake/{run.pk}/progress"' in waiting
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert not any(path.suffix or "gas" in path.name for path in kept)
    run_intake(run_id=run.pk)
    run.refresh_from_db()
    assert (run.accepted, run.refused, run.started_by) == (2, 1, "olga")
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    page = operator.get(answer["Location"]).content.decode()
    assert "a&lt;b&gt;.csv" in page
    assert "hx-trigger" not in page.split('<main id="main"')[1]
    report = operator.get(f"/desk/intake/{run.pk}/refused.csv")
    assert report["Content-Disposition"].startswith("attachment;")
    text = b"".join(report.streaming_content).decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["file"], row["line"], row["code"]) == ("a<b>.csv", "3", "invalid_user_id")
    assert row["begins"].startswith("1012345678903")
    entry = ActivityEntry.objects.get(verb="intake.start")
    assert (entry.username, entry.detail["kind"]) == ("olga", "registration")


@pytest.mark.req("REG-1")
def test_an_archive_is_uploaded_and_reported_entry_by_entry(operator: Client) -> None:
    content = "\n".join([HEADER, electricity(), electricity(supplier="=1+1")]).encode()
    send(operator, SimpleUploadedFile("june.zip", zipped(("a/one.csv", content))))
    run = IntakeRun.objects.get()
    run_intake(run_id=run.pk)
    run.refresh_from_db()
    assert (run.accepted, run.refused, run.filename) == (1, 1, "june.zip")
    assert run.refusals.values_list("file", "line").get() == ("june.zip/a/one.csv", 3)


@pytest.mark.req("REG-1", "SSI-NFR-25")
def test_files_of_somebody_who_may_take_none_in_any_more_are_not_taken(
    operator: Client, folder: Path
) -> None:
    send(operator, csv_file(electricity()))
    DeskAssignment.objects.filter(person__username="olga").delete()
    run = IntakeRun.objects.get()
    run_intake(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.accepted) == (IntakeRun.State.FAILED, 0)
    assert "may not take files in any more" in run.note
    assert not MeterPoint.objects.exists()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.req("REG-1")
def test_progress_is_polled_and_the_page_loads_again_at_the_end(operator: Client) -> None:
    send(operator, csv_file(electricity()))
    run = IntakeRun.objects.get()
    url = f"/desk/intake/{run.pk}/progress"
    during = operator.get(url, headers={"X-Poll": "1"})
    assert "HX-Refresh" not in during
    assert 'hx-trigger="every 2s"' in during.content.decode()
    run_intake(run_id=run.pk)
    after = operator.get(url, headers={"X-Poll": "1"})
    assert after["HX-Refresh"] == "true"
    assert "accepted 1 unchanged 0 refused 0" in after.content.decode()


@pytest.mark.req("REG-1")
def test_a_job_begun_again_after_its_process_went_away_counts_afresh(operator: Client) -> None:
    send(operator, csv_file(electricity(), gas(), "half,a,line"))
    run = IntakeRun.objects.get()
    IntakeRun.objects.update(state=IntakeRun.State.STOPPED, accepted=1, refused=1)
    run.refusals.create(file="registration.csv", line=2, code="old", reason="old")
    run_intake(run_id=run.pk)
    run.refresh_from_db()
    assert (run.accepted, run.unchanged, run.refused) == (2, 0, 1)
    assert run.refusals.get().code == "wrong_column_count"
    run_intake(run_id=run.pk)
    run.refresh_from_db()
    assert (run.accepted, run.unchanged) == (2, 0)


@pytest.mark.req("SSI-NFR-22")
def test_a_wrong_file_fails_the_run_with_its_reason(operator: Client) -> None:
    send(operator, SimpleUploadedFile("wrong.csv", b"nothing,here\n1,2\n"))
    run_intake(run_id=IntakeRun.objects.get().pk)
    page = operator.get(f"/desk/intake/{IntakeRun.objects.get().pk}/").content.decode()
    assert "wrong.csv has no column mpxn" in page


@pytest.mark.req("SSI-NFR-22")
def test_what_is_not_text_empty_or_too_large_is_refused_at_once(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content, said in (
        (zipped(("[Content_Types].xml", b"<a/>"), ("xl/workbook.xml", b"<a/>")), "Save a workbook"),
        (zipped(("a.csv", b"x"))[:-9], "is not a whole ZIP archive"),
        (b"%PDF-1.4", "neither a text file nor a ZIP"),
    ):
        answer = send(operator, SimpleUploadedFile("book.xlsx", content))
        assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert send(operator, SimpleUploadedFile("empty.csv", b"")).status_code == 422
    assert send(operator).status_code == 422
    assert send(operator, csv_file(gas()), kind="everything").status_code == 422
    late = send(operator, csv_file(gas()), received_at="2999-01-01 00:00")
    assert "Enter a time that has passed" in late.content.decode()
    monkeypatch.setattr(uploads, "LARGEST_FILE_BYTES", 10)
    assert send(operator, csv_file(gas())).status_code == 413
    monkeypatch.setattr(uploads, "LARGEST_REQUEST_BYTES", 100)
    large = send(operator, csv_file(gas()))
    assert large.status_code == 413
    assert not IntakeRun.objects.exists()
    assert default_storage.exists("intake") is False or default_storage.listdir("intake")[1] == []


@pytest.mark.req("SEC-1", "REG-1")
def test_every_file_of_an_upload_is_scanned_before_any_is_kept(
    operator: Client, folder: Path, settings
) -> None:
    def files() -> list[SimpleUploadedFile]:
        return [csv_file(electricity()), csv_file(gas(), name="gas.csv")]

    with listening(FOUND) as scanner:
        settings.METERDESK_CLAMD = scanner.address
        infected = send(operator, *files())
    assert infected.status_code == 422
    assert "malware in registration.csv, so nothing was kept" in infected.content.decode()
    settings.METERDESK_CLAMD = nobody_listens_at()
    assert send(operator, *files()).status_code == 503
    assert not folder.exists()
    assert not IntakeRun.objects.exists()
    with listening(CLEAN) as scanner:
        settings.METERDESK_CLAMD = scanner.address
        assert send(operator, *files()).status_code == 302
        assert scanner.scanned == [file.read() for file in files()]
    run_intake(run_id=IntakeRun.objects.get().pk)
    assert IntakeRun.objects.get().accepted == 2


@pytest.mark.req("SSI-NFR-2")
def test_only_whoever_may_take_files_in_gets_there(client: Client) -> None:
    run = IntakeRun.objects.create(
        kind="registration", filename="x", created_at="2026-01-01T00:00Z"
    )
    urls = ["/desk/intake/", NEW] + [
        f"/desk/intake/{run.pk}/{part}" for part in ("", "progress", "refused.csv")
    ]
    assert {client.get(url).status_code for url in urls} == {302}
    for person in (
        make_person(assignments=[(SUPPLIER, JobTypeRole.ALL_ACCESS)]),
        make_person(desk=[DeskRole.AGENT]),
        make_person(desk=[DeskRole.SECURITY_OFFICER]),
    ):
        log_in(client, person)
        assert {client.get(url).status_code for url in urls} == {403}
        assert send(client, csv_file(gas())).status_code == 403
    assert IntakeRun.objects.count() == 1
    log_in(client, make_person(desk=[DeskRole.ADMINISTRATOR]))
    assert {client.get(url).status_code for url in urls} == {200}
    assert client.get("/desk/intake/999999/").status_code == 404
    assert client.get("/desk/intake/?after=rubbish").status_code == 400


@pytest.mark.req("SSI-NFR-2")
def test_a_stranger_cannot_fill_the_disk_with_an_upload(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST_UNKNOWN_REQUEST_BYTES", 100)
    checked = Client(enforce_csrf_checks=True)
    checked.get("/login/")
    assert checked.post("/desk/intake/new/", {"upload": csv_file(gas())}).status_code == 413
    assert client.post("/desk/intake/new/", {"upload": csv_file(gas())}).status_code == 302


@pytest.mark.req("INV-2")
def test_a_dry_run_says_so_and_changes_nothing(operator: Client) -> None:
    send(operator, csv_file(electricity()), dry_run="on")
    run_intake(run_id=queued()[0])
    run = IntakeRun.objects.get()
    page = operator.get(f"/desk/intake/{run.pk}/").content.decode()
    assert "This was a dry run" in page
    assert (run.accepted, run.options) == (1, {"dry_run": "yes"})
    assert not MeterPoint.objects.exists()
