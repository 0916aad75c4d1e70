"""The screens of the catalogue: browsed, raised, seen, worked on."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from meterdesk.catalogue.actions import take_step
from meterdesk.catalogue.forms import SearchForm
from meterdesk.catalogue.models import CatalogueVersion, ServiceRequest
from meterdesk.catalogue.queries import catalogue
from meterdesk.catalogue.queries import request as request_of
from meterdesk.catalogue.rules.states import REOPEN_WITHIN, DeliveryState, RequestVerb
from meterdesk.catalogue.templatetags.catalogue import in_words
from meterdesk.catalogue.tests.scene import CONTACT, METER, RAISER, RIVAL, Scene
from meterdesk.identity.tests.factories import log_in
from meterdesk.kernel.contacts import Contact
from meterdesk.platform.models import ActivityEntry
from meterdesk.platform.web.moments import moment_words

PERSON = {
    "user_id": RAISER,
    "first_name": "Gwendolyn",
    "last_name": "Holloway",
    "telephone": "020 7946 0123",
    "email": "gwendolyn@alder.example",
    "your_reference": "ALD-77",
}
DISPUTE = f"/catalogue/raise/data-dispute/?kind=device&key={METER}&datum=status"


def _token(client: Client, address: str) -> str:
    return str(client.get(address).context["form"]["form_token"].value())


@pytest.mark.req("SSI-FR-56")
def test_the_lists_narrow_one_another_without_scripts(scene: Scene, client: Client) -> None:
    log_in(client, scene.people["raiser"])
    everything = [one.request_type.code for one in catalogue().offers()]

    page = client.get("/catalogue/browse/")
    assert [one.request_type.code for one in page.context["offers"]] == everything
    page = client.get("/catalogue/browse/", {"category": "network-data", "service": "copy"})
    assert [one.request_type.code for one in page.context["offers"]] == ["data-copy"]
    services = [code for code, _ in page.context["form"].fields["service"].choices]
    assert services == ["", "correction", "copy"]
    assert "/catalogue/raise/data-copy/" in page.content.decode()


@pytest.mark.req("SSI-FR-52", "SSI-FR-54", "SSI-FR-55", "SSI-FR-56", "SSI-FR-57")
def test_every_request_type_is_raised_once_by_the_same_form(scene: Scene, client: Client) -> None:
    log_in(client, scene.people["raiser"])
    typed = {
        "data-copy": {"answers.what": "Alerts of June.", "answers.format": "CSV"},
        "question": {"answers.service": "Inventory", "answers.question": "What is a GPF?"},
        "general": {"answers.details": "A report.", "answers.mpxn": " 3938 424 403 "},
    }
    for code, answers in typed.items():
        address = f"/catalogue/raise/{code}/"
        sent = {
            **PERSON,
            **answers,
            "summary": "What we need",
            "form_token": _token(client, address),
        }
        check = client.post(address, {**sent, "step": "check"})
        assert check.status_code == 200
        offered = catalogue().offer(code)
        assert offered is not None
        titles = (offered.category.title, offered.service.title, offered.request_type.title)
        contact = f"Gwendolyn Holloway, {PERSON['telephone']}, {PERSON['email']}"
        for words in (*map(escape, titles), contact, "Update contact details", "Raise Request"):
            assert words in check.content.decode()
        first = client.post(address, {**sent, "step": "raise"})
        again = client.post(address, {**sent, "step": "raise"})
        assert first["Location"] == again["Location"]
        raised = client.get(first["Location"]).content.decode()
        reference = first["Location"].split("/")[3]
        assert reference in raised
        shown = client.get(f"/catalogue/requests/{reference}/").content.decode()
        for words in (reference, "ALD-77", RAISER, "Gwen", "020 7946 0123", *answers.values()):
            assert words.replace(" ", "") in shown.replace(" ", "")
    assert ServiceRequest.objects.count() == len(typed)


@pytest.mark.req("SSI-FR-53", "SSI-FR-54", "SSI-FR-55")
def test_the_list_and_the_page_say_what_is_known(scene: Scene, client: Client) -> None:
    other = Contact("Ada", "Quill", "020 7946 0555", "ada@alder.example")
    reference = scene.ask(additional_contact=other)
    raised = ServiceRequest.objects.get()
    take_step(scene.actor("agent"), reference, RequestVerb.TAKE, timezone.now())
    log_in(client, scene.people["raiser"])
    row = (reference, "General request", moment_words(raised.raised_at), "In progress")
    listed = client.get("/catalogue/").content.decode()
    assert f"/catalogue/requests/{reference}/" in listed
    shown = client.get(f"/catalogue/requests/{reference}/").content.decode()
    details = ("ALD-77", "Alder Energy", RAISER, scene.people["raiser"].display_name)
    contacts = (value for one in (CONTACT, other) for value in (one.name, one.telephone, one.email))
    assert [words for words in row if words not in listed] == []
    assert [words for words in (*row, *details, *contacts) if words not in shown] == []


@pytest.mark.req("SSI-FR-56", "SSI-FR-57")
def test_what_is_missing_is_said_and_what_was_typed_is_kept(scene: Scene, client: Client) -> None:
    log_in(client, scene.people["raiser"])
    address = "/catalogue/raise/general/"
    sent = {
        **PERSON,
        "summary": "A report",
        "answers.details": "Of everything.",
        "form_token": _token(client, address),
        "step": "check",
    }
    nothing = dict.fromkeys(
        ("first_name", "last_name", "telephone", "email", "answers.details"), ""
    )
    not_ours = {"user_id": RIVAL, "email": "gwendolyn"}
    wrong = {"telephone": "12", "answers.device_id": "12", "answers.by": "soon"}
    for typed in (nothing, not_ours, wrong):
        page = client.post(address, sent | typed)
        assert page.status_code == 422
        assert set(typed) == set(page.context["form"].errors)
    assert "Of everything." in page.content.decode()
    changed = client.post(address, sent | {"step": "change"})
    assert (changed.status_code, changed.context["form"]["summary"].value()) == (200, "A report")


@pytest.mark.req("SSI-FR-52", "SSI-FR-56")
def test_a_datum_is_disputed_from_its_record_with_evidence(scene: Scene, client: Client) -> None:
    log_in(client, scene.people["raiser"])
    data = client.get("/catalogue/data/", {"kind": "device", "key": METER}).content.decode()
    assert "SMI Status" in data
    assert DISPUTE.replace("&", "&amp;") in data
    form = client.get(DISPUTE)
    assert "Commissioned" in form.content.decode()
    sent = {
        **PERSON,
        "proposed_value": "Suspended",
        "proposed_since": "2026-01-02",
        "answers.grounds": "Read on site.",
        "form_token": str(form.context["form"]["form_token"].value()),
    }
    check = client.post(DISPUTE, {**sent, "step": "check"})
    assert check.status_code == 200
    assert "2 Jan 2026" in check.content.decode()
    bad = SimpleUploadedFile("virus.exe", b"MZ\x00\x01")
    refused = client.post(DISPUTE, {**sent, "step": "raise", "file": bad})
    assert refused.status_code == 422
    assert not ServiceRequest.objects.exists()
    good = SimpleUploadedFile("meter.txt", b"Status: suspended")
    done = client.post(DISPUTE, {**sent, "step": "raise", "file": good})
    reference = done["Location"].split("/")[3]
    shown = client.get(f"/catalogue/requests/{reference}/").content.decode()
    for words in ("Commissioned", "Suspended", "2 Jan 2026", "meter.txt", "Read on site."):
        assert words in shown
    file = client.get(f"/catalogue/requests/{reference}/attachments/", follow=False)
    assert file.status_code == 405
    second = client.post(DISPUTE, {**sent, "step": "check"})
    assert second["Location"] == f"/catalogue/requests/{reference}/"
    assert (
        reference
        in client.get("/catalogue/data/", {"kind": "device", "key": METER}).content.decode()
    )


@pytest.mark.req("SSI-FR-52")
def test_days_are_shown_as_everywhere_and_other_values_as_they_stand() -> None:
    assert in_words("2024-10-19") == "19 Oct 2024"
    for value in ("2024-13-40", "00300105", METER, ""):
        assert in_words(value) == value


@pytest.mark.req("SEC-1")
def test_every_page_and_file_of_a_request_that_is_looked_at_is_kept(
    scene: Scene, client: Client
) -> None:
    reference = scene.ask()
    address = f"/catalogue/requests/{reference}/"
    log_in(client, scene.people["raiser"])
    client.post(f"{address}attachments/", {"file": SimpleUploadedFile("seal.txt", b"intact")})
    (file,) = request_of(scene.actor("raiser"), reference, now=timezone.now()).attachments

    read = ActivityEntry.objects.filter(subject=reference, verb__startswith="catalogue.read")
    assert not read.exists()
    for page in ("", "contacts/", "withdraw/"):
        assert client.get(f"{address}{page}").status_code == 200
    assert client.get(f"{address}attachments/{file.id}/").content == b"intact"

    assert [one.verb for one in read.order_by("pk")] == [
        *["catalogue.read"] * 3,
        "catalogue.read_file",
    ]
    log_in(client, scene.people["rival"])
    assert client.get(f"{address}attachments/{file.id}/").status_code == 404
    assert read.count() == 4


@pytest.mark.req("SSI-FR-53")
def test_requests_of_a_type_no_longer_offered_are_still_found_by_it(
    scene: Scene, client: Client
) -> None:
    reference = scene.ask(
        request_type="question", answers={"service": "Inventory", "question": "What is a GPF?"}
    )
    scene.ask()
    before = SearchForm({}).fields["request_type"].choices
    content = CatalogueVersion.objects.get().content
    for category in content["category"]:
        for service in category["service"]:
            kept = [one for one in service["request_type"] if one["code"] != "question"]
            service["request_type"] = kept
        category["service"] = [one for one in category["service"] if one["request_type"]]
    content["category"] = [one for one in content["category"] if one["service"]]
    CatalogueVersion.objects.create(version="2", content=content, loaded_at=timezone.now())

    log_in(client, scene.people["raiser"])
    page = client.get("/catalogue/", {"request_type": "question"})

    assert [row.reference for row in page.context["page"].items] == [reference]
    older = [one for one in before if one[0] == "question"]
    choices = page.context["form"].fields["request_type"].choices
    assert choices[-1] == ("No longer offered", older)
    assert not set(older) & set(choices[:-1])


@pytest.mark.req("SSI-FR-60")
def test_a_request_is_under_the_requests_of_the_desk(scene: Scene, client: Client) -> None:
    log_in(client, scene.people["agent"])
    page = client.get(f"/catalogue/requests/{scene.dispute()}/")
    entries = [one for section in page.context["nav"] for one in section["items"]]
    assert [one["url"] for one in entries if one["current"]] == ["/desk/requests/"]


@pytest.mark.req("SSI-FR-52")
def test_desk_and_raiser_work_on_it_in_turn(scene: Scene, client: Client) -> None:
    reference = scene.dispute()
    desk, address = Client(), f"/catalogue/requests/{reference}"
    log_in(client, scene.people["raiser"])
    log_in(desk, scene.people["agent"])

    def step(who: Client, verb: str, text: str = "") -> int:
        form = who.get(f"{address}/{verb}/").context["form"]
        version = form["version"].value()
        return who.post(f"{address}/{verb}/", {"text": text, "version": version}).status_code

    assert reference in desk.get("/desk/requests/").content.decode()
    assert step(desk, "take") == 302
    assert step(desk, "ask", "Which seal number?") == 302
    assert "Which seal number?" in client.get(f"{address}/").content.decode()
    assert step(client, "answer", "Seal 12.") == 302
    assert step(desk, "note", "Looks right to me.") == 302
    assert step(desk, "complete", "The supplier sends the status anew.") == 302

    shown = client.get(f"{address}/").content.decode()
    assert "The supplier sends the status anew." in shown
    assert "Looks right to me." not in shown
    assert "Looks right to me." in desk.get(f"{address}/").content.decode()
    assert ServiceRequest.objects.get().state == DeliveryState.COMPLETED
    assert reference not in client.get("/catalogue/").content.decode()
    assert reference in client.get("/catalogue/", {"state": ""}).content.decode()
    assert "It can be reopened until" in shown
    ended = ServiceRequest.objects.filter(reference=reference)
    ended.update(ended_at=timezone.now() - REOPEN_WITHIN)
    assert "It can be reopened" not in client.get(f"{address}/").content.decode()
    ended.update(ended_at=timezone.now())
    assert step(client, "reopen", "It is still wrong.") == 302


@pytest.mark.req("SSI-FR-52")
def test_whoever_is_second_is_told_and_keeps_what_was_typed(scene: Scene, client: Client) -> None:
    reference = scene.ask()
    log_in(client, scene.people["agent"])
    address = f"/catalogue/requests/{reference}/comment/"
    version = client.get(address).context["form"]["version"].value()
    assert client.post(address, {"text": "First.", "version": version}).status_code == 302
    second = client.post(address, {"text": "My long answer.", "version": version})
    assert second.status_code == 409
    assert "My long answer." in second.content.decode()


@pytest.mark.req("SSI-FR-56")
def test_contact_details_are_updated_while_it_is_open(scene: Scene, client: Client) -> None:
    reference = scene.ask()
    log_in(client, scene.people["raiser"])
    address = f"/catalogue/requests/{reference}/contacts/"
    version = client.get(address).context["form"]["version"].value()
    sent = {**PERSON, "telephone": "020 7946 0999", "version": version}
    assert client.post(address, sent | {"email": "nobody"}).status_code == 422
    assert client.post(address, sent).status_code == 302
    assert "020 7946 0999" in client.get(f"/catalogue/requests/{reference}/").content.decode()
    assert client.post(address, sent).status_code == 409
