"""Things of others by their address or in a form: not read, not changed, not told of."""

from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.diagnosis.actions import make_diagnosis
from meterdesk.identity.models import ApiToken, Person
from meterdesk.identity.tests.factories import actor_for, log_in, token_for
from meterdesk.incidents.models import Incident
from meterdesk.incidents.tests.scene import MPAN, RAISER, Scene, set_scene
from meterdesk.registration.tests.files import OUTSIDER

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return set_scene(tmp_path)


def client_of(person: Person) -> Client:
    client = Client()
    log_in(client, person)
    return client


def form(**changes: str) -> Mapping[str, str]:
    """The form to raise an incident as the raiser of the scene fills it in."""
    return {
        "user_id": RAISER,
        "mpxn": MPAN,
        "area": "HUB_OR_WAN",
        "summary": "No contact",
        "impact": "3",
        "urgency": "2",
        "first_name": "Gwen",
        "last_name": "Tester",
        "telephone": "020 7946 0123",
        "diagnosis_not_run": "Run on the telephone.",
        "form_token": str(uuid4()),
        "step": "raise",
        **changes,
    }


@pytest.mark.req("SSI-FR-26", "IM-24")
def test_nobody_raises_for_others_nor_with_what_is_theirs(scene: Scene) -> None:
    raiser, rival = client_of(scene.people["raiser"]), client_of(scene.people["stranger"])
    raised_before = Incident.objects.count()
    assert rival.post("/incidents/raise/", form()).status_code == 422

    diagnosis_id, _ = make_diagnosis(scene.actor("raiser"), mpxn=MPAN, at=timezone.now())
    theirs = form(user_id=OUTSIDER, diagnosis=str(diagnosis_id), diagnosis_not_run="")
    assert rival.post("/incidents/raise/", theirs).status_code == 422
    assert rival.get(f"/premises/{MPAN}/diagnosis/{diagnosis_id}/").status_code == 404

    token = str(uuid4())
    assert raiser.post("/incidents/raise/", form(form_token=token)).status_code == 302
    again = rival.post("/incidents/raise/", form(user_id=OUTSIDER, form_token=token))
    assert again.status_code == 409
    assert Incident.objects.latest("pk").reference not in again.content.decode()
    assert Incident.objects.count() == raised_before + 1


@pytest.mark.parametrize("name", ["mpxn", "device_id", "hub", "diagnosis"])
def test_what_no_identifier_is_fills_in_a_form_without_harm(scene: Scene, name: str) -> None:
    raiser = client_of(scene.people["raiser"])
    for text in ("\x00", "9" * 400, "\u202e"):
        assert raiser.get("/incidents/raise/", {name: text}).status_code == 200


@pytest.mark.req("IM-24", "SSI-FR-30")
def test_fields_that_no_form_has_change_nothing(scene: Scene) -> None:
    raiser = client_of(scene.people["raiser"])
    extra = {"state": "CLOSED", "priority": "1", "reference": "INC0000001", "raised_by": "1"}
    assert raiser.post("/incidents/raise/", form(**extra)).status_code == 302
    raised = Incident.objects.latest("pk")
    assert (raised.state, raised.raised_by_id) == ("NEW", scene.people["raiser"].pk)
    assert raised.priority > 1


@pytest.mark.req("IM-24")
@pytest.mark.parametrize("verb", ["resolve", "assign", "close", "link_repeat", "reply", "anything"])
def test_what_one_may_not_see_answers_not_found_to_every_step(scene: Scene, verb: str) -> None:
    address = f"/incidents/{scene.raise_one()}/"
    stranger = client_of(scene.people["stranger"])
    for answer in (
        stranger.get(address + f"{verb}/"),
        stranger.post(address + f"{verb}/", {"why": "x", "version": "1"}),
        stranger.post(address + "updates/", {"audience": "ALL", "text": "x", "version": "1"}),
        stranger.post(address + "attachments/", {"audience": "ALL"}),
    ):
        assert answer.status_code == 404


@pytest.mark.req("IM-13")
@pytest.mark.parametrize("verb", ["assign", "allocate", "categorise", "link_repeat", "resolve"])
def test_the_raiser_is_not_shown_the_forms_of_the_desk(scene: Scene, verb: str) -> None:
    address = f"/incidents/{scene.raise_one()}/{verb}/"
    raiser = client_of(scene.people["raiser"])
    version = str(Incident.objects.latest("pk").version)
    full = {"why": "x", "version": version, "code": "Duplicate", "category": "1", "impact": "1"}
    for answer in (
        raiser.get(address),
        raiser.post(address, {}),
        raiser.post(address, {**full, "urgency": "1"}),
    ):
        assert answer.status_code in {403, 409}
        assert "<select" not in answer.content.decode()


@pytest.mark.req("SSI-NFR-10")
def test_a_token_of_somebody_else_is_not_revoked(scene: Scene) -> None:
    token_for(scene.people["raiser"])
    token = ApiToken.objects.get()
    answer = client_of(scene.people["colleague"]).post(f"/profile/tokens/{token.pk}/revoke/")
    assert answer.status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None
    assert actor_for(scene.people["raiser"]).person_id == token.person_id
