"""The screens of an incident: raised, seen, written on, worked on."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from meterdesk.diagnosis.actions import make_diagnosis
from meterdesk.identity.tests.factories import bearer, log_in
from meterdesk.incidents import actions
from meterdesk.incidents.queries import incident
from meterdesk.incidents.rules.states import State, Verb
from meterdesk.incidents.tests.scene import METER, MPAN, Scene
from meterdesk.platform.models import ActivityEntry
from meterdesk.platform.tests.clamd import CLEAN, FOUND, listening, nobody_listens_at

ANSWERS = {
    "area": "ELECTRICITY_METER",
    "device_id": METER.replace("-", "").lower(),
    "mpxn": "",
    "summary": "No reads since the storm",
    "business_impact": "Billing is held up.",
    "impact": "3",
    "urgency": "2",
    "category": "",
    "notes": "Readings stopped.",
    "your_reference": "ALD-77",
    "occurred_at": "",
    "diagnosis_not_run": "Read on site.",
    "first_name": "Gwendolyn",
    "last_name": "Holloway",
    "telephone": "020 7946 0123",
    "email": "gwendolyn@alder.example",
}


def _form(client: Client, **query: str) -> dict[str, str]:
    page = client.get("/incidents/raise/", query)
    form = page.context["form"]
    token = str(form["form_token"].value())
    return {**ANSWERS, "user_id": form["user_id"].value(), "form_token": token}


@pytest.mark.req("SSI-FR-22", "SSI-FR-23", "SSI-FR-26", "SSI-FR-27", "IM-2")
def test_raised_once_however_often_it_is_sent(scene: Scene, client: Client) -> None:
    log_in(client, scene.people["raiser"])
    answers = _form(client, device_id=METER)

    check = client.post("/incidents/raise/", {**answers, "step": "check"})
    assert check.status_code == 200
    assert METER in check.content.decode()
    first = client.post("/incidents/raise/", {**answers, "step": "raise"})
    again = client.post("/incidents/raise/", {**answers, "step": "raise"})

    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    done = client.get(first["Location"]).content.decode()
    reference = first["Location"].split("/")[2]
    assert reference in done
    seen = incident(scene.actor("raiser"), reference)
    assert (seen.device_id, seen.postcode) == (METER, "AB1 0AJ")
    assert MPAN in seen.mpxns
    assert seen.hub_model
    assert client.get("/incidents/").content.decode().count(f">{reference}<") == 1


@pytest.mark.req("SSI-FR-22", "IM-2")
def test_what_is_missing_is_said_and_what_was_typed_is_kept(scene: Scene, client: Client) -> None:
    log_in(client, scene.people["raiser"])
    answers = _form(client) | {"summary": "", "diagnosis_not_run": "", "telephone": ""}
    answers["device_id"] = "00-00-00-00-00-00-00-99"

    page = client.post("/incidents/raise/", {**answers, "step": "check"})

    assert page.status_code == 422
    assert {"summary", "telephone"} <= set(page.context["form"].errors)
    assert "Readings stopped." in page.content.decode()
    answers |= {"summary": "No reads", "telephone": "020"}
    page = client.post("/incidents/raise/", {**answers, "step": "check"})
    assert {"device_id", "diagnosis_not_run"} == set(page.context["form"].errors)


@pytest.mark.req("SSI-FR-24", "SSI-FR-28")
def test_the_form_comes_filled_in_and_duplicates_come_first(scene: Scene, client: Client) -> None:
    reference = scene.raise_one()
    log_in(client, scene.people["raiser"])

    page = client.get("/incidents/raise/", {"hub": METER})

    form = page.context["form"]
    assert form["device_id"].value() == METER
    assert form["area"].value() == "HUB_OR_WAN"
    assert form["telephone"].value() == scene.people["raiser"].telephone
    assert [row.reference for row in page.context["duplicates"]] == [reference]


@pytest.mark.req("SSI-FR-25", "SSI-FR-29")
@pytest.mark.parametrize("query", [{"hub": METER}, {"mpxn": MPAN}, {"device_id": METER}])
def test_a_form_filled_in_from_another_screen_gives_a_reference(
    scene: Scene, client: Client, query: dict[str, str]
) -> None:
    log_in(client, scene.people["raiser"])
    form = client.get("/incidents/raise/", query).context["form"]
    prefilled = {name: form[name].value() or "" for name in ("device_id", "mpxn", "area")}
    assert prefilled["device_id"] or prefilled["mpxn"]
    answers = ANSWERS | {name: value for name, value in prefilled.items() if value}
    answers |= {"user_id": form["user_id"].value(), "form_token": str(form["form_token"].value())}

    done = client.post("/incidents/raise/", {**answers, "step": "raise"}, follow=True)

    reference = done.request["PATH_INFO"].split("/")[2]
    assert reference.startswith("INC")
    assert MPAN in incident(scene.actor("raiser"), reference).mpxns


@pytest.mark.req("SSI-FR-30", "SSI-FR-31", "IM-21")
def test_two_writing_at_once_are_told_and_the_text_is_kept(scene: Scene, client: Client) -> None:
    reference, agent = scene.raise_one(at=timezone.now()), scene.actor("agent")
    version = incident(agent, reference).version
    log_in(client, scene.people["raiser"])
    update = {"audience": "ALL", "text": "It answered once.", "version": version}
    actions.acknowledge(agent, reference, timezone.now())

    page = client.post(f"/incidents/{reference}/updates/", update)

    assert page.status_code == 409
    assert "It answered once." in page.content.decode()
    assert not incident(agent, reference).updates
    fresh = page.context["update_form"]["version"].value()
    done = client.post(f"/incidents/{reference}/updates/", {**update, "version": fresh})
    assert done.status_code == 302
    assert incident(agent, reference).updates[0].text == "It answered once."

    log_in(client, scene.people["agent"])
    page = client.post(
        f"/incidents/{reference}/resolve/",
        {"why": "Meter replaced", "code": "No fault found", "version": version},
    )
    assert page.status_code == 409
    assert "Meter replaced" in page.content.decode()


@pytest.mark.req("IM-13", "IM-21")
def test_the_desk_takes_every_step_on_a_page_of_its_own(scene: Scene, client: Client) -> None:
    reference, agent = scene.raise_one(at=timezone.now()), scene.people["agent"]
    log_in(client, agent)
    given = {
        Verb.ASSIGN: {"person": agent.pk},
        Verb.CATEGORISE: {"category": 3, "impact": 2, "urgency": 2, "why": "Two homes"},
        Verb.ALLOCATE: {"responsible": f"organisation:{scene.provider.pk}", "why": "The radio"},
        Verb.HOLD: {"why": "When was it last read?"},
        Verb.RESUME: {},
        Verb.RESOLVE: {"why": "Meter replaced", "code": "Device replaced or repaired"},
        Verb.CLOSE: {},
        Verb.REOPEN: {"why": "Stopped again"},
        Verb.CANCEL: {"why": "Raised in error"},
    }
    for verb, answers in given.items():
        page = client.get(f"/incidents/{reference}/{verb.value}/")
        assert page.status_code == 200, verb
        version = page.context["form"]["version"].value()
        done = client.post(f"/incidents/{reference}/{verb.value}/", {**answers, "version": version})
        assert done.status_code == 302, (verb, done.content.decode()[:2000])
    seen = incident(scene.actor("agent"), reference)
    assert seen.state is State.CANCELLED
    assert seen.category == 3
    assert client.get(f"/incidents/{reference}/resolve/").status_code == 409


@pytest.mark.req("IM-3", "IM-24")
def test_attachments_are_for_their_audience_and_come_as_downloads(
    scene: Scene, client: Client
) -> None:
    reference = scene.raise_one(at=timezone.now())
    log_in(client, scene.people["raiser"])
    address = f"/incidents/{reference}/attachments/"
    file = SimpleUploadedFile("../notes<b>.html", b"<script>alert(1)</script>", "text/html")

    assert client.post(address, {"audience": "DESK", "file": file}).status_code == 302
    large = SimpleUploadedFile("large.txt", b"a" * (10 * 1024 * 1024 + 1))
    assert client.post(address, {"audience": "ALL", "file": large}).status_code == 413
    program = SimpleUploadedFile("run.txt", b"MZ\x00\x01")
    assert client.post(address, {"audience": "ALL", "file": program}).status_code == 422

    (kept,) = incident(scene.actor("raiser"), reference).attachments
    page = client.get(f"{address}{kept.id}/")
    assert page["Content-Disposition"].startswith("attachment;")
    assert page["Content-Type"] == "text/plain"
    assert "/" not in kept.name
    for name in ("responsible", "interested", "stranger", "resolver"):
        log_in(client, scene.people[name])
        assert client.get(f"{address}{kept.id}/").status_code == 404
    log_in(client, scene.people["agent"])
    assert client.get(f"{address}{kept.id}/").content == b"<script>alert(1)</script>"
    read = ActivityEntry.objects.filter(verb="incidents.read_file", subject=reference)
    names = [scene.people[name].username for name in ("raiser", "agent")]
    assert list(read.order_by("pk").values_list("username", flat=True)) == names


@pytest.mark.req("IM-3", "SEC-1")
def test_an_attachment_is_scanned_where_a_scanner_is_set(
    scene: Scene, client: Client, settings
) -> None:
    reference = scene.raise_one(at=timezone.now())
    log_in(client, scene.people["raiser"])

    def send() -> tuple[int, str]:
        file = SimpleUploadedFile("birch.txt", b"Read on site.")
        url = f"/incidents/{reference}/attachments/"
        answer = client.post(url, {"audience": "ALL", "file": file})
        return answer.status_code, answer.content.decode()

    with listening(FOUND) as scanner:
        settings.METERDESK_CLAMD = scanner.address
        status, page = send()
        assert (status, "malware in birch.txt, so nothing was kept" in page) == (422, True)
    settings.METERDESK_CLAMD = nobody_listens_at()
    status, page = send()
    assert (status, "Try again later" in page) == (503, True)
    assert not incident(scene.actor("raiser"), reference).attachments
    with listening(CLEAN) as scanner:
        settings.METERDESK_CLAMD = scanner.address
        assert send()[0] == 302
    assert incident(scene.actor("raiser"), reference).attachments[0].name == "birch.txt"


@pytest.mark.req("IM-2", "IM-24", "SSI-FR-24")
def test_diagnose_is_attached_without_other_incidents(scene: Scene, client: Client) -> None:
    open_already = scene.raise_one(at=timezone.now())
    number, found = make_diagnosis(scene.actor("raiser"), mpxn=MPAN, at=timezone.now())
    (check,) = [one for one in found.checks if one.check == "incidents.open"]
    assert open_already in check.summary
    log_in(client, scene.people["raiser"])
    answers = _form(client, diagnosis=str(number)) | {"diagnosis": str(number)}
    answers |= {"diagnosis_not_run": ""}

    done = client.post("/incidents/raise/", {**answers, "step": "raise"})

    reference = done["Location"].split("/")[2]
    for name in ("raiser", "responsible"):
        seen = incident(scene.actor(name), reference)
        names = {one["check"] for one in seen.diagnosis["checks"]}
        assert "incidents.open" not in names
        assert len(names) == len(found.checks) - 1
    log_in(client, scene.people["stranger"])
    assert (
        make_diagnosis(scene.actor("stranger"), mpxn=MPAN, at=timezone.now())[1]
        .checks[[one.check for one in found.checks].index("incidents.open")]
        .summary
        == "No incident that you may see is open."
    )
    # A diagnosis that somebody else made is not theirs to attach.
    assert client.get("/incidents/raise/", {"diagnosis": str(number)}).context["outcome"] is None


@pytest.mark.req("SSI-NFR-2", "SSI-FR-34")
def test_devices_are_links_only_for_whom_they_open(scene: Scene, client: Client) -> None:
    reference = scene.raise_one()
    link = f'href="/devices/{METER}/"'
    log_in(client, scene.people["raiser"])
    assert link in client.get(f"/incidents/{reference}/").content.decode()

    agent, provider = scene.actor("agent"), scene.provider.pk
    actions.allocate(agent, reference, timezone.now(), organisation_id=provider, why="Their radio")
    log_in(client, scene.people["resolver"])
    page = client.get(f"/incidents/{reference}/").content.decode()
    assert METER in page
    assert link not in page


@pytest.mark.req("SEC-1", "IM-24")
def test_who_looked_at_an_incident_is_kept(scene: Scene, client: Client) -> None:
    reference = scene.raise_one()
    token = bearer(scene.people["responsible"])
    log_in(client, scene.people["raiser"])

    assert client.get(f"/incidents/{reference}/").status_code == 200
    assert client.get(f"/api/v1/incidents/{reference}", **token).status_code == 200
    log_in(client, scene.people["stranger"])
    assert client.get(f"/incidents/{reference}/").status_code == 404

    read = ActivityEntry.objects.filter(verb="incidents.read", subject=reference).order_by("id")
    names = [scene.people[name].username for name in ("raiser", "responsible")]
    assert list(read.values_list("username", flat=True)) == names
