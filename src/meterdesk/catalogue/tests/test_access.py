"""Who sees a request: the User that raised it and the desk; nobody else learns of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.catalogue.actions import AlreadyDisputed, DisputeDatum, RaiseRequest, raise_request
from meterdesk.catalogue.models import Dispute
from meterdesk.catalogue.queries import RequestSearch, open_disputes, request, search_requests
from meterdesk.catalogue.rules.data import RecordKind, RecordName
from meterdesk.catalogue.tests.scene import (
    CONTACT,
    HUB,
    METER,
    MPAN,
    MPRN,
    RAISER,
    RIVAL,
    SAME_ORGANISATION,
    STATUS,
    Scene,
)
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import (
    actor_for,
    bearer,
    grant,
    log_in,
    make_person,
)
from meterdesk.kernel.errors import NotAllowed, NotVisible
from meterdesk.kernel.paging import PageRequest

OUTSIDERS = ("colleague", "rival", "stranger", "resolver")


@pytest.mark.req("SSI-FR-52a", "SSI-FR-57")
def test_only_the_raising_user_and_the_desk_see_it(scene: Scene) -> None:
    reference = scene.dispute()
    for name in ("raiser", "companion", "agent"):
        actor = scene.actor(name)
        assert request(actor, reference, now=timezone.now()).reference == reference
        assert search_requests(actor, RequestSearch(), PageRequest()).items
        assert open_disputes(actor, STATUS.record)
    for name in OUTSIDERS:
        actor = scene.actor(name)
        with pytest.raises(NotVisible):
            request(actor, reference, now=timezone.now())
        found = search_requests(actor, RequestSearch(), PageRequest(), count=True)
        assert (found.items, found.total_capped) == ((), 0)
        assert open_disputes(actor, STATUS.record) == ()


@pytest.mark.req("SSI-FR-52a", "SSI-FR-57", "SSI-NFR-28")
def test_a_grant_opens_no_request_and_raises_none(scene: Scene) -> None:
    reference = scene.ask()
    grant(RAISER, RIVAL)
    both = [(RIVAL, JobTypeRole.ALL_ACCESS), (RAISER, JobTypeRole.ALL_ACCESS)]
    partner = make_person("partner", both, organisation=scene.people["rival"].organisation)
    actor = actor_for(partner)
    assert RAISER in actor.user_ids_for("UC_ServiceCatalogue")
    with pytest.raises(NotVisible):
        request(actor, reference, now=timezone.now())
    new = RaiseRequest(RAISER, "general", CONTACT, "Not ours", {"details": "Sneaky."})
    with pytest.raises(NotAllowed):
        raise_request(actor, new, timezone.now())


@pytest.mark.req("SSI-FR-52a")
def test_every_address_of_a_request_is_as_if_it_were_not_there(
    scene: Scene, client: Client
) -> None:
    reference = scene.dispute()
    pages = ("", "raised/", "contacts/", "comment/", "complete/", "attachments/1/")
    for name in ("colleague", "rival", "stranger"):
        log_in(client, scene.people[name])
        for page in pages:
            there = client.get(f"/catalogue/requests/{reference}/{page}")
            nowhere = client.get(f"/catalogue/requests/REQ9999999/{page}")
            assert there.status_code == nowhere.status_code == 404, page
        sent = client.post(f"/catalogue/requests/{reference}/attachments/")
        assert sent.status_code == 404
        assert reference not in client.get("/catalogue/", {"state": ""}).content.decode()
        assert reference not in client.get("/catalogue/export.csv").getvalue().decode()
        data = {"kind": "device", "key": METER}
        assert reference not in client.get("/catalogue/data/", data).content.decode()
        assert reference not in client.get(f"/devices/{METER}/").content.decode()
        token = bearer(scene.people[name])
        assert client.get(f"/api/v1/service-requests/{reference}", **token).status_code == 404
        assert client.get("/api/v1/service-requests", **token).json()["items"] == []


@pytest.mark.req("SSI-FR-52a")
def test_the_other_pages_say_what_is_disputed_to_those_alone(scene: Scene, client: Client) -> None:
    reference = scene.dispute()
    for name, told in (("raiser", True), ("agent", True), ("rival", False)):
        log_in(client, scene.people[name])
        for page in (f"/devices/{METER}/", f"/premises/{MPAN}/"):
            assert (reference in client.get(page).content.decode()) is told, (name, page)


@pytest.mark.req("SSI-FR-52")
def test_a_datum_is_shown_and_disputed_only_as_far_as_it_is_seen(scene: Scene) -> None:
    hub = DisputeDatum(RecordName(RecordKind.HUB, HUB), "wan_connectivity", "Not connected")
    outsider = next(iter(scene.actor("stranger").user_ids))
    with pytest.raises(NotAllowed):
        scene.dispute(hub, "stranger", user_id=outsider)
    nowhere = RecordName(RecordKind.DEVICE, "00-DB-12-34-56-78-90-FF")
    with pytest.raises(NotVisible):
        scene.dispute(DisputeDatum(nowhere, "status", "Suspended"))
    with pytest.raises(NotVisible):
        scene.dispute(DisputeDatum(STATUS.record, "nothing", "x"))


@pytest.mark.req("SSI-FR-52")
def test_asking_for_a_value_does_not_tell_whether_a_hidden_one_is_it(scene: Scene) -> None:
    """A stranger that guesses a competitor's name reads the same as one that guesses wrong."""
    stranger = next(iter(scene.actor("stranger").user_ids))
    answers = []
    for guess, mpxn in (("Birch Power", MPAN), ("Nobody at all", MPRN)):
        about = DisputeDatum(RecordName(RecordKind.METER_POINT, mpxn), "supplier", guess)
        reference = scene.dispute(about, "stranger", user_id=stranger)
        seen = request(scene.actor("stranger"), reference, now=timezone.now()).dispute
        assert seen is not None
        assert seen.now is not None
        assert ", run " not in seen.held_source + seen.now.source
        answers.append((seen.now.as_proposed, "Birch" in seen.held_value + seen.now.value))
    assert answers == [(False, False), (False, False)]
    assert not Dispute.objects.filter(held_value__contains="Birch").exists()


@pytest.mark.req("SSI-FR-52", "SSI-FR-57")
def test_one_open_dispute_of_a_datum_for_each_user(scene: Scene) -> None:
    first = scene.dispute()
    with pytest.raises(AlreadyDisputed) as again:
        scene.dispute(name="companion")
    assert again.value.reference == first
    other = scene.dispute(name="colleague", user_id=SAME_ORGANISATION)
    assert other != first
    with pytest.raises(NotVisible):
        request(scene.actor("raiser"), other, now=timezone.now() + timedelta(minutes=1))
