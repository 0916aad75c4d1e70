"""What an attacker tries on log-in, sessions and second factors."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from meterdesk.config.checks import every_route
from meterdesk.config.routes import ROUTES
from meterdesk.identity.actions import (
    ServiceAccountDetails,
    check_code,
    check_password,
    open_service_account,
)
from meterdesk.identity.actions.attempts import ADDRESS_FAILURES
from meterdesk.identity.models import LogInSession, Person, SecondFactor
from meterdesk.identity.queries import unseen_recovery_codes
from meterdesk.identity.rules import FAILURES_BEFORE_LOCK, JobTypeRole, Totp
from meterdesk.identity.tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    actor_for,
    bearer,
    log_in,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import TooMany

pytestmark = [pytest.mark.django_db, pytest.mark.req("SEC-1", "FSM-5", "SSI-NFR-10")]
SECURITY_PAGES = [
    path
    for path in ROUTES
    if path.startswith(("profile/security/", "profile/password/", "profile/proof/"))
]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ann() -> Person:
    return make_person(
        "ann", [(make_user_id(), JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)], password=PASSWORD
    )


def code(step: int = 0) -> str:
    return Totp(TOTP_SECRET).code(int(timezone.now().timestamp()) // 30 + step)


def at_once(call: Callable[[], Any], times: int) -> list[Any]:
    """What several workers get that call at the same moment."""
    gate = Barrier(times)

    def one(_: int) -> Any:
        try:
            gate.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_a_code_used_twice_at_once_one_is_accepted(kind) -> None:
    ann = make_person("ann", password=PASSWORD)
    given = code() if kind == "app" else unseen_recovery_codes(actor_for(ann))[0]
    accepted = check_password("ann", PASSWORD, "192.0.2.1", at=timezone.now())
    proofs = at_once(lambda: check_code(accepted, given, "192.0.2.1", at=timezone.now()), 4)
    assert sum(proof is not None for proof in proofs) == 1


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_gain_no_further_tries() -> None:
    make_person("ann", password=PASSWORD)
    at_once(lambda: check_password("ann", "wrong", "192.0.2.1", at=timezone.now()), 8)
    assert Person.objects.get(username="ann").status == Person.Status.LOCKED
    assert check_password("ann", PASSWORD, "192.0.2.2", at=timezone.now()) is None


def test_guessing_at_recovery_codes_locks_the_account(ann) -> None:
    client = Client()
    client.post("/login/", {"username": "ann", "password": PASSWORD})
    right = unseen_recovery_codes(actor_for(ann))
    guesses = [text for text in (f"{number:08}" for number in range(9)) if text not in right]
    for guess in guesses[:FAILURES_BEFORE_LOCK]:
        client.post("/login/code/", {"code": guess})
    ann.refresh_from_db()
    assert ann.status == Person.Status.LOCKED
    client.post("/login/", {"username": "ann", "password": PASSWORD})
    assert client.post("/login/code/", {"code": right[0]}).get("Location") == "/login/"


def test_a_program_is_not_stopped_by_guesses_at_a_password_it_has_not(client, ann) -> None:
    own = ann.role_assignments.get().user_id_id
    details = ServiceAccountDetails(
        "Billing", "Reads the inventory.", frozenset({(own, JobTypeRole.CALL_CENTRE_USER)})
    )
    at = timezone.now()
    account_id = open_service_account(actor_for(ann), "alder.billing", details, at=at)
    program = Person.objects.select_related("organisation").get(pk=account_id)
    token = bearer(program)
    for number in range(FAILURES_BEFORE_LOCK + 1):
        address = f"192.0.2.{number}"
        assert check_password("alder.billing", "guess", address, at=at) is None
    assert client.get("/api/v1/me", **token).status_code == 200


def test_guesses_spread_over_many_addresses_lock_the_account_all_the_same(ann) -> None:
    for number in range(FAILURES_BEFORE_LOCK):
        check_password("ann", "guess", f"2001:db8:{number:x}::1", at=timezone.now())
    ann.refresh_from_db()
    assert ann.status == Person.Status.LOCKED


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8:0:1:{number:x}:a:b:c"]
)
def test_guesses_spread_over_many_accounts_are_slowed_down_by_address(address: str) -> None:
    """Whoever has one address of an IPv6 network of 64 bits has them all."""
    at = timezone.now()
    for number in range(ADDRESS_FAILURES):
        there = address.format(number=number)
        assert check_password(f"nobody.{number}", "Summer2026", there, at=at) is None
    with pytest.raises(TooMany):
        check_password("nobody.else", "Summer2026", address.format(number=0xFFFF), at=at)
    assert check_password("nobody.else", "Summer2026", "2001:db8:0:2::1", at=at) is None


def test_an_unknown_name_costs_the_same_statements_and_the_same_hashing(ann, monkeypatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(
        "django.contrib.auth.hashers.MD5PasswordHasher.encode",
        lambda _self, password, salt: hashed.append(password) or f"md5${salt}$x",
    )
    seen = []
    for username in ("ann", "nobody"):
        hashed.clear()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert check_password(username, "wrong", "192.0.2.1", at=timezone.now()) is None
        shapes = [query["sql"].split(" WHERE ")[0][:60] for query in captured.captured_queries]
        seen.append((len(hashed), [shape for shape in shapes if "SAVEPOINT" not in shape]))
    assert seen[0] == seen[1]


def test_a_log_in_half_way_opens_no_page_of_security(ann) -> None:
    client = Client()
    client.post("/login/", {"username": "ann", "password": PASSWORD})
    factor = SecondFactor.objects.get().pk
    assert set(SECURITY_PAGES) <= set(every_route())
    for route in SECURITY_PAGES:
        path = "/" + route.replace("<int:factor_id>", str(factor)).replace("<int:session_id>", "1")
        for method in (client.get, client.post):
            assert method(path)["Location"].startswith("/login/"), path


def test_every_form_of_security_wants_its_token(ann) -> None:
    strict = Client(enforce_csrf_checks=True)
    log_in(strict, ann)
    for route in [*SECURITY_PAGES, "login/passkey/", "login/code/", "people/security/"]:
        path = "/" + route.replace("<int:factor_id>", "1").replace("<int:session_id>", "1")
        assert strict.post(path, {"name": "x"}).status_code == 403, path
    assert LogInSession.objects.get().ended_at is None


def test_after_logging_out_the_back_button_finds_nothing_kept(client, ann) -> None:
    log_in(client, ann)
    for path in ("/profile/", "/profile/security/", "/profile/security/recovery-codes/"):
        assert client.get(path)["Cache-Control"] == "no-store"
    kept = client.cookies["meterdesk_session"].value
    client.post("/logout/")
    client.cookies["meterdesk_session"] = kept
    assert client.get("/profile/security/").status_code == 302


def test_a_key_of_the_session_known_before_a_passkey_log_in_opens_nothing(client, ann) -> None:
    client.cookies["meterdesk_session"] = "a" * 32
    client.get("/login/passkey/")
    assert client.cookies["meterdesk_session"].value != "a" * 32


def test_a_session_of_the_register_belongs_to_its_person_alone(client, ann) -> None:
    bob = make_person("bob")
    log_in(client, ann)
    theirs = Client()
    log_in(theirs, bob)
    session = client.session
    session["log_in"] = theirs.session["log_in"]
    session.save()
    assert client.get("/profile/").status_code == 302


def test_an_address_that_asks_for_passkeys_again_and_again_is_slowed_down(
    client, monkeypatch
) -> None:
    monkeypatch.setattr("meterdesk.identity.actions.log_in.QUESTIONS_MOST", 3)
    answers = [client.get("/login/passkey/").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
