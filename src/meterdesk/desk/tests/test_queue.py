"""The queue: the desk's, and a resolver's, which holds what is allocated to it and nothing else."""

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.tests.factories import log_in
from meterdesk.incidents import actions
from meterdesk.incidents.tests.scene import Scene, set_scene


@pytest.fixture
def scene(db: None, tmp_path) -> Scene:
    return set_scene(tmp_path)


def _rows(client: Client, **filters: str) -> list[str]:
    return [row.reference for row in client.get("/desk/", filters).context["page"].items]


@pytest.mark.req("IM-21")
def test_most_urgent_first_and_filtered(scene: Scene, client: Client) -> None:
    now, agent = timezone.now(), scene.actor("agent")
    low, high = scene.raise_one(at=now, urgency=3), scene.raise_one(at=now, urgency=1)
    group = actions.add_group(None, "Meters", scene.operator.pk, [agent.person_id], at=now)
    actions.assign(agent, low, now, group_id=group, person_id=agent.person_id)
    done = scene.raise_one(at=now)
    actions.resolve(agent, done, now, why="Meter replaced")
    log_in(client, scene.people["agent"])

    assert _rows(client) == [high, low]
    assert _rows(client, sort="-priority") == [low, high]
    assert _rows(client, state="NEW") == [high]
    assert _rows(client, assigned="me") == _rows(client, assigned="my_groups") == [low]
    assert _rows(client, group=str(group)) == [low]
    assert high in _rows(client, assigned="nobody")
    assert _rows(client, state="RESOLVED") == [done]
    assert _rows(client, q=high.lower()) == [high]
    page = client.get("/desk/").content.decode()
    assert "Meters" in page
    assert "Gwendolyn" not in page


@pytest.mark.req("IM-21", "IM-24")
def test_a_resolver_sees_what_is_allocated_to_its_organisation(
    scene: Scene, client: Client
) -> None:
    now = timezone.now()
    allocated, other = scene.raise_one(at=now), scene.raise_one(at=now)
    actions.allocate(
        scene.actor("agent"), allocated, now, organisation_id=scene.provider.pk, why="The radio"
    )
    log_in(client, scene.people["resolver"])

    assert _rows(client) == [allocated]
    assert _rows(client, q=other) == []
    assert ">1 incident<" in client.get("/desk/").content.decode()
    actions.acknowledge(scene.actor("resolver"), allocated, now)
    assert _rows(client, state="IN_PROGRESS") == [allocated]
    log_in(client, scene.people["raiser"])
    assert client.get("/desk/").status_code == 403


@pytest.mark.req("IM-4")
def test_provisional_targets_say_so(scene: Scene, client: Client) -> None:
    log_in(client, scene.people["agent"])
    page = client.get("/desk/categories/").content.decode()
    assert "These times are provisional" in page
    assert "72 hours" in page
