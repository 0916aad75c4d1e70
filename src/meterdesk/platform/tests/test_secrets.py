"""Secrets at rest: under which key they stand, and how a key is retired."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.utils import timezone

from meterdesk.cli import main
from meterdesk.identity.models import SecondFactor
from meterdesk.identity.queries import current_code, unseen_recovery_codes
from meterdesk.identity.tests.factories import actor_for, make_person
from meterdesk.notifications.actions import SECRET, send_email
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform import secrets
from meterdesk.platform.models import IdempotencyKey

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.req("SEC-1", "FSM-5"),
]
NEW = Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def at_hand(monkeypatch: Any) -> None:
    monkeypatch.setattr("meterdesk.cli.ensure_database", lambda _: None)


def test_a_secret_is_not_what_is_stored_and_no_other_key_opens_it(settings: Any) -> None:
    stored = secrets.encrypt("JBSWY3DP")
    assert "JBSWY3DP" not in stored
    assert secrets.decrypt(stored) == "JBSWY3DP"
    settings.METERDESK_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(InvalidToken):
        secrets.decrypt(stored)


def test_rotated_every_secret_opens_with_the_new_key_alone(settings: Any, capsys: Any) -> None:
    at = timezone.now()
    people = [make_person() for _ in range(3)]
    codes = [unseen_recovery_codes(actor_for(one)) for one in people]
    shown = [current_code(one.pk, at) for one in people]
    send_email(to="a@example.org", subject="s", body=SECRET, about="x", at=at, secret="hush")
    IdempotencyKey.objects.create(
        person_id=1, key="k", fingerprint="f", body=secrets.encrypt_bytes(b"answer"), at=at
    )
    old = settings.METERDESK_ENCRYPTION_KEYS
    settings.METERDESK_ENCRYPTION_KEYS = [NEW, *old]

    assert main(["rotate-keys"]) == 0
    assert "Authenticator apps: 3 read, 3 encrypted anew" in capsys.readouterr().out
    assert main(["rotate-keys"]) == 0
    assert "Authenticator apps: 3 read, 0 encrypted anew" in capsys.readouterr().out

    settings.METERDESK_ENCRYPTION_KEYS = [NEW]
    assert [unseen_recovery_codes(actor_for(one)) for one in people] == codes
    assert [current_code(one.pk, at) for one in people] == shown
    assert secrets.decrypt(OutgoingMessage.objects.get().sealed) == "hush"
    assert secrets.decrypt_bytes(bytes(IdempotencyKey.objects.get().body)) == b"answer"


def test_a_run_that_was_stopped_goes_on_where_it_ended(settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(secrets, "BATCH", 1)
    for _ in range(3):
        make_person()
    settings.METERDESK_ENCRYPTION_KEYS = [NEW, *settings.METERDESK_ENCRYPTION_KEYS]
    rotation = secrets.rotations()["Authenticator apps"]
    next(rotation())

    def under_new() -> int:
        kept = SecondFactor.objects.values_list("secret", flat=True)
        return sum(secrets.renewed(one.encode()) is None for one in kept)

    assert under_new() == 1
    assert [batch.changed for batch in rotation()] == [0, 1, 1]
    assert under_new() == 3


def test_a_key_taken_away_too_early_is_named_in_one_sentence(settings: Any, capsys: Any) -> None:
    make_person()
    settings.METERDESK_ENCRYPTION_KEYS = [NEW]
    assert main(["rotate-keys"]) == 1
    assert "a key that METERDESK_ENCRYPTION_KEY does not name" in capsys.readouterr().err


def test_the_code_of_a_reset_is_printed_and_nothing_else(capsys: Any) -> None:
    person = make_person("zeb")
    assert main(["reset-factors", "ZEB", "--reason", "Nobody else is left"]) == 0
    assert len(capsys.readouterr().out.strip()) == 11
    assert not SecondFactor.objects.filter(person=person).exists()
    reset = person.factor_resets.get()
    assert reset.code_expires_at - reset.requested_at == timedelta(hours=72)
