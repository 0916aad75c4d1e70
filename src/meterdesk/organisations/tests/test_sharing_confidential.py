"""Who may know of a sharing and take its steps; what nobody else ever learns."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from meterdesk.identity.tests.factories import (
    actor_for,
    make_person,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Stale
from meterdesk.organisations import actions, queries
from meterdesk.organisations.models import Notification, Officer, SharingStep
from meterdesk.organisations.rules import SHARING, SharingVerb, Side
from meterdesk.organisations.tests.scene import (
    AGENT,
    ALDER_GAS,
    ALDER_POWER,
    RIVAL,
    Scene,
    letters,
    set_scene,
)
from meterdesk.organisations.tests.sharing_scene import (
    client_of,
    decide,
    everything,
    give,
    in_force,
    now,
    proposal,
    proposed,
    sign_file,
    version,
)

pytestmark = pytest.mark.django_db
READS = "UC_ViewSMI"
UNKNOWN = "90-B3-D5-1F-30-99-00-01"


@pytest.fixture
def scene() -> Scene:
    return set_scene()


@pytest.mark.req("SSI-NFR-28", "SSI-NFR-2")
def test_a_proposal_never_tells_whether_the_other_s_user_ids_exist(scene: Scene) -> None:
    seen = set()
    for euis in ((AGENT,), (RIVAL,), (UNKNOWN,), (AGENT, RIVAL)):
        sharing_id = proposed(scene, other=euis, other_name="Somebody")
        page = queries.sharing(scene.alder.admin, sharing_id, at=now())
        seen.add((page.state, page.second_name, page.verbs, page.checks, len(page.history)))
    assert len(seen) == 1
    invited = {to for to, subjects in letters().items() if any("proposes" in s for s in subjects)}
    assert invited == {
        "greenlane.admin@example.org",
        "sian@greenlane.example",
        "rival.admin@example.org",
        "sian@rival.example",
    }


@pytest.mark.req("SSI-NFR-2", "SSI-NFR-33")
def test_nobody_else_learns_that_there_is_a_sharing(scene: Scene) -> None:
    sharing_id = in_force(scene)
    notification_id = Notification.objects.first().pk
    paths = [f"/sharing/{sharing_id}/{rest}" for rest in ("", "answer/", "rescind/", "activate/")]
    paths += [
        f"/sharing/{sharing_id}/notifications/{notification_id}/{rest}"
        for rest in ("", "text", "signature")
    ]
    rival, colleague = client_of(scene.rival.administrator), client_of(scene.alder.colleague)
    for client in (rival, colleague):
        for path in paths:
            assert client.get(path).status_code == 404, path
            assert client.post(path, {"version": "1"}).status_code in {404, 405}, path
    assert "Alder" not in rival.get("/sharing/").content.decode()
    assert "Alder" not in rival.get("/sharing/access/").content.decode()
    for path in ("/sharing/", "/sharing/access/", "/sharing/new/", "/sharing/export.csv"):
        assert colleague.get(path).status_code == 404, path


@pytest.mark.req("SSI-NFR-28")
def test_an_unsigned_proposal_is_its_own_side_s_alone(scene: Scene) -> None:
    sharing_id, notification_id = actions.propose(
        scene.alder.admin, proposal(scene.alder), at=now()
    )
    for actor in (scene.greenlane.admin, scene.operator, scene.rival.admin):
        assert queries.sharings(actor, everything(), at=now()).items == ()
        with pytest.raises(NotVisible):
            queries.sharing(actor, sharing_id, at=now())
    decide(scene.alder.admin, sharing_id, SharingVerb.WITHDRAW)
    assert queries.sharings(scene.operator, everything(), at=now()).items == ()
    assert "sian@greenlane.example" not in letters()
    with pytest.raises(Conflict):
        sign_file(scene.alder, sharing_id, notification_id)


@pytest.mark.req("SSI-NFR-29")
def test_who_sees_what_names_one_s_own_people_and_counts_the_other_s(scene: Scene) -> None:
    in_force(scene)
    give(scene.greenlane.colleague, ALDER_GAS)
    ours = queries.access_overview(scene.alder.admin, at=now())
    (given,), (received,) = ours.given, ours.received
    assert (given.granting, given.granted, given.people) == (ALDER_GAS, AGENT, 1)
    assert given.roles == ("Service Management User",) and given.holders == ()
    assert (received.granting, received.people) == (AGENT, 0)
    theirs = queries.access_overview(scene.greenlane.admin, at=now()).received
    assert [one.name for one in theirs[0].holders] == [scene.greenlane.colleague.display_name]
    assert len(queries.access_overview(scene.operator, at=now()).given) == 2


@pytest.mark.req("SSI-NFR-28")
def test_two_who_decide_at_once_are_told(scene: Scene) -> None:
    sharing_id = proposed(scene)
    read = version(sharing_id)
    decide(scene.operator, sharing_id, SharingVerb.REJECT, "No")
    with pytest.raises((Stale, Conflict)):
        actions.decide(scene.greenlane.admin, sharing_id, SharingVerb.DECLINE, "No", read, at=now())
    steps = SharingStep.objects.filter(sharing=sharing_id).values_list("verb", flat=True)
    assert list(steps.order_by("pk")) == ["begin", "sign", "reject"]


@pytest.mark.req("SSI-NFR-28")
def test_each_side_takes_only_its_own_steps(scene: Scene) -> None:
    sharing_id = proposed(scene)
    actors = {
        Side.FIRST: scene.alder.admin,
        Side.SECOND: scene.greenlane.admin,
        Side.OPERATOR: scene.operator,
    }
    for verb in (SharingVerb.DECLINE, SharingVerb.WITHDRAW, SharingVerb.ACTIVATE):
        for side, actor in actors.items():
            if side not in SHARING[verb].who:
                with pytest.raises(NotAllowed):
                    decide(actor, sharing_id, verb, "why")
    sharing_id = in_force(scene, own=(ALDER_POWER,))
    with pytest.raises(NotAllowed):
        actions.rescind_for_operator(
            scene.alder.admin, sharing_id, "why", version(sharing_id), at=now()
        )


@pytest.mark.req("SSI-NFR-29")
def test_a_narrowed_token_does_not_make_an_officer(scene: Scene) -> None:
    officer = make_person("officer", organisation=scene.alder.organisation)
    Officer.objects.filter(pk=scene.alder.officer.pk).update(person=officer)
    assert queries.sharings(actor_for(officer), everything(), at=now()).items == ()
    with pytest.raises(NotVisible):
        queries.sharings(replace(actor_for(officer), is_narrowed=True), everything(), at=now())


@pytest.mark.req("SSI-NFR-28", "SSI-NFR-32")
def test_an_officer_finds_what_waits_for_the_signature_without_administering(scene: Scene) -> None:
    sharing_id, _ = actions.propose(scene.alder.admin, proposal(scene.alder), at=now())
    link = 'href="/sharing/"'
    officer = client_of(scene.alder.officer_person)
    assert link in officer.get("/").content.decode()
    path = rf"/sharing/{sharing_id}/notifications/[0-9a-f-]+/"
    page = officer.get("/sharing/").content.decode()
    assert "Waits for your signature" in page
    path = re.search(path, page)
    assert path is not None
    others = client_of(scene.alder.administrator).get("/sharing/").content.decode()
    assert "Waits for your signature" not in others
    assert 'name="password"' in officer.get(path[0]).content.decode()
    assert link not in client_of(scene.alder.colleague).get("/").content.decode()
    Officer.objects.update(active_until=now().date() - timedelta(days=1))
    assert link not in officer.get("/").content.decode()
