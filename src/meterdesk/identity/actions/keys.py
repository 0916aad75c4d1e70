"""Security keys and passkeys by WebAuthn: asked, registered, checked (FSM-5).

The standard's checks (type, origin, challenge, relying party, presence, verification, signature)
are fido2's; ours are whose key it is, the counter of signatures, and the organisation's policy.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from meterdesk.identity.actions.factors import check_addition, note_addition
from meterdesk.identity.models import Person, SecondFactor
from meterdesk.identity.queries.factors import accepted_kinds
from meterdesk.identity.rules import Actor, FactorKind, Proof
from meterdesk.kernel.errors import Refused
from meterdesk.platform import activity

ANSWER_LONGEST = 20_000
_REQUIRED = UserVerificationRequirement.REQUIRED
_DISCOURAGED = UserVerificationRequirement.DISCOURAGED
_KINDS = (FactorKind.KEY, FactorKind.PASSKEY)


class _NotIt(Exception):
    """The answer does not prove what was asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser is asked, and what must be kept to check its answer, once.

    Attributes:
        options: for the browser's credentials API, as JSON.
        ceremony: JSON for the session: challenge and what was demanded.
    """

    options: str
    ceremony: dict[str, Any]


def ask_for_new_key(actor: Actor, kind: FactorKind) -> Question:
    """Ask for a new key. A passkey must stay on its device and verify its holder."""
    passkey = kind is FactorKind.PASSKEY
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(
            id=_handle(actor.person_id), name=actor.username, display_name=actor.display_name
        ),
        credentials=_credentials(actor.person_id),
        resident_key_requirement=(
            ResidentKeyRequirement.REQUIRED if passkey else ResidentKeyRequirement.DISCOURAGED
        ),
        user_verification=_REQUIRED if passkey else _DISCOURAGED,
    )
    return Question(json.dumps(dict(options)), {**state, "kind": kind.value})


def ask_for_key(person_id: int) -> Question | None:
    """Ask for one of a person's keys, after the password; None when no key is accepted."""
    credentials = _credentials(person_id, accepted_kinds(person_id))
    if not credentials:
        return None
    options, state = _server().authenticate_begin(credentials, user_verification=_DISCOURAGED)
    return Question(json.dumps(dict(options)), state)


def ask_for_passkey() -> Question:
    """Ask for whichever passkey the browser knows, its holder verified."""
    options, state = _server().authenticate_begin(user_verification=_REQUIRED)
    return Question(json.dumps(dict(options)), state)


@transaction.atomic
def add_key(actor: Actor, name: str, ceremony: Any, answer: str, *, at: datetime) -> None:
    """Register the key that answered.

    Raises Refused when the answer is not good, or the key, the kind or the name cannot be added.
    """
    if ceremony is None:
        raise Refused("This answer came too late, or twice. Nothing was added; try again.")
    kind = FactorKind(ceremony["kind"])
    person = check_addition(actor, kind, name)
    try:
        credential, counter = _registered(ceremony, answer)
    except _NotIt as error:
        message = "The browser's answer could not be checked. Nothing was added; try again."
        raise Refused(message) from error
    if SecondFactor.objects.filter(credential_id=credential.credential_id).exists():
        raise Refused("This key is registered already. Use another one.")
    SecondFactor.objects.create(
        person=person,
        kind=kind,
        name=name.strip(),
        credential_id=credential.credential_id,
        credential=bytes(credential),
        counter=counter,
        created_at=at,
    )
    note_addition(actor, person, kind, name, at)


def accept_key(
    person_id: int, ceremony: Any, answer: str, *, at: datetime, alone: bool = False
) -> Proof | None:
    """What the answer proves, if it is one of the person's keys that signed it just now.

    Call inside the log-in's transaction. A key whose counter does not rise may have been copied:
    it is refused, and the activity log says so.

    Args:
        alone: it stands for the password too: a passkey that verified its holder.
    """
    kinds = accepted_kinds(person_id) & {FactorKind.PASSKEY} if alone else accepted_kinds(person_id)
    try:
        given = _answer(answer)
        key = _key_of(person_id, given, kinds)
        _checked(ceremony, key, given)
        if alone:
            _check_holder(person_id, given)
    except _NotIt:
        return None
    counter = given.response.authenticator_data.counter
    if (counter or key.counter) and counter <= key.counter:
        activity.record(
            actor=None,
            verb="identity.key_counter_fell",
            subject=key.person.username,
            at=at,
            organisation_id=key.person.organisation_id,
            detail={"name": key.name, "was": key.counter, "is": counter},
        )
        return None
    key.counter, key.last_used_at = counter, at
    key.save(update_fields=["counter", "last_used_at"])
    return Proof.PASSKEY if alone else Proof.KEY


def person_of_key(answer: str) -> Person | None:
    """Whose key names itself in this answer, before anything of it is checked."""
    try:
        given = _answer(answer)
    except _NotIt:
        return None
    key = SecondFactor.objects.filter(credential_id=given.raw_id).select_related("person").first()
    return key.person if key else None


def _key_of(
    person_id: int, given: AuthenticationResponse, kinds: frozenset[FactorKind]
) -> SecondFactor:
    key = (
        SecondFactor.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(person_id=person_id, credential_id=given.raw_id, kind__in=kinds)
        .first()
    )
    if key is None:
        raise _NotIt
    return key


def _check_holder(person_id: int, given: AuthenticationResponse) -> None:
    """The passkey itself must name the person it was made for."""
    if given.response.user_handle != _handle(person_id):
        raise _NotIt


def _answer(answer: str) -> Any:
    if len(answer) > ANSWER_LONGEST:
        raise _NotIt
    try:
        given = AuthenticationResponse.from_dict(json.loads(answer))
    except Exception as error:  # the answer is a stranger's: whatever is wrong with it, it is wrong
        raise _NotIt from error
    if given is None:
        raise _NotIt
    return given


def _checked(ceremony: Any, key: SecondFactor, given: Any) -> None:
    credential = AttestedCredentialData(bytes(key.credential or b""))
    try:
        _server().authenticate_complete(ceremony, [credential], given)
    except Exception as error:  # as above: fido2 says no in many ways
        raise _NotIt from error


def _registered(ceremony: Any, answer: str) -> tuple[AttestedCredentialData, int]:
    if len(answer) > ANSWER_LONGEST:
        raise _NotIt
    try:
        data = _server().register_complete(ceremony, json.loads(answer))
    except Exception as error:  # as above
        raise _NotIt from error
    if data.credential_data is None:
        raise _NotIt
    return data.credential_data, data.counter


def _credentials(
    person_id: int, kinds: frozenset[FactorKind] = frozenset(_KINDS)
) -> list[AttestedCredentialData]:
    keys = SecondFactor.objects.filter(
        person_id=person_id, kind__in=kinds & frozenset(_KINDS)
    ).order_by("pk")
    return [AttestedCredentialData(bytes(key.credential or b"")) for key in keys]


def _handle(person_id: int) -> bytes:
    """The person's name to a passkey: a number that says nothing outside Meterdesk."""
    return person_id.to_bytes(8, "big")


def _server() -> Fido2Server:
    """The relying party: the configured public address, whatever the request says its host is."""
    address = urlsplit(settings.PUBLIC_URL)
    origin = f"{address.scheme}://{address.netloc}"
    party = PublicKeyCredentialRpEntity(id=address.hostname, name="Meterdesk")
    return Fido2Server(
        party,
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda given: given == origin,
    )
