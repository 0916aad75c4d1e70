"""The start page says what waits for its reader, and counts only what they may see."""

from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.catalogue.actions import take_step
from meterdesk.catalogue.rules.states import RequestVerb
from meterdesk.catalogue.tests.scene import set_scene as set_requests_scene
from meterdesk.identity.models import Person
from meterdesk.identity.rules import Actor
from meterdesk.identity.tests.factories import actor_for, log_in
from meterdesk.incidents.actions import do
from meterdesk.incidents.rules.states import Verb
from meterdesk.incidents.tests.scene import Scene
from meterdesk.organisations import actions as organisations
from meterdesk.organisations.tests.scene import set_scene as set_sharing_scene
from meterdesk.organisations.tests.sharing_scene import now, proposed, sign_by_log_in, version
from meterdesk.search.queries import start
from meterdesk.search.rules import Task, Waiting


def waiting(actor: Actor, at: datetime | None = None) -> dict[Task, int]:
    return {one.task: one.count for one in start(actor, at=at or timezone.now()).waiting}


def start_page(person: Person) -> str:
    client = Client()
    log_in(client, person)
    return client.get("/").content.decode()


@pytest.mark.req("SSI-FR-52a", "SSI-FR-53")
@pytest.mark.django_db
def test_requests_wait_for_the_desk_and_then_for_their_raisers_user(tmp_path: Path) -> None:
    scene = set_requests_scene(tmp_path)
    dispute, _other = scene.dispute(), scene.ask()
    agent = scene.actor("agent")
    assert waiting(agent) == {Task.TAKE_REQUEST: 2, Task.SETTLE_DISPUTE: 1}
    assert waiting(scene.actor("raiser")) == {}

    take_step(agent, dispute, RequestVerb.TAKE, timezone.now())
    take_step(agent, dispute, RequestVerb.ASK, timezone.now(), text="On which day?")

    assert waiting(agent) == {
        Task.TAKE_REQUEST: 1,
        Task.FINISH_REQUEST: 1,
        Task.SETTLE_DISPUTE: 1,
    }
    assert Task.FINISH_REQUEST not in waiting(scene.actor("second_agent"))
    for name in ("raiser", "companion"):
        assert waiting(scene.actor(name)) == {Task.ANSWER_REQUEST: 1}
        page = start_page(scene.people[name])
        assert f'href="/catalogue/requests/{dispute}/"' in page
        assert "service request waits for your answer" in page
    for name in ("colleague", "rival", "stranger", "resolver"):
        assert waiting(scene.actor(name)) == {}
        assert "Waiting for you" not in start_page(scene.people[name])


@pytest.mark.req("SSI-FR-52a")
@pytest.mark.django_db
def test_several_lead_to_the_list_of_just_them(tmp_path: Path) -> None:
    scene = set_requests_scene(tmp_path)
    references = {scene.ask(), scene.ask()}
    for reference in references:
        take_step(
            scene.actor("agent"), reference, RequestVerb.ASK, timezone.now(), text="How many?"
        )
    client = Client()
    log_in(client, scene.people["raiser"])

    ((one, url),) = client.get("/").context["waiting"]

    assert one == Waiting(Task.ANSWER_REQUEST, 2)
    listed = client.get(url).context["page"].items
    assert {row.reference for row in listed} == references


@pytest.mark.req("IM-24")
@pytest.mark.django_db
def test_incidents_on_hold_wait_for_who_raised_them_alone(scene: Scene) -> None:
    reference = scene.raise_one()
    agent = scene.actor("agent")
    do(agent, reference, Verb.RESPOND, timezone.now())
    do(agent, reference, Verb.HOLD, timezone.now(), why="Is there a light on the hub?")

    assert waiting(scene.actor("raiser")) == {Task.ANSWER_INCIDENT: 1}
    for name in ("responsible", "interested", "stranger", "colleague"):
        assert Task.ANSWER_INCIDENT not in waiting(scene.actor(name))


@pytest.mark.req("SSI-NFR-28", "SSI-NFR-31")
@pytest.mark.django_db
def test_a_sharing_waits_for_whoever_takes_its_next_step() -> None:
    scene = set_sharing_scene()
    sharing_id = proposed(scene)
    others = (scene.alder.admin, scene.rival.admin, actor_for(scene.greenlane.colleague))

    assert waiting(scene.greenlane.admin) == {Task.ANSWER_SHARING: 1}
    assert waiting(scene.operator) == {}
    answered = organisations.answer(
        scene.greenlane.admin,
        sharing_id,
        scene.greenlane.officer.pk,
        version(sharing_id),
        at=now(),
    )
    assert waiting(actor_for(scene.greenlane.officer_person))[Task.SIGN] == 1
    assert all(Task.SIGN not in waiting(one) for one in others)

    sign_by_log_in(scene.greenlane, sharing_id, answered)

    assert waiting(scene.operator) == {Task.VERIFY_SHARING: 1}
    assert f'href="/sharing/{sharing_id}/"' in start_page(scene.operator_person)
    assert all(Task.ANSWER_SHARING not in waiting(one) for one in others)
    assert waiting(scene.greenlane.admin) == {}
