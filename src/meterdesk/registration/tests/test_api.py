"""The operator's staff look after providers by API; nobody else learns that there are any."""

from pathlib import Path

import pytest
from django.test import Client

from meterdesk.identity.models import UserId
from meterdesk.identity.rules import DeskRole, JobTypeRole, OrganisationKind
from meterdesk.identity.tests.factories import bearer, log_in, make_organisation, make_person
from meterdesk.registration.models import Provider
from meterdesk.registration.tests.files import DISTRIBUTOR, IMPORT_MPAN
from meterdesk.registration.tests.provider_files import make_providers, receive, record, text_of
from meterdesk.registration.tests.test_provider_files import mpan_of

pytestmark = [pytest.mark.django_db]
ROOT = "/api/v1/registration"
JSON = "application/json"


@pytest.fixture(autouse=True)
def providers(db: None) -> None:
    make_providers()


@pytest.fixture
def token() -> dict[str, str]:
    return bearer(make_person("desk.admin", desk=[DeskRole.ADMINISTRATOR]))


@pytest.mark.req("REG-1", "SSI-NFR-28")
def test_only_the_operators_staff_read_and_only_those_who_take_files_in_act(
    client: Client, tmp_path: Path
) -> None:
    _run, file = receive(tmp_path, text_of(1, record()))
    reads = ("providers", "providers/NORTH", "files", f"files/{file.pk}", "troubles", "refreshes")
    agent = bearer(make_person("desk.agent", desk=[DeskRole.AGENT]))
    provider = bearer(make_person("north", [(DISTRIBUTOR, JobTypeRole.ALL_ACCESS)]))
    elsewhere = make_organisation("North Air", OrganisationKind.SERVICE_PROVIDER)
    resolver = bearer(make_person("r", desk=[DeskRole.RESOLVER], organisation=elsewhere))
    for path in reads:
        assert client.get(f"{ROOT}/{path}", **agent).status_code == 200
        for other in (provider, resolver):
            assert client.get(f"{ROOT}/{path}", **other).status_code == 403
    asked = {"provider": "NORTH", "why": "We doubt ours."}
    for other in (agent, provider, resolver):
        answer = client.post(f"{ROOT}/refreshes", asked, content_type=JSON, **other)
        assert answer.status_code == 403


@pytest.mark.req("REG-1")
def test_a_provider_is_added_and_changed_by_version(client: Client, token: dict[str, str]) -> None:
    organisation = UserId.objects.get(eui=DISTRIBUTOR).organisation_id
    new = {
        "code": "east", "name": "East Data", "fuel": "ELECTRICITY", "user_id": DISTRIBUTOR,
        "organisation_id": organisation, "due_time": "06:00", "due_since": "2026-12-01",
    }  # fmt: skip
    made = client.post(f"{ROOT}/providers", new, content_type=JSON, **token)
    assert (made.status_code, made.json()["code"]) == (201, "EAST")
    again = client.post(f"{ROOT}/providers", new, content_type=JSON, **token)
    assert (again.status_code, set(again.json()["errors"])) == (422, {"code"})
    without = client.post(
        f"{ROOT}/providers", new | {"code": "WEST", "user_id": None}, content_type=JSON, **token
    )
    assert set(without.json()["errors"]) == {"user_id"}
    there = client.get(f"{ROOT}/providers/EAST", **token)
    change = {**new, "name": "Eastern Data"}
    del change["code"], change["fuel"]
    for status in (200, 412):
        answer = client.put(
            f"{ROOT}/providers/EAST", change, content_type=JSON,
            headers={"If-Match": there["ETag"]}, **token,
        )  # fmt: skip
        assert answer.status_code == status
    assert Provider.objects.get(code="EAST").name == "Eastern Data"


@pytest.mark.req("REG-1", "REG-3")
def test_files_refreshes_and_differences_by_api(
    client: Client, token: dict[str, str], tmp_path: Path
) -> None:
    receive(tmp_path, text_of(1, *(record(mpan=mpan_of(n)) for n in range(30)), "X|"))
    _run, full = receive(tmp_path, text_of(2, record(), kind="FULL"))
    page = client.get(f"{ROOT}/files?provider=north&limit=1", **token).json()
    assert [one["state"] for one in page["items"]] == ["AWAITING"]
    rest = client.get(f"{ROOT}/files?provider=north&limit=1&cursor={page['next']}", **token).json()
    assert [one["state"] for one in rest["items"]] == ["APPLIED"]
    (refused,) = client.get(f"{ROOT}/files/{full.pk - 1}/refused", **token).json()["items"]
    assert (refused["line"], refused["code"]) == (32, "unknown_record")
    decided = client.post(
        f"{ROOT}/files/{full.pk}/decision", {"decision": "refuse", "why": "It is short."},
        content_type=JSON, **token,
    )  # fmt: skip
    assert (decided.status_code, decided.json()["state"]) == (201, "REFUSED")
    asked = {"provider": "NORTH", "why": "We doubt ours.", "mpxns": [IMPORT_MPAN]}
    refresh = client.post(f"{ROOT}/refreshes", asked, content_type=JSON, **token).json()
    cancelled = client.post(
        f"{ROOT}/refreshes/{refresh['id']}/cancel", {"why": "Found."}, content_type=JSON, **token
    )
    assert cancelled.json()["state"] == "CANCELLED"
    differs = {
        "provider": "NORTH", "mpxn": IMPORT_MPAN, "what": "supplier", "held": "A",
        "reported": "B", "master": "OPERATOR",
    }  # fmt: skip
    reported = client.post(f"{ROOT}/differences", differs, content_type=JSON, **token).json()
    settled = client.post(
        f"{ROOT}/differences/{reported['id']}/settle", {"why": "Ours was right."},
        content_type=JSON, **token,
    )  # fmt: skip
    assert settled.json()["state"] == "SETTLED"


@pytest.mark.req("REG-1", "REG-3", "IM-17")
def test_the_desk_sees_what_is_wrong_with_its_incident(client: Client, tmp_path: Path) -> None:
    _run, file = receive(tmp_path, text_of(1, record(), count=3))
    log_in(client, make_person("both", desk=[DeskRole.ADMINISTRATOR, DeskRole.AGENT]))
    page = client.get("/desk/registration/").content.decode()
    assert "Count does not agree" in page
    assert "INC0" in page
    page = client.get(f"/desk/registration/files/{file.pk}/").content.decode()
    assert "The trailer counts 3 records; there are 1." in page
    response = client.get(f"/desk/registration/files/{file.pk}/response")
    assert b"|REJECTED|".strip(b"|") in b"".join(response)  # type: ignore[arg-type]
    history = (
        client.get("/desk/registration/providers/NORTH/").content.decode().split(">History<")[-1]
    )
    assert f'<a href="/desk/registration/files/{file.pk}/">north_1.txt</a>' in history
    asked = client.post("/desk/registration/providers/NORTH/refresh/", {"why": "", "mpxns": "x"})
    assert asked.status_code == 422
    asked = client.post("/desk/registration/providers/NORTH/refresh/", {"why": "We doubt ours."})
    assert asked.status_code == 302
    assert "Everything" in client.get(asked["Location"]).content.decode()
    assert client.get("/desk/registration/files/?provider=north&state=REFUSED").status_code == 200
    assert b"north_1.txt" in b"".join(
        client.get("/desk/registration/files/export.csv")  # type: ignore[arg-type]
    )


@pytest.mark.req("SSI-NFR-28")
def test_an_agent_reads_the_desk_page_without_buttons_to_act(client: Client) -> None:
    log_in(client, make_person("desk.agent", desk=[DeskRole.AGENT]))
    page = client.get("/desk/registration/providers/NORTH/").content.decode()
    assert "Ask for a refresh" not in page
    assert client.get("/desk/registration/providers/NORTH/refresh/").status_code == 403
