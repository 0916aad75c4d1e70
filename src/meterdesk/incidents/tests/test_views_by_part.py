"""Four views: what each withholds is nowhere in its type, its page or its JSON; others read 404."""

from dataclasses import fields
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.models import UserId
from meterdesk.identity.rules import DeskPermission, DeskRole, Suspension
from meterdesk.identity.tests.factories import actor_for, bearer, grant, log_in, make_person
from meterdesk.incidents import actions
from meterdesk.incidents.access import visible_to
from meterdesk.incidents.models import Incident
from meterdesk.incidents.queries import (
    IncidentSearch,
    InterestedView,
    OperatorView,
    RaiserView,
    ResponsibleView,
    attachment,
    desk_queue,
    incident,
    open_on_premises,
    search_incidents,
)
from meterdesk.incidents.rules.audience import Audience
from meterdesk.incidents.tests.scene import (
    INTERESTED,
    MANAGER,
    METER,
    MPAN,
    RAISER,
    RESPONSIBLE,
    Scene,
)
from meterdesk.kernel.errors import NotAllowed, NotVisible
from meterdesk.kernel.paging import PageRequest
from meterdesk.notifications.models import OutgoingMessage

CONTACT_WORDS = {"Holloway", "7946 0123", "gwendolyn@alder.example"}
NAME = "Gwen Tester"
TO = {audience: f"written-{audience.value.lower()}" for audience in Audience}
READERS = {
    Audience.ALL: {"agent", "raiser", "responsible"},
    Audience.DESK: {"agent", "raiser"},
    Audience.RAISER: {"agent", "raiser"},
    Audience.RESPONSIBLE: {"agent", "raiser", "responsible"},
    Audience.WORK_NOTE: {"agent"},
}


def _written(scene: Scene) -> str:
    """An incident with an update to each audience and a file for the desk."""
    now = timezone.now()
    reference = scene.raise_one(at=now)
    writers = {audience: "agent" for audience in Audience} | {Audience.DESK: "raiser"}
    for audience, name in writers.items():
        actions.add_update(scene.actor(name), reference, audience, TO[audience], now)
    actions.attach(scene.actor("raiser"), reference, Audience.DESK, "f.txt", BytesIO(b"x"), now)
    return reference


@pytest.mark.req("SSI-FR-33", "SSI-FR-34")
def test_types_lack_what_they_withhold() -> None:
    names = [
        {one.name for one in fields(view)}
        for view in (InterestedView, ResponsibleView, RaiserView, OperatorView)
    ]
    interested, responsible, raiser, operator = names
    assert interested < responsible < raiser < operator
    assert not interested & {"contact", "additional_contact", "updates", "raised_by", "resolution"}
    assert "raised_by" not in responsible
    assert not raiser & {"interested", "assigned_person"}


@pytest.mark.req("SSI-FR-33", "SSI-FR-34", "IM-24")
@pytest.mark.parametrize("name", ["agent", "raiser", "responsible", "interested"])
def test_pages_and_json_hold_what_the_part_may_read(
    scene: Scene, client: Client, name: str
) -> None:
    reference = _written(scene)
    person = scene.people[name]
    log_in(client, person)
    page = client.get(f"/incidents/{reference}/")
    json = client.get(f"/api/v1/incidents/{reference}", **bearer(person))
    rows = client.get("/api/v1/incidents", **bearer(person))
    for answer in (page, json):
        assert answer.status_code == 200
        text = answer.content.decode()
        for audience, words in TO.items():
            assert (words in text) is (name in READERS[audience]), (audience, words)
        for word in CONTACT_WORDS:
            assert (word in text) is (name != "interested"), word
        assert (NAME in text) is (name in {"agent", "raiser"})
        assert ("Billing is held up." in text) is (name != "interested")
        assert "Alder Energy" in text
    listed = rows.content.decode() + client.get("/incidents/").content.decode()
    assert reference in listed
    for word in CONTACT_WORDS | {NAME} | set(TO.values()):
        assert word not in listed.replace(person.display_name, ""), word
    assert ("ALD-77" in listed) is (name == "raiser")


@pytest.mark.req("IM-24", "SSI-FR-30a", "SSI-FR-32a")
@pytest.mark.parametrize("name", ["stranger", "colleague", "resolver"])
def test_others_never_learn_of_it(scene: Scene, client: Client, name: str) -> None:
    reference = _written(scene)
    (kept,) = incident(scene.actor("agent"), reference).attachments
    actor, person = scene.actor(name), scene.people[name]

    assert not Incident.objects.filter(visible_to(actor)).exists()
    for text in ("", reference, METER, MPAN, "ALD-77", "AB1 0AJ"):
        found = search_incidents(actor, IncidentSearch(text=text), PageRequest(), count=True)
        assert (found.items, found.total_capped) == ((), 0)
    assert open_on_premises(actor, [MPAN], [METER]) == []
    with pytest.raises(NotVisible):
        attachment(actor, reference, kept.id)
    with pytest.raises(NotVisible):
        actions.add_update(actor, reference, Audience.ALL, "Hello", timezone.now())
    log_in(client, person)
    token = bearer(person)
    absent = reference.replace("INC0", "INC9")
    for method, path in (
        ("get", "/incidents/{}/"),
        ("get", "/incidents/{}/resolve/"),
        ("post", "/incidents/{}/resolve/"),
        ("post", "/incidents/{}/updates/"),
        ("post", "/incidents/{}/attachments/"),
        ("get", f"/incidents/{{}}/attachments/{kept.id}/"),
    ):
        there = getattr(client, method)(path.format(reference))
        nowhere = getattr(client, method)(path.format(absent))
        assert (there.status_code, nowhere.status_code) == (404, 404), path
    there = client.get(f"/api/v1/incidents/{reference}", **token)
    nowhere = client.get(f"/api/v1/incidents/{absent}", **token)
    assert there.status_code == nowhere.status_code == 404
    same = nowhere.json() | {"detail": "", "request_id": ""}
    assert there.json() | {"detail": "", "request_id": ""} == same
    assert client.get("/api/v1/incidents", **token).json() == {"items": [], "next": None}
    assert reference not in client.get("/incidents/").content.decode()
    told = OutgoingMessage.objects.filter(about=reference).values_list("to", flat=True)
    assert person.email not in set(told)


@pytest.mark.req("IM-8", "IM-24")
def test_emails_hold_no_more_than_the_view(scene: Scene) -> None:
    now = timezone.now()
    reference = scene.raise_one(at=now)
    agent = scene.actor("agent")
    actions.add_update(agent, reference, Audience.RAISER, "raiser-only words", now)
    actions.resolve(agent, reference, now, why="the meter was replaced")

    def mails(address: str) -> str:
        return " ".join(
            f"{one.subject} {one.body}" for one in OutgoingMessage.objects.filter(to=address)
        )

    raiser, responsible = mails("gwendolyn@alder.example"), mails(scene.people["responsible"].email)
    interested = mails(scene.people["interested"].email)
    assert "raiser-only words" in raiser
    assert "the meter was replaced" in raiser
    assert "allocated to your organisation" in responsible
    assert "raiser-only words" not in responsible
    assert f"{reference} is resolved." in interested
    assert "the meter was replaced" not in interested
    assert "Holloway" not in responsible + interested


@pytest.mark.req("IM-8", "SEC-1")
def test_a_raiser_that_may_read_nothing_is_not_written_to(scene: Scene) -> None:
    reference = scene.raise_one(at=timezone.now())
    raised_for = Incident.objects.get(reference=reference).raised_for
    UserId.objects.filter(pk=raised_for).update(suspension=Suspension.NOTHING)
    OutgoingMessage.objects.all().delete()
    agent = scene.actor("agent")
    actions.add_update(agent, reference, Audience.RAISER, "raiser-only words", timezone.now())
    assert not OutgoingMessage.objects.filter(to="gwendolyn@alder.example").exists()


@pytest.mark.req("SSI-FR-22a", "SSI-FR-26", "SSI-NFR-28")
def test_acting_for_another_by_grant(scene: Scene) -> None:
    from_before = scene.raise_one(at=timezone.now())
    with pytest.raises(NotAllowed):
        scene.raise_one(name="stranger", at=timezone.now())
    stranger = scene.people["stranger"]
    own = next(iter(scene.actor("stranger").user_ids))
    grant(RAISER, own)
    person = make_person(
        "agency",
        [(own, MANAGER), (RAISER, MANAGER)],
        organisation=stranger.organisation,
    )
    scene.people["agency"] = person

    reference = scene.raise_one(name="agency", at=timezone.now())

    seen = incident(scene.actor("raiser"), reference)
    assert isinstance(seen, RaiserView)
    assert seen.raised_for == RAISER
    assert seen.raising_organisation == "Alder Energy"
    assert incident(scene.actor("agency"), from_before).part == "RAISER"


@pytest.mark.req("IM-5", "IM-8")
def test_parties_are_found_from_registration(scene: Scene) -> None:
    seen = incident(scene.actor("agent"), scene.raise_one())

    assert isinstance(seen, OperatorView)
    assert seen.responsible_user_id == RESPONSIBLE
    assert {one.user_id for one in seen.interested} >= {RAISER, RESPONSIBLE, INTERESTED}


@pytest.mark.req("IM-5", "IM-24")
def test_who_becomes_responsible_reads_nothing_that_was_for_whoever_was_before(
    scene: Scene, client: Client
) -> None:
    start = timezone.now() - timedelta(hours=1)
    reference = scene.raise_one(at=start)
    raiser, before, agent = (scene.actor(name) for name in ("raiser", "responsible", "agent"))
    say = actions.add_update
    say(raiser, reference, Audience.RESPONSIBLE, "for-birch-alone", start + timedelta(minutes=1))
    say(before, reference, Audience.ALL, "birch-to-all", start + timedelta(minutes=2))
    file = BytesIO(b"for Birch")
    at = start + timedelta(minutes=3)
    actions.attach(raiser, reference, Audience.RESPONSIBLE, "birch.txt", file, at)
    at = start + timedelta(minutes=4)
    actions.hand_back(before, reference, at, why="birch-reason")
    (kept,) = incident(agent, reference).attachments

    at = start + timedelta(minutes=5)
    actions.allocate(agent, reference, at, why="yours-now", user_id=INTERESTED)
    say(raiser, reference, Audience.RESPONSIBLE, "for-the-grid", start + timedelta(minutes=6))

    carol = scene.people["interested"]
    log_in(client, carol)
    for answer in (
        client.get(f"/incidents/{reference}/"),
        client.get(f"/api/v1/incidents/{reference}", **bearer(carol)),
    ):
        text = answer.content.decode()
        for words in ("birch-to-all", "yours-now", "for-the-grid"):
            assert words in text, words
        for words in ("for-birch-alone", "birch-reason", "birch.txt", "Bob Tester"):
            assert words not in text, words
    with pytest.raises(NotVisible):
        attachment(scene.actor("interested"), reference, kept.id)
    bob = incident(scene.actor("responsible"), reference)
    assert bob.part == "INTERESTED"
    assert not hasattr(bob, "updates")


@pytest.mark.req("SSI-FR-33", "IM-24")
def test_the_kind_of_resolution_is_withheld_from_interested_parties(
    scene: Scene, client: Client
) -> None:
    reference = scene.raise_one(at=timezone.now())
    actions.resolve(
        scene.actor("responsible"), reference, timezone.now(), why="done", code="No fault found"
    )
    for name, told in (("interested", False), ("raiser", True)):
        log_in(client, scene.people[name])
        pages = (
            client.get(f"/incidents/{reference}/"),
            client.get(f"/api/v1/incidents/{reference}", **bearer(scene.people[name])),
        )
        for page in pages:
            assert ("No fault found" in page.content.decode()) is told, name


@pytest.mark.req("IM-2", "IM-24")
def test_an_attached_diagnosis_names_parties_only_to_those_registered(scene: Scene) -> None:
    check = {"check": "inventory.status", "title": "Status", "responsible": "Birch Power"}
    outcome = {"responsible_party": "Birch Power", "likely_cause": "A", "checks": [check]}
    reference = scene.raise_one(at=timezone.now(), diagnosis=outcome)
    agent = scene.actor("agent")
    actions.allocate(
        agent, reference, timezone.now(), why="Look", organisation_id=scene.provider.pk
    )

    shown = {
        name: str(incident(scene.actor(name), reference).diagnosis)
        for name in ("raiser", "agent", "resolver")
    }

    assert "Birch Power" in shown["raiser"]
    assert "Birch Power" in shown["agent"]
    assert "Birch Power" not in shown["resolver"]
    assert "a party registered at the premises" in shown["resolver"]


@pytest.mark.req("IM-21", "IM-24")
def test_a_resolver_is_not_told_who_at_the_operator_works_on_it(scene: Scene) -> None:
    reference = scene.raise_one(at=timezone.now())
    agent = scene.actor("agent")
    now = timezone.now()
    actions.allocate(agent, reference, now, why="Look", organisation_id=scene.provider.pk)
    actions.assign(agent, reference, now, person_id=agent.person_id)

    (desks,) = desk_queue(agent, IncidentSearch(), PageRequest()).items
    (theirs,) = desk_queue(scene.actor("resolver"), IncidentSearch(), PageRequest()).items

    assert desks.assigned_person == agent.display_name
    assert (theirs.reference, theirs.assigned_person) == (reference, "")


@pytest.mark.req("SSI-NFR-2", "IM-21")
def test_whatever_a_service_providers_staff_are_assigned_they_are_resolvers(
    scene: Scene, client: Client
) -> None:
    scene.raise_one(at=timezone.now())
    mistaken = make_person(
        "north.two", desk=[DeskRole.ADMINISTRATOR, DeskRole.AGENT], organisation=scene.provider
    )

    assert actor_for(mistaken).desk == {DeskPermission.QUEUE}
    log_in(client, mistaken)
    assert client.get("/desk/intake/").status_code == 403
    assert client.get("/people/").status_code == 403
    assert not Incident.objects.filter(visible_to(actor_for(mistaken))).exists()
