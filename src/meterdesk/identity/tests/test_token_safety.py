"""Tokens that are stolen, guessed, rotated, about to end, or another's to administer (FSM-17)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import (
    create_token,
    prove_with_token,
    remind_of_expiring_tokens,
    revoke_token,
    revoke_tokens_of,
    rotate_token,
)
from meterdesk.identity.models import ApiToken, Person, RoleAssignment
from meterdesk.identity.queries import has_fresh_proof
from meterdesk.identity.rules import Actor, DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import (
    PASSWORD,
    actor_for,
    bearer,
    make_organisation,
    make_person,
    make_user_id,
    token_for,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-17", "SEC-1")]

HOME, AWAY = "203.0.113.9", "198.51.100.9"


@pytest.fixture
def ann() -> Person:
    user_id = make_user_id(organisation=make_organisation("Alder Energy"))
    return make_person("ann", [(user_id, JobTypeRole.SERVICE_MANAGEMENT_USER)])


def with_token(secret: str, address: str = HOME) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}", "REMOTE_ADDR": address}


def bound_token(person: Person, *networks: str) -> str:
    at = timezone.now()
    ends = at + timedelta(days=40)
    return create_token(actor_for(person), "Night run", ends, networks=networks, at=at)[1]


def actor_by(secret: str, client: Client) -> Actor:
    request = client.get("/api/v1/me", **with_token(secret)).wsgi_request
    return request.actor


def test_a_stolen_token_opens_nothing_from_another_network_and_its_owner_is_told_once(
    client, ann
) -> None:
    secret = bound_token(ann, "203.0.113.0/24", "2001:db8::/48")
    assert client.get("/api/v1/me", **with_token(secret)).status_code == 200
    assert client.get("/api/v1/me", **with_token(secret, "2001:db8::5")).status_code == 200
    OutgoingMessage.objects.all().delete()

    for address in (AWAY, AWAY, "192.0.2.1", "nonsense"):
        answer = client.get("/api/v1/me", **with_token(secret, address))
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_network")

    message = OutgoingMessage.objects.get()
    assert (message.to, AWAY in message.body) == (ann.email, True)
    refused = ActivityEntry.objects.filter(verb="identity.token_refused")
    assert [one.detail["address"] for one in refused.order_by("pk")] == [
        AWAY,
        "192.0.2.1",
        "nonsense",
    ]
    assert not refused.filter(detail__icontains=secret).exists()
    assert ApiToken.objects.get().last_used_address in {HOME, "2001:db8::5"}


def test_guessing_tokens_is_slow_and_shuts_nobody_else_out(client, ann, settings) -> None:
    settings.METERDESK_API_RATE_UNKNOWN = 3
    known, unseen = token_for(ann), token_for(ann)
    assert client.get("/api/v1/me", **with_token(known)).status_code == 200
    statuses = [
        client.get("/api/v1/me", **with_token(f"mdk_guess{number}")).status_code
        for number in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]
    assert client.get("/api/v1/me", **with_token(unseen)).status_code == 429
    assert client.get("/api/v1/me", **with_token(known)).status_code == 200
    assert client.get("/api/v1/me", **with_token(unseen, AWAY)).status_code == 200


def test_a_rotated_token_has_two_secrets_for_the_overlap_and_then_one(client, ann) -> None:
    first, at = token_for(ann), timezone.now()
    token = ApiToken.objects.get()
    second = rotate_token(actor_for(ann), token.pk, timedelta(hours=2), at=at)
    for secret in (first, second):
        assert client.get("/api/v1/me", **with_token(secret)).status_code == 200
    with pytest.raises(NotAllowed, match="replaced"):
        rotate_token(actor_by(first, client), token.pk, timedelta(0), at=at)
    with pytest.raises(NotAllowed, match="replaced"):
        create_token(actor_by(first, client), "Mine now", at + timedelta(days=9), at=at)
    with pytest.raises(NotAllowed, match="replaced"):
        prove_with_token(actor_by(first, client), PASSWORD, "123456", "192.0.2.1", at=at)
    ApiToken.objects.update(proved_at=at)
    proved = [has_fresh_proof(actor_by(one, client), at=at) for one in (first, second)]
    assert proved == [False, True]
    ApiToken.objects.update(previous_ends_at=timezone.now())
    assert client.get("/api/v1/me", **with_token(first)).status_code == 401
    assert client.get("/api/v1/me", **with_token(second)).status_code == 200

    third = rotate_token(actor_for(ann), token.pk, timedelta(0), at=timezone.now())
    assert client.get("/api/v1/me", **with_token(second)).status_code == 401
    revoke_token(actor_for(ann), token.pk, at=timezone.now())
    assert client.get("/api/v1/me", **with_token(third)).status_code == 401
    with pytest.raises(Conflict):
        rotate_token(actor_for(ann), token.pk, timedelta(0), at=timezone.now())


def test_an_overlap_is_a_week_at_most(ann) -> None:
    token_for(ann)
    for overlap in (timedelta(days=8), timedelta(seconds=-1)):
        with pytest.raises(Refused) as refused:
            rotate_token(actor_for(ann), ApiToken.objects.get().pk, overlap, at=timezone.now())
        assert "overlap_hours" in refused.value.fields


def test_what_is_narrowed_cannot_widen(client, ann) -> None:
    at = timezone.now()
    bound = actor_by(bound_token(ann, "203.0.113.0/24"), client)
    soon = at + timedelta(hours=1)
    for networks in ((), ("198.51.100.0/24",), ("203.0.112.0/20",), ("203.0.113.0/24", AWAY)):
        with pytest.raises(Refused) as refused:
            create_token(bound, "Wider", soon, networks=networks, at=at)
        assert "networks" in refused.value.fields
    create_token(bound, "Narrower", soon, networks=[HOME], at=at)

    token_for(ann)
    unbound = ApiToken.objects.get(networks=[])
    with pytest.raises(NotAllowed):
        rotate_token(bound, unbound.pk, timedelta(0), at=at)
    token_for(ann, ["UC_Inventory"])
    narrowed = ApiToken.objects.get(components=["UC_Inventory"])
    limited = actor_by(bearer(ann, ["UC_Inventory"])["HTTP_AUTHORIZATION"][7:], client)
    with pytest.raises(NotAllowed):
        rotate_token(limited, narrowed.pk, timedelta(0), at=at)
    with pytest.raises(Refused):
        rotate_token(
            limited, limited.token_id or 0, timedelta(0), at=at, expires_at=at + timedelta(days=9)
        )


def test_administrators_revoke_the_tokens_of_their_own_people_alone(ann) -> None:
    secret_of = token_for(ann)
    assert secret_of
    token = ApiToken.objects.get()
    own = RoleAssignment.objects.get(person=ann).user_id_id
    admin = make_person("admin", [(own, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    rival = make_person("rival", [(make_user_id(), JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    colleague = make_person("colleague", [(own, JobTypeRole.ALL_ACCESS)])
    for person in (rival, colleague):
        with pytest.raises(NotVisible):
            revoke_token(actor_for(person), token.pk, at=timezone.now())
    with pytest.raises(NotVisible):
        rotate_token(actor_for(admin), token.pk, timedelta(0), at=timezone.now())
    OutgoingMessage.objects.all().delete()
    revoke_token(actor_for(admin), token.pk, at=timezone.now())
    assert OutgoingMessage.objects.get().to == ann.email
    token.refresh_from_db()
    assert token.revoked_at


def test_the_operator_can_revoke_any_token(ann) -> None:
    token_for(ann)
    olive = make_person("olive", desk=[DeskRole.ADMINISTRATOR])
    revoke_token(actor_for(olive), ApiToken.objects.get().pk, at=timezone.now())
    assert ApiToken.objects.get().revoked_at


def test_every_token_of_an_account_goes_with_it(client, ann) -> None:
    secrets = [token_for(ann), token_for(ann)]
    assert revoke_tokens_of(ann.pk, at=timezone.now()) == 2
    assert revoke_tokens_of(ann.pk, at=timezone.now()) == 0
    for secret in secrets:
        assert client.get("/api/v1/me", **with_token(secret)).status_code == 401


def test_a_token_is_announced_before_it_ends_once_a_threshold(ann) -> None:
    bound_token(ann)
    now = timezone.now()
    ApiToken.objects.update(created_at=now - timedelta(days=60))
    OutgoingMessage.objects.all().delete()

    def told(days: int) -> int:
        ApiToken.objects.update(expires_at=now + timedelta(days=days))
        return remind_of_expiring_tokens(at=now)

    assert [told(days) for days in (31, 30, 20, 7, 6, 1, 0)] == [0, 1, 0, 1, 0, 1, 0]
    ApiToken.objects.update(created_at=now - timedelta(days=2), reminded_days=None)
    assert [told(days) for days in (5, 1)] == [0, 1]
    assert OutgoingMessage.objects.filter(to=ann.email).count() == 4


def test_a_role_taken_away_is_gone_with_the_next_call_of_a_token(client, ann) -> None:
    secret = token_for(ann, ["UC_ViewSMI"])
    assert client.get("/api/v1/incidents", **with_token(secret)).status_code == 200
    RoleAssignment.objects.filter(person=ann).delete()
    assert client.get("/api/v1/incidents", **with_token(secret)).status_code == 403
