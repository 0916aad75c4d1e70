"""Sharing between two organisations, from the proposal to its end, and what nobody else learns."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from meterdesk.identity.models import Grant
from meterdesk.identity.rules import Totp
from meterdesk.identity.tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    actor_for,
    grant,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, Refused
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.organisations import actions, jobs, queries
from meterdesk.organisations.actions import Rescinding
from meterdesk.organisations.models import Notification, Officer, Sharing
from meterdesk.organisations.rules import SharingState, SharingVerb
from meterdesk.organisations.tests.scene import (
    AGENT,
    ALDER_GAS,
    ALDER_POWER,
    Scene,
    certificate,
    letters,
    pem,
    set_scene,
    signed,
)
from meterdesk.organisations.tests.sharing_scene import (
    client_of,
    decide,
    give,
    in_force,
    now,
    proposal,
    proposed,
    sign_by_log_in,
    sign_file,
    version,
)
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db
READS = "UC_ViewSMI"
UNKNOWN = "90-B3-D5-1F-30-99-00-01"


@pytest.fixture
def scene() -> Scene:
    return set_scene()


@pytest.mark.req("SSI-NFR-28", "SSI-NFR-29")
def test_both_sides_notify_the_operator_verifies_and_access_opens_both_ways(scene: Scene) -> None:
    admin, officer = client_of(scene.alder.administrator), scene.alder.officer
    form = {
        "own": [ALDER_GAS],
        "other_name": "Greenlane",
        "other": AGENT.replace("-", " ").lower(),
        "officer": officer.pk,
    }
    page = admin.post("/sharing/new/", form)["Location"]
    shown = admin.get(page).content.decode()
    assert officer.name in shown and ALDER_GAS in shown and AGENT in shown
    text = admin.get(page + "text").content
    signature = {"way": "file", "signature": SimpleUploadedFile("n.p7s", signed(text))}
    home = admin.post(page, signature)["Location"]
    sharing = Sharing.objects.get()
    assert sharing.state == SharingState.PROPOSED
    jobs.invite_other_side(sharing_id=str(sharing.pk))

    other = client_of(scene.greenlane.administrator)
    assert "Your answer is asked for" in other.get(home).content.decode()
    answer = {"officer": scene.greenlane.officer.pk, "version": sharing.version}
    page = other.post(home + "answer/", answer)["Location"]
    their_officer = client_of(scene.greenlane.officer_person)
    confirmation = {
        "way": "log-in",
        "name": "sian  greenlane METERING",
        "password": PASSWORD,
        "code": Totp(TOTP_SECRET).next_code(timezone.now()),
    }
    assert other.post(page, confirmation).status_code == 403
    wrong = their_officer.post(page, confirmation | {"code": "000000"})
    assert wrong.status_code == 422
    assert their_officer.post(page, confirmation)["Location"] == home

    operator = client_of(scene.operator_person)
    checks = operator.get(home).content.decode()
    assert "What is verified" in checks and ">No<" not in checks
    confirmed = {"version": version(sharing.pk)}
    assert operator.post(home + "activate/", confirmed)["Location"] == home
    Grant.objects.update(active_from=now())

    person, agent = scene.alder.colleague, scene.greenlane.colleague
    give(person, AGENT)
    give(agent, ALDER_GAS)
    give(agent, ALDER_POWER)
    assert AGENT in actor_for(person).user_ids_for(READS)
    assert actor_for(agent).user_ids_for(READS) >= {ALDER_GAS}
    assert ALDER_POWER not in actor_for(agent).user_ids
    assert letters()["sian@alder.example"][-1] == "Sharing is in force"
    assert letters()["sian@greenlane.example"][-1] == "Sharing is in force"


@pytest.mark.req("SSI-NFR-31", "SSI-NFR-32", "SSI-NFR-33")
@pytest.mark.parametrize("by", ["alder", "greenlane"])
def test_rescinding_by_either_side_ends_access_both_ways_at_once(scene: Scene, by: str) -> None:
    sharing_id = in_force(scene)
    person, agent = scene.alder.colleague, scene.greenlane.colleague
    give(person, AGENT)
    give(agent, ALDER_GAS)
    client = client_of(agent)
    assert client.get("/incidents/").status_code == 200
    party = getattr(scene, by)
    own, other = ((ALDER_GAS,), (AGENT,)) if by == "alder" else ((AGENT,), (ALDER_GAS,))

    written = actions.write_rescinding(
        party.admin,
        sharing_id,
        Rescinding(own, other, party.officer.pk),
        version(sharing_id),
        at=now(),
    )
    assert AGENT in actor_for(person).user_ids
    (sign_file if by == "alder" else sign_by_log_in)(party, sharing_id, written)

    assert AGENT not in actor_for(person).user_ids
    assert ALDER_GAS not in actor_for(agent).user_ids
    assert Sharing.objects.get().state == SharingState.RESCINDED
    assert not Grant.objects.filter(rescinded_at=None).exists()
    for address in ("sian@alder.example", "sian@greenlane.example"):
        assert letters()[address][-1] == "Sharing rescinded"
    idle = queries.access_overview(scene.greenlane.admin, at=now()).idle
    assert [(one.username, one.eui) for one in idle] == [("greenlane.colleague", ALDER_GAS)]


@pytest.mark.req("SSI-NFR-33")
def test_rescinding_some_user_ids_leaves_the_others(scene: Scene) -> None:
    sharing_id = in_force(scene, own=(ALDER_GAS, ALDER_POWER))
    give(scene.greenlane.colleague, ALDER_GAS)
    give(scene.greenlane.colleague, ALDER_POWER)
    given = Rescinding((ALDER_GAS,), (AGENT,), scene.alder.officer.pk)
    written = actions.write_rescinding(
        scene.alder.admin, sharing_id, given, version(sharing_id), at=now()
    )
    sign_file(scene.alder, sharing_id, written)

    actor = actor_for(scene.greenlane.colleague)
    assert ALDER_POWER in actor.user_ids and ALDER_GAS not in actor.user_ids
    page = queries.sharing(scene.alder.admin, sharing_id, at=now())
    assert page.state is SharingState.ACTIVE
    assert set(page.pairs_in_force) == {(ALDER_POWER, AGENT), (AGENT, ALDER_POWER)}


@pytest.mark.req("SSI-NFR-30", "SSI-NFR-34")
def test_what_is_not_authentic_changes_nothing_and_is_told(scene: Scene) -> None:
    sharing_id, granting = actions.propose(scene.alder.admin, proposal(scene.alder), at=now())
    text = Notification.objects.get(pk=granting).text.encode()
    for false in (signed(text + b"!"), signed(text, certificate("mallory@alder.example")), b"x"):
        with pytest.raises(Refused):
            actions.hand_in_signature(scene.alder.admin, sharing_id, granting, false, at=now())
    assert Sharing.objects.get().state == SharingState.DRAFT
    assert ActivityEntry.objects.filter(verb="organisations.signature_refused").count() == 3
    Sharing.objects.all().delete()

    sharing_id = in_force(scene)
    given = Rescinding((ALDER_GAS,), (AGENT,), scene.alder.officer.pk)
    written = actions.write_rescinding(
        scene.alder.admin, sharing_id, given, version(sharing_id), at=now()
    )
    old = Notification.objects.filter(kind="GRANT", organisation=scene.alder.organisation).get()
    with pytest.raises(Refused):
        # A signature of another notification, of the very same officer.
        actions.hand_in_signature(
            scene.alder.admin, sharing_id, written, bytes(old.signature), at=now()
        )
    assert Sharing.objects.get().state == SharingState.ACTIVE
    assert letters()["sian@alder.example"][-1] == "Rescinding rejected"


@pytest.mark.req("SSI-NFR-30")
def test_a_rejection_is_told_to_both_officers_with_the_reason(scene: Scene) -> None:
    sharing_id = proposed(scene)
    with pytest.raises(Refused) as refused:
        decide(scene.operator, sharing_id, SharingVerb.REJECT)
    assert set(refused.value.fields) == {"why"}
    decide(scene.operator, sharing_id, SharingVerb.REJECT, "The officer did not confirm it")
    for address in ("sian@alder.example", "sian@greenlane.example"):
        letter = OutgoingMessage.objects.filter(to=address).latest("pk")
        assert letter.subject == "Sharing rejected"
        assert "The officer did not confirm it" in letter.body
    assert not Grant.objects.exists()


@pytest.mark.req("SSI-NFR-28")
def test_activation_asks_that_every_check_holds(scene: Scene) -> None:
    sharing_id = proposed(scene)
    with pytest.raises(Conflict):
        decide(scene.operator, sharing_id, SharingVerb.ACTIVATE)
    answered = actions.answer(
        scene.greenlane.admin,
        sharing_id,
        scene.greenlane.officer.pk,
        version(sharing_id),
        at=now(),
    )
    sign_by_log_in(scene.greenlane, sharing_id, answered)
    yesterday = (now() - timedelta(days=1)).date()
    Officer.objects.filter(pk=scene.greenlane.officer.pk).update(active_until=yesterday)
    with pytest.raises(Conflict) as refused:
        decide(scene.operator, sharing_id, SharingVerb.ACTIVATE)
    assert "the officer of greenlane metering is in office" in str(refused.value)
    Officer.objects.filter(pk=scene.greenlane.officer.pk).update(active_until=None)
    number = grant(ALDER_GAS, AGENT)
    with pytest.raises(Conflict):
        decide(scene.operator, sharing_id, SharingVerb.ACTIVATE)
    Grant.objects.filter(pk=number).update(rescinded_at=now())
    decide(scene.operator, sharing_id, SharingVerb.ACTIVATE)
    assert Grant.objects.filter(rescinded_at=None).count() == 2


@pytest.mark.req("SSI-NFR-32")
def test_only_the_officer_confirms_by_logging_in_and_not_with_a_token(scene: Scene) -> None:
    sharing_id, notification_id = actions.propose(
        scene.alder.admin, proposal(scene.alder), at=now()
    )
    code = Totp(TOTP_SECRET).next_code(now())
    name = scene.alder.officer.name
    with pytest.raises(NotAllowed):
        actions.confirm_signature(
            scene.alder.admin, sharing_id, notification_id, name, PASSWORD, code, "::1", at=now()
        )
    officer = actor_for(scene.alder.officer_person)
    for given in (("Somebody", PASSWORD, code), (name, "wrong", code), (name, PASSWORD, "000000")):
        with pytest.raises(Refused):
            actions.confirm_signature(officer, sharing_id, notification_id, *given, "::1", at=now())
    assert Notification.objects.get().state == "DRAFT"


@pytest.mark.req("SSI-NFR-28")
def test_a_certificate_of_a_trusted_issuer_must_name_the_officer(scene: Scene, settings) -> None:
    Officer.objects.filter(pk=scene.alder.officer.pk).update(certificate="")
    sharing_id, notification_id = actions.propose(
        scene.alder.admin, proposal(scene.alder), at=now()
    )
    with pytest.raises(Refused) as refused:
        sign_file(scene.alder, sharing_id, notification_id)
    assert refused.value.code == "no_certificate_known"
    settings.OFFICER_ISSUERS = (pem(certificate("sian@rival.example")),)
    with pytest.raises(Refused) as refused:
        sign_file(scene.alder, sharing_id, notification_id)
    assert refused.value.code == "issuer_not_trusted"


@pytest.mark.req("SSI-NFR-33")
def test_a_sharing_with_a_last_day_ends_by_itself(scene: Scene) -> None:
    sharing_id = in_force(scene, until=(now() + timedelta(days=1)).date())
    ends = Grant.objects.values_list("expires_at", flat=True)
    assert all(now() < one < now() + timedelta(days=3) for one in ends)
    give(scene.greenlane.colleague, ALDER_GAS)
    assert ALDER_GAS in actor_for(scene.greenlane.colleague).user_ids

    Grant.objects.update(expires_at=now() - timedelta(hours=1))
    Sharing.objects.update(until=(now() - timedelta(days=1)).date())
    assert ALDER_GAS not in actor_for(scene.greenlane.colleague).user_ids
    jobs.expire_sharings()
    jobs.expire_sharings()

    assert Sharing.objects.get(pk=sharing_id).state == SharingState.EXPIRED
    assert letters()["sian@greenlane.example"].count("Sharing has expired") == 1


@pytest.mark.req("SSI-NFR-33", "Operator's onboarding of an organisation")
def test_off_boarding_ends_what_is_shared(scene: Scene) -> None:
    sharing_id = in_force(scene)
    waiting = proposed(scene, own=(ALDER_POWER,))
    alder = scene.alder.organisation
    actions.off_board(scene.operator, alder.pk, "Left", alder.version, at=now())
    assert Sharing.objects.get(pk=sharing_id).state == SharingState.RESCINDED
    assert Sharing.objects.get(pk=waiting).state == SharingState.REJECTED
    assert not Grant.objects.filter(rescinded_at=None).exists()
    assert "Sharing rescinded" in letters()["sian@greenlane.example"]
