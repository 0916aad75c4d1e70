"""Accounts from a file: a report for each row, nothing before it is asked for, safe to repeat."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import apply_import, check_import
from meterdesk.identity.models import Person
from meterdesk.identity.queries import account_import
from meterdesk.identity.rules import DeskRole, JobTypeRole, UserRole
from meterdesk.identity.tests.factories import (
    actor_for,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused, TooMany
from meterdesk.notifications.models import OutgoingMessage

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


def outcomes(petra: Person, number: int) -> list[tuple[int, str, str]]:
    report = account_import(actor_for(petra), number)
    return [(row.line, row.username, row.outcome) for row in report.rows]


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
    assert all(
        row.reason
        for row in account_import(actor_for(petra), number).rows
        if row.outcome == "REFUSED"
    )

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
        (file_of(*["x,X,Y,x@alder.example,,,"] * 251), "at most 250"),
        (b"x" * 500_001, "500 kB"),
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
    monkeypatch.setattr("meterdesk.identity.actions.accounts.TAKEN_NAMES_A_DAY", 1)
    with pytest.raises(TooMany):
        check(petra, file_of(*["rita,R,R,r@alder.example,,,"] * 2))


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
