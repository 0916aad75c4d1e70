"""Accounts from a file: a report for each row, nothing before it is asked for, safe to repeat."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import (
    apply_import,
    check_import,
    create_token,
    go_on_with_import,
    revoke_token,
)
from meterdesk.identity.actions import imports as import_actions
from meterdesk.identity.models import AccountImport, Person
from meterdesk.identity.queries import ImportRow, account_import, actor_of, import_rows
from meterdesk.identity.rules import DeskRole, JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    actor_for,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused
from meterdesk.kernel.paging import PageRequest
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.jobs.working import run_waiting
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
HEAD = "Username,First_name,Last_name,Email,Department,Line_manager,Roles"


@pytest.fixture
def user_id() -> str:
    return make_user_id(organisation=make_organisation("Alder Energy"), role=UserRole.IS)


@pytest.fixture
def petra(user_id) -> Person:
    return make_person("petra", [(user_id, ADMINISTRATOR)])


def file_of(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *rows]).encode("utf-8-sig")


def rows_of(petra: Person, number: int) -> tuple[ImportRow, ...]:
    return import_rows(actor_for(petra), number, "", PageRequest(500)).items


def outcomes(petra: Person, number: int) -> list[tuple[int, str, str]]:
    return [(row.line, row.username, row.outcome) for row in rows_of(petra, number)]


def check(petra: Person, content: bytes) -> int:
    return check_import(actor_for(petra), "accounts.csv", content, at=timezone.now())


@pytest.mark.req("SSI-FR-61", "FSM-9", "FSM-13", "SSI-NFR-27")
def test_each_row_is_judged_by_itself_and_opened_only_when_asked(petra, user_id) -> None:
    make_person("taken", [(make_user_id(), JobTypeRole.MI_USER)])
    other = make_user_id()
    content = file_of(
        f"nia,Nia,Howell,nia@alder.example,=Care,Gwen,mi user on ALL; Lead Agent on {user_id}",
        "Taken,Tom,Tate,tom@alder.example,,,",
        "free,Fay,Free,fay@gmail.com,,,",
        f"far,Far,Away,far@alder.example,,,MI User on {other}",
        "odd,Odd,One,odd@alder.example,,,Emperor on all",
        "NIA,Nia,Again,nia2@alder.example,,,",
        "short,row",
        "petra,Petra,Tester,petra@example.org,,,",
        "bare,,Bare,bare@alder.example,,,",
    )
    number = check(petra, content)

    assert Person.objects.filter(username="nia").count() == 0
    assert outcomes(petra, number) == [
        (2, "nia", "NEW"),
        (3, "Taken", "REFUSED"),
        (4, "free", "REFUSED"),
        (5, "far", "REFUSED"),
        (6, "odd,Odd,One,odd@alder.example,,,Emperor on all", "REFUSED"),
        (7, "NIA", "REFUSED"),
        (8, "short,row", "REFUSED"),
        (9, "petra", "UNCHANGED"),
        (10, "bare", "REFUSED"),
    ]
    assert all(row.reason for row in rows_of(petra, number) if row.outcome == "REFUSED")

    apply_import(actor_for(petra), number, at=timezone.now())
    nia = Person.objects.get(username="nia")
    assert actor_for(nia).job_type_roles[user_id] == {"MI User", "Lead Agent"}
    assert not nia.has_usable_password()
    assert OutgoingMessage.objects.filter(to="nia@alder.example").count() == 1
    assert outcomes(petra, number)[0] == (2, "nia", "CREATED")

    apply_import(actor_for(petra), number, at=timezone.now())
    again = check(petra, content)
    apply_import(actor_for(petra), again, at=timezone.now())
    assert outcomes(petra, again)[0] == (2, "nia", "UNCHANGED")
    assert OutgoingMessage.objects.filter(to="nia@alder.example").count() == 1


@pytest.mark.req("SSI-FR-61")
def test_what_changed_between_check_and_opening_is_judged_anew(petra) -> None:
    number = check(petra, file_of("nia,Nia,Howell,nia@alder.example,,,"))
    make_person("nia", [(make_user_id(), JobTypeRole.MI_USER)])
    apply_import(actor_for(petra), number, at=timezone.now())
    assert outcomes(petra, number) == [(2, "nia", "REFUSED")]


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"", "empty"),
        (file_of(head="username,email"), "no column"),
        (file_of(*["x,X,Y,x@alder.example,,,"] * 5_001), "at most 5,000"),
        (b"x" * 1_000_001, "1 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(petra, content, message) -> None:
    with pytest.raises(Refused, match=message) as refused:
        check(petra, content)
    assert "upload" in refused.value.fields


@pytest.mark.req("SSI-FR-58", "SSI-NFR-25")
def test_imports_are_for_the_organisations_administrators(petra, user_id, monkeypatch) -> None:
    number = check(petra, file_of("nia,Nia,Howell,nia@alder.example,,,"))
    rival = make_person("rita", [(make_user_id(), ADMINISTRATOR)])
    with pytest.raises(NotVisible):
        apply_import(actor_for(rival), number, at=timezone.now())
    with pytest.raises(NotVisible):
        account_import(actor_for(rival), number)
    with pytest.raises(NotAllowed):
        check(make_person("calls", [(user_id, JobTypeRole.CALL_CENTRE_USER)]), file_of())
    make_person("rolf", organisation=rival.organisation)
    monkeypatch.setattr("meterdesk.identity.actions.accounts.TAKEN_NAMES_A_DAY", 1)
    names = ("petra", "calls", "rita", "rolf", "nobody")
    curious = check(petra, file_of(*[f"{name},R,R,r@alder.example,,," for name in names]))
    told = {row.username: row.reason for row in rows_of(petra, curious)}
    assert (told["petra"], told["calls"]) == ("", ""), "one's own people are seen anyway"
    assert "is taken" in told["rita"]
    assert told["rolf"] == told["nobody"], "after too many, nothing is told of any"
    assert "Too many" in told["rolf"]


@pytest.mark.req("SSI-FR-61", "FSM-9")
def test_the_operators_staff_come_from_a_file_too() -> None:
    zeb = make_person("zeb", desk=[DeskRole.ADMINISTRATOR])
    head = "username,first_name,last_name,email,desk_roles"
    rows = ("wren,Wren,Ashby,wren@network.example,agent; major incident manager",)
    number = check(zeb, file_of(*rows, head=head))
    apply_import(actor_for(zeb), number, at=timezone.now())
    held = Person.objects.get(username="wren").desk_assignments.values_list("desk_role", flat=True)
    assert set(held) == {"AGENT", "MAJOR_INCIDENT_MANAGER"}


@pytest.mark.req("SSI-FR-61", "SSI-FR-70")
def test_the_screens_check_open_and_report_without_formulas(petra) -> None:
    client = Client()
    log_in(client, petra)
    assert client.post("/people/import/").status_code == 422
    upload = SimpleUploadedFile(
        "new.csv", file_of("=1+1,A,B,a@alder.example,,,", "nia,N,H,n@alder.example,,,")
    )
    address = client.post("/people/import/", {"upload": upload})["Location"]
    assert "Will be created" in client.get(address).content.decode()
    assert "Created" in client.post(address, follow=True).content.decode()
    text = b"".join(client.get(address + "report.csv")).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][1] == "'=1+1"
    assert rows[2][:3] == ["3", "nia", "Created"]
    assert "new.csv" in client.get("/people/import/").content.decode()


def many(number: int) -> bytes:
    return file_of(*[f"p{at:04},P,Q,p{at}@alder.example,,,MI User on all" for at in range(number)])


@pytest.mark.req("SSI-FR-61", "FSM-9")
@pytest.mark.django_db(transaction=True)
def test_a_long_file_is_checked_and_opened_by_jobs_with_a_bar_to_watch() -> None:
    user_id = make_user_id(organisation=make_organisation("Alder Energy"))
    petra = make_person("petra", [(user_id, ADMINISTRATOR)])
    client = Client()
    log_in(client, petra)
    upload = SimpleUploadedFile("many.csv", many(120))
    address = client.post("/people/import/", {"upload": upload})["Location"]
    assert "Being checked" in client.get(address).content.decode()
    bar = client.get(f"{address}progress/", HTTP_X_POLL="1")
    assert "hx-get" in bar.content.decode()
    assert "HX-Refresh" not in bar
    assert client.post(address).status_code == 409

    run_waiting()
    assert client.get(f"{address}progress/")["HX-Refresh"] == "true"
    assert "120 accounts will be created" in client.get(address).content.decode()
    assert not Person.objects.filter(username="p0000").exists()
    client.post(address)
    client.post(address)
    assert "Being opened" in client.get(address).content.decode()
    run_waiting()
    page = client.get(f"{address}?outcome=CREATED").content.decode()
    assert "The accounts are open" in page
    assert Person.objects.filter(username__startswith="p0").count() == 120
    assert ActivityEntry.objects.get(verb="identity.import_accounts").detail["created"] == 120


@pytest.mark.req("SSI-FR-61", "FSM-9")
def test_a_job_that_is_killed_goes_on_where_it_stood(petra, monkeypatch) -> None:
    monkeypatch.setattr(import_actions, "_SLICE", 3)
    monkeypatch.setattr(import_actions, "IMPORT_AT_ONCE", 0)
    number = check(petra, many(7))
    go_on_with_import(number, at=timezone.now())
    apply_import(actor_for(petra), number, at=timezone.now())
    opened = import_actions.open_account
    calls = []

    def die_at_the_fifth(*given, **more):
        calls.append(given)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return opened(*given, **more)

    monkeypatch.setattr(import_actions, "open_account", die_at_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        go_on_with_import(number, at=timezone.now())
    report = account_import(actor_for(petra), number)
    assert (report.state, report.created, report.new, report.done) == ("OPENING", 3, 4, 3)
    assert Person.objects.filter(username__startswith="p000").count() == 3

    go_on_with_import(number, at=timezone.now())
    go_on_with_import(number, at=timezone.now())
    report = account_import(actor_for(petra), number)
    assert (report.state, report.created, report.new) == ("DONE", 7, 0)
    assert OutgoingMessage.objects.filter(to__startswith="p").exclude(to=petra.email).count() == 7
    assert AccountImport.objects.get().content == ""


@pytest.mark.req("SSI-FR-58", "SSI-NFR-7", "SSI-NFR-25")
def test_a_job_opens_nothing_for_whom_the_right_was_taken_from_meanwhile(
    petra, monkeypatch
) -> None:
    monkeypatch.setattr(import_actions, "IMPORT_AT_ONCE", 0)
    number = check(petra, many(2))
    go_on_with_import(number, at=timezone.now())
    apply_import(actor_for(petra), number, at=timezone.now())
    petra.role_assignments.all().delete()
    go_on_with_import(number, at=timezone.now())
    assert not Person.objects.filter(username__startswith="p000").exists()
    owen = make_person("owen", [(make_user_id(organisation=petra.organisation), ADMINISTRATOR)])
    reasons = {row.reason for row in rows_of(owen, number)}
    assert reasons == {import_actions._NO_RIGHT}


@pytest.mark.req("SSI-FR-58", "FSM-17")
def test_a_job_opens_nothing_for_a_token_that_was_revoked_meanwhile(petra, monkeypatch) -> None:
    monkeypatch.setattr(import_actions, "IMPORT_AT_ONCE", 0)
    at = timezone.now()
    token_id, _ = create_token(actor_for(petra), "Joiners", at + timedelta(days=1), at=at)
    acting = actor_of(petra, token=petra.api_tokens.get())
    number = check_import(acting, "accounts.csv", many(2), at=at)
    go_on_with_import(number, at=at)
    apply_import(acting, number, at=at)
    revoke_token(actor_for(petra), token_id, at=at)
    go_on_with_import(number, at=at)
    assert {row.reason for row in rows_of(petra, number)} == {import_actions._NO_RIGHT}
    assert not Person.objects.filter(username__startswith="p000").exists()


@pytest.mark.req("SSI-FR-61")
def test_what_a_provider_looks_after_is_left_and_said(petra) -> None:
    make_person("sam", organisation=petra.organisation)
    Person.objects.filter(username="sam").update(by_provider=True)
    (row,) = rows_of(petra, check(petra, file_of("sam,S,T,sam@alder.example,,,")))
    assert row.outcome == "UNCHANGED"
    assert "identity provider" in row.reason


@pytest.mark.req("SSI-FR-61")
def test_a_file_still_being_checked_opens_nothing(petra, monkeypatch) -> None:
    monkeypatch.setattr(import_actions, "IMPORT_AT_ONCE", 0)
    number = check(petra, many(1))
    with pytest.raises(Conflict):
        apply_import(actor_for(petra), number, at=timezone.now())
