"""Every change that is made to an account stands in the activity log: what was, what became."""

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from meterdesk.identity import actions
from meterdesk.identity.models import FactorReset, LogInSession, Person, SecondFactor
from meterdesk.identity.rules import DeskRole, FactorKind, JobTypeRole, Totp
from meterdesk.identity.rules.accounts import Credential
from meterdesk.identity.tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    actor_for,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.notifications.actions import deliver
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-10", "SEC-1")]
ADMINISTRATOR, CALLS = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR, JobTypeRole.CALL_CENTRE_USER
ACTIONS = Path(actions.__file__).parent
ELSEWHERE = {"networks", "service_accounts", "suspension", "token_use", "tokens"}
"""Modules whose verbs their own tests walk: programs, networks, organisations."""
OF_OTHERS = {"add_organisation", "add_user_id", "add_grant", "rescind_grant"}
CHANGES_NOTHING = {"log_in", "log_out", "log_in_failed", "key_counter_fell"}
NEW_PASSWORD = "nineteen quiet herons"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def verbs_in_source() -> set[str]:
    """Every verb that an action here records."""
    found = set()
    for path in ACTIONS.glob("*.py"):
        if path.stem in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"^identity\.([a-z_]+)$", node.value))
    jobs = {"go_on_with_import"}
    steps = {f"{verb}_factor_reset" for verb in ("approve", "refuse", "withdraw")} - {
        "approve_factor_reset"  # recorded as reset_factors
    }
    return (found | steps) - jobs - OF_OTHERS - CHANGES_NOTHING


def emailed_secret(subject: str) -> str:
    """The secret of the link that was sent last under this subject."""
    deliver(OutgoingMessage.objects.filter(subject__contains=subject).latest("pk").pk)
    return re.search(r"/links/([\w-]+)/", mail.outbox[-1].body)[1]


def accounts(at: Any) -> Person:
    """What administrators do to an account, from its opening to its end."""
    alder = make_organisation("Alder Energy")
    user_id = make_user_id(organisation=alder)
    petra = make_person("petra", [(user_id, ADMINISTRATOR)], password=PASSWORD)
    make_person("owen", [(user_id, ADMINISTRATOR)])
    amy = actor_for(petra)
    details = actions.AccountDetails(
        "Nia", "Howell", "nia@alder.example", roles=frozenset({(user_id, CALLS)})
    )
    created = actions.create_account(amy, "nia", details, Credential.LINK, at=at)
    nia = Person.objects.get(pk=created.person_id)
    actions.set_password_by_link(emailed_secret("Set your"), PASSWORD, "192.0.2.1", at=at)
    nia.refresh_from_db()
    moved = replace(details, department="Care", roles=frozenset())
    actions.edit_account(amy, nia.pk, moved, nia.version, at=at)
    for _ in range(5):
        actions.check_password("nia", "wrong", "192.0.2.1", at=at)
    actions.unlock_person(amy, nia.pk, None, at=at)
    actions.reset_account(amy, nia.pk, Credential.PASSWORD, None, at=at)
    actions.limit_sessions(amy, nia.pk, 2, Person.objects.get(pk=nia.pk).version, at=at)
    review = actions.start_review(amy, at=at)
    actions.confirm_accounts(amy, review, [nia.pk], at=at)
    actions.delete_account(amy, nia.pk, None, at=at)
    actions.set_account_rules(amy, ["alder.example"], 60, 3, 0, at=at)
    actions.set_security_policy(amy, list(FactorKind), 7, 3, 0, at=at)
    text = b"username,first_name,last_name,email\nfay,F,Y,fay@alder.example\n"
    actions.apply_import(amy, actions.check_import(amy, "new.csv", text, at=at), at=at)
    return petra


def lost_factors(at: Any) -> None:
    """Resets by one, by two, refused and withdrawn."""
    amy, owen = (actor_for(Person.objects.get(username=name)) for name in ("petra", "owen"))
    fay = Person.objects.get(username="fay")
    actions.enrol_authenticator(fay.pk, TOTP_SECRET, at=at)
    actions.request_reset(amy, fay.pk, "Lost", at=at)
    ola = make_person("ola", [(make_user_id(organisation=fay.organisation), ADMINISTRATOR)])
    for decider, verb in ((owen, "refuse"), (amy, "withdraw"), (owen, "approve")):
        actions.request_reset(amy, ola.pk, "Lost", at=at)
        actions.decide_reset(decider, FactorReset.objects.latest("pk").pk, verb, at=at)


def first_administrator(at: Any) -> None:
    """The operator's part."""
    zeb = actor_for(make_person("zeb", desk=[DeskRole.ADMINISTRATOR]))
    birch = make_organisation("Birch Power")
    make_user_id(organisation=birch)
    new = actions.FirstAdministrator("bea", "Bea", "Birch", "bea@birch.example")
    actions.add_first_administrator(zeb, birch.pk, new, at)
    actions.renew_first_administrator_link(zeb, birch.pk, at)


def own_account(petra: Person, at: Any) -> None:
    """What people do to their own."""
    client, other = Client(), Client()
    log_in(client, petra)
    log_in(other, petra)
    LogInSession.objects.filter(pk=other.session["log_in"]).update(active_at=at)
    client.post("/profile/security/sessions/end-others/")
    client.post("/profile/password/", {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    me = actor_for(Person.objects.get(pk=petra.pk))
    secret = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
    code = Totp(secret).code(int(at.timestamp()) // 30)
    actions.add_app(me, "Tablet", secret, code, at=at)
    tablet = SecondFactor.objects.get(name="Tablet")
    actions.rename_factor(me, tablet.pk, 1, "Slate", at=at)
    actions.remove_factor(me, tablet.pk, 2, at=at)
    actions.renew_recovery_codes(me, at=at)
    actions.add_bookmark(me, "Home", "/welcome/", at=at)
    actions.remove_bookmark(me, petra.bookmarks.get().pk, at=at)
    given = ("Petra", "Jones", "petra@alder.example", "020 7946 0001")
    actions.change_own_details(me, *given, at=at)
    actions.confirm_email_by_link(emailed_secret("Confirm your"), "192.0.2.1", at=at)
    actions.confirm_details(me, *given, at=at)


def test_each_change_says_what_was_and_what_became_and_no_secret() -> None:
    at = timezone.now()
    petra = accounts(at)
    lost_factors(at)
    first_administrator(at)
    own_account(petra, at)
    entries = ActivityEntry.objects.filter(verb__startswith="identity.")
    made = {one.verb.partition(".")[2]: one for one in entries}

    silent = verbs_in_source() - set(made) - {"add_factor"}  # a key's: in test_keys
    assert silent == set(), "walk these too"
    wordless = [
        one.verb
        for one in entries
        if one.verb.partition(".")[2] not in CHANGES_NOTHING | OF_OTHERS
        and (
            not {"before", "after"} <= set(one.detail)
            or one.detail["before"] == one.detail["after"]
        )
    ]
    assert wordless == []
    everything = str(list(entries.values_list("detail", flat=True)))
    for secret in (PASSWORD, NEW_PASSWORD, TOTP_SECRET, "KRSXG5CT"):
        assert secret not in everything
    assert made["change_details"].detail["before"]["last_name"] == "Tester"
    assert made["delete_account"].detail["before"]["status"] == "ACTIVE"
    assert made["reset"].detail["after"] == {"status": "ACTIVE", "password": "for one use"}
