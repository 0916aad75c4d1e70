"""API tokens: shown once, narrowed, expiring, revocable, never more than their person."""

from datetime import timedelta
from io import StringIO

import pytest
from django.utils import timezone

from meterdesk.cli import main
from meterdesk.identity.models import ApiToken, FunctionalComponent, Person
from meterdesk.identity.rules import COMPONENTS_BY_TASK, DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import (
    bearer,
    log_in,
    make_person,
    make_user_id,
    token_for,
)
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-17")]


@pytest.fixture
def ann() -> Person:
    return make_person("ann", [(make_user_id(), JobTypeRole.SERVICE_MANAGEMENT_USER)])


def with_token(secret: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def test_a_token_is_created_on_screen_shown_once_used_and_revoked(client, ann) -> None:
    log_in(client, ann)
    last_day = (timezone.now() + timedelta(days=30)).date().isoformat()
    answer = client.post(
        "/profile/tokens/", {"name": "Night run", "expires_on": last_day, "scope": "all"}
    )
    secret = answer.content.decode().split('data-copy="')[1].split('"')[0]
    assert secret.startswith("mdk_")
    assert secret not in client.get("/profile/").content.decode()
    assert not ApiToken.objects.filter(digest__contains=secret).exists()
    assert client.get("/api/v1/me", **with_token(secret)).status_code == 200
    token = ApiToken.objects.get()
    assert token.last_used_at is not None

    client.post(f"/profile/tokens/{token.pk}/revoke/")

    assert client.get("/api/v1/me", **with_token(secret)).status_code == 401
    verbs = set(ActivityEntry.objects.values_list("verb", flat=True))
    assert {"identity.create_token", "identity.revoke_token"} <= verbs
    assert not ActivityEntry.objects.filter(detail__icontains=secret).exists()


def test_an_expired_token_opens_nothing(client, ann) -> None:
    secret = token_for(ann)
    ApiToken.objects.update(expires_at=timezone.now())
    assert client.get("/api/v1/me", **with_token(secret)).status_code == 401


@pytest.mark.parametrize("header", ["Bearer mdk_unknown", "Bearer ", "Basic abc", ""])
def test_nonsense_is_answered_with_401(client, header) -> None:
    answer = client.get("/api/v1/me", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_session_is_no_key_to_the_api(client, ann) -> None:
    log_in(client, ann)
    assert client.get("/api/v1/me").status_code == 401


def test_a_narrowed_token_opens_its_components_alone_and_makes_no_tokens(client, ann) -> None:
    narrow = bearer(ann, ["UC_Inventory"])
    components = client.get("/api/v1/me", **narrow).json()["components"]
    assert [one for one, is_open in components.items() if is_open] == ["UC_Inventory"]
    given = {"name": "wider", "expires_at": (timezone.now() + timedelta(hours=1)).isoformat()}
    answer = client.post("/api/v1/tokens", given, "application/json", **narrow)
    assert answer.status_code == 403


def test_a_narrowed_token_of_the_desk_opens_no_desk(client) -> None:
    wren = make_person("wren", desk=[DeskRole.AGENT])
    narrow = client.get("/api/v1/me", **bearer(wren, ["UC_Inventory"])).json()
    whole = client.get("/api/v1/me", **bearer(wren)).json()
    assert whole["desk_permissions"] == ["assign", "network_data", "queue"]
    assert narrow["desk_permissions"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "expires_at"),
        ({"components": ["UC_OrgManager"]}, "components"),
        ({"components": []}, "components"),
        ({"name": "   "}, "name"),
    ],
)
def test_what_a_token_may_not_be(client, ann, change, field) -> None:
    given = {
        "name": "Night run",
        "expires_at": (timezone.now() + timedelta(hours=1)).isoformat(),
        **change,
    }
    answer = client.post("/api/v1/tokens", given, "application/json", **bearer(ann))
    assert answer.status_code == 422
    assert field in answer.json()["errors"]


def test_tokens_by_api_are_created_listed_and_revoked_and_never_outlive_their_maker(
    client, ann
) -> None:
    maker = bearer(ann)
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    later = (timezone.now() + timedelta(days=7)).isoformat()

    def create(expires_at: str):
        given = {"name": "Night run", "expires_at": expires_at}
        return client.post("/api/v1/tokens", given, "application/json", **maker)

    assert create(later).status_code == 422
    created = create(soon)
    assert created.status_code == 201
    names = [one["name"] for one in client.get("/api/v1/tokens", **maker).json()["items"]]
    assert names == ["Night run", "Test"]
    path = f"/api/v1/tokens/{created.json()['id']}"
    assert client.delete(path, **maker).status_code == 204
    assert client.get("/api/v1/me", **with_token(created.json()["secret"])).status_code == 401


def test_another_persons_token_does_not_exist(client, ann) -> None:
    token_for(ann)
    theirs = ApiToken.objects.get()
    bob = make_person("bob", [(make_user_id(), JobTypeRole.MI_USER)])
    assert client.delete(f"/api/v1/tokens/{theirs.pk}", **bearer(bob)).status_code == 404
    log_in(client, bob)
    assert client.post(f"/profile/tokens/{theirs.pk}/revoke/").status_code == 404


def test_the_shell_prints_a_token_and_nothing_else(client, ann, monkeypatch) -> None:
    out = StringIO()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("meterdesk.cli.ensure_database", lambda _: None)
    assert main(["token", "ANN"]) == 0
    secret = out.getvalue().strip()
    assert len(secret.split()) == 1
    assert client.get("/api/v1/me", **with_token(secret)).json()["username"] == "ann"


def test_the_shell_refuses_names_it_does_not_know(monkeypatch, capsys) -> None:
    monkeypatch.setattr("meterdesk.cli.ensure_database", lambda _: None)
    assert main(["token", "nobody"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no account" in captured.err


@pytest.mark.req("FSM-17")
def test_a_limited_token_revokes_itself_alone(client, ann) -> None:
    limited, whole = bearer(ann, ["UC_Inventory"]), bearer(ann)
    own, other = ApiToken.objects.filter(person=ann).order_by("pk")

    assert client.delete(f"/api/v1/tokens/{other.pk}", **limited).status_code == 403
    assert client.get("/api/v1/me", **whole).status_code == 200
    assert client.delete(f"/api/v1/tokens/{own.pk}", **limited).status_code == 204
    assert client.get("/api/v1/me", **limited).status_code == 401


def test_every_function_stands_once_under_what_people_do_with_it() -> None:
    grouped = [one for _task, them in COMPONENTS_BY_TASK for one in them]
    assert sorted(grouped) == sorted(FunctionalComponent.objects.values_list("pk", flat=True))


def test_functions_are_chosen_by_task_and_a_mistake_keeps_what_was_chosen(client, ann) -> None:
    log_in(client, ann)
    sent = {"name": "", "expires_on": "2020-01-01", "scope": "some", "components": ["UC_Inventory"]}
    page = client.post("/profile/tokens/", sent)
    assert page.status_code == 422
    first, *_others = page.context["form"].fields["components"].choices
    assert first[0] == "Look up"
    html = page.content.decode()
    assert 'role="group" aria-labelledby="id_components_0"' in html
    assert 'value="UC_Inventory" id="id_components_0_0" checked' in html
