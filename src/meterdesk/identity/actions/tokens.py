"""API tokens of one's own: created, noted as used, revoked (FSM-17)."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from meterdesk.identity.models import ApiToken, Person
from meterdesk.identity.rules import TOKEN_LONGEST, TOKEN_NAME_LONGEST, TOKEN_PREFIX, Actor
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused
from meterdesk.platform import activity

TOKEN_USE_RESOLUTION = timedelta(minutes=1)


@transaction.atomic
def create_token(
    actor: Actor,
    name: str,
    expires_at: datetime,
    components: Iterable[str] | None = None,
    *,
    at: datetime,
) -> tuple[int, str]:
    """Create a token of the actor's own; returns its id and the secret, which is kept nowhere.

    Args:
        expires_at: at most a year away.
        components: functional components the token is limited to, all of them the actor's own;
            None for whatever the person may use at the time of each call.

    Raises:
        NotAllowed: asked with a token that is limited to some components.
        Refused: name missing, expiry out of range, or a component that the actor may not use.
    """
    chosen = None if components is None else sorted(set(components))
    fields = _mistakes(actor, name, expires_at, chosen, at)
    if actor.is_narrowed:
        raise NotAllowed("A token that is limited to some functions cannot create tokens.")
    if fields:
        raise Refused("The token was not created. Mend what is marked.", fields=fields)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = _store(actor.person_id, name.strip(), secret, expires_at, chosen, at)
    activity.record(
        actor=actor,
        verb="identity.create_token",
        subject=str(token),
        at=at,
        detail={"token": token.pk, "components": chosen, "expires_at": expires_at.isoformat()},
    )
    return token.pk, secret


def _mistakes(
    actor: Actor, name: str, expires_at: datetime, components: list[str] | None, at: datetime
) -> dict[str, str]:
    fields: dict[str, str] = {}
    if not name.strip():
        fields["name"] = "Enter a name that tells you what the token is for."
    elif len(name.strip()) > TOKEN_NAME_LONGEST:
        fields["name"] = f"Enter a name of at most {TOKEN_NAME_LONGEST} characters."
    if not at < expires_at <= at + TOKEN_LONGEST:
        fields["expires_at"] = "Choose a time in the future, at most one year away."
    elif actor.token_id is not None and _outlives(expires_at, actor.token_id):
        fields["expires_at"] = "A token cannot create one that outlives it."
    if components is not None and (
        not components or any(not actor.may_use(component) for component in components)
    ):
        fields["components"] = "Choose at least one function, of those you may use yourself."
    return fields


def _outlives(expires_at: datetime, token_id: int) -> bool:
    return ApiToken.objects.filter(pk=token_id, expires_at__lt=expires_at).exists()


def _store(
    person_id: int,
    name: str,
    secret: str,
    expires_at: datetime,
    components: list[str] | None,
    at: datetime,
) -> ApiToken:
    return ApiToken.objects.create(
        person_id=person_id,
        name=name,
        last_characters=secret[-4:],
        digest=sha256(secret.encode()).hexdigest(),
        components=components,
        created_at=at,
        expires_at=expires_at,
    )


@transaction.atomic
def issue_token(username: str, name: str, *, lifetime: timedelta, at: datetime) -> str:
    """Create a token for a person from the operator's shell; returns the secret.

    Raises NotVisible for an unknown username, Refused when the account is locked or its first
    log-in is not finished: such a token would open nothing.
    """
    person = Person.objects.filter(username__iexact=username).first()
    if person is None:
        raise NotVisible(f"There is no account with the username {username}.")
    if not person.is_active or person.must_set_password or not person.details_confirmed_at:
        raise Refused(
            f"The account {person.username} is locked, deleted, or its first log-in is not "
            "finished. Mend that first."
        )
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = _store(person.pk, name, secret, at + lifetime, None, at)
    activity.record(
        actor=None,
        verb="identity.issue_token",
        subject=str(token),
        at=at,
        organisation_id=person.organisation_id,
        detail={"token": token.pk, "username": person.username},
    )
    return secret


@transaction.atomic
def revoke_token(actor: Actor, token_id: int, *, at: datetime) -> None:
    """Revoke one of the actor's own tokens, at once.

    Raises NotVisible for anybody else's, NotAllowed when asked with a token that is limited to
    some components and is not the one to be revoked.
    """
    token = (
        ApiToken.objects.select_for_update().filter(pk=token_id, person_id=actor.person_id).first()
    )
    if token is None:
        raise NotVisible("You have no such token.")
    if actor.is_narrowed and actor.token_id != token.pk:
        raise NotAllowed("A token that is limited to some functions can revoke itself alone.")
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        activity.record(
            actor=actor,
            verb="identity.revoke_token",
            subject=str(token),
            at=at,
            detail={"token": token.pk},
        )


def note_token_use(token: ApiToken, *, at: datetime) -> None:
    """Keep when a token was last used, to the minute, so that calls do not queue on its row."""
    if token.last_used_at is None or at - token.last_used_at >= TOKEN_USE_RESOLUTION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
