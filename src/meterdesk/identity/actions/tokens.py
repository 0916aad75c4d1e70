"""API tokens: created, rotated, noted as used, turned away, revoked (FSM-17).

The secret is answered once and kept nowhere. A token never opens more than its owner may do, is
never made by one that is limited, and never outlives or widens the one that makes it.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.db.models import Q

from meterdesk.identity.access import service_accounts_managed_by, tokens_visible_to
from meterdesk.identity.actions.telling import tell_owner
from meterdesk.identity.models import ApiToken, Person
from meterdesk.identity.queries.rights import actor_of
from meterdesk.identity.rules import (
    TOKEN_LONGEST,
    TOKEN_NAME_LONGEST,
    TOKEN_PREFIX,
    Actor,
    NetworkMistake,
    is_narrower,
    parse_network,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused
from meterdesk.platform import activity

OVERLAP_LONGEST: Final = timedelta(days=7)
NETWORKS_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to create.

    Attributes:
        expires_at: aware instant, at most a year away.
        components: functional components it is limited to, all of them its owner's; None for
            whatever the owner may use at the time of each call.
        networks: those it may be used from; none for any.
    """

    name: str
    expires_at: datetime
    components: tuple[str, ...] | None = None
    networks: tuple[str, ...] = ()


def create_token(
    actor: Actor,
    name: str,
    expires_at: datetime,
    components: Iterable[str] | None = None,
    networks: Iterable[str] = (),
    *,
    at: datetime,
) -> tuple[int, str]:
    """Create a token of the actor's own; returns its id and the secret. See NewToken.

    Raises NotAllowed when asked with a token that is limited to some components or with a secret
    that was replaced; Refused, with fields, for a name, expiry, component or network that cannot
    be.
    """
    chosen = None if components is None else tuple(sorted(set(components)))
    new = NewToken(name, expires_at, chosen, tuple(networks))
    person = Person.objects.select_related("organisation").get(pk=actor.person_id)
    return _create(actor, actor, person, new, at)


def create_service_token(
    actor: Actor, account_id: int, new: NewToken, *, at: datetime
) -> tuple[int, str]:
    """Create a token of a service account that the actor administers; returns id and secret.

    Raises NotVisible for any other account, otherwise as create_token.
    """
    person = (
        Person.objects.select_related("organisation")
        .filter(service_accounts_managed_by(actor), pk=account_id, status=Person.Status.ACTIVE)
        .first()
    )
    if person is None:
        raise NotVisible()
    return _create(actor, actor_of(person), person, new, at)


@transaction.atomic
def _create(
    actor: Actor, owner: Actor, person: Person, new: NewToken, at: datetime
) -> tuple[int, str]:
    refuse_replaced(actor)
    if actor.is_narrowed:
        raise NotAllowed("A token that is limited to some functions cannot create tokens.")
    networks, fields = _networks(actor, new.networks)
    fields |= _name_mistakes(new.name) | _expiry_mistakes(actor, new.expires_at, at)
    if new.components is not None and (
        not new.components or any(not owner.may_use(one) for one in new.components)
    ):
        fields["components"] = "Choose at least one function, of those that the owner may use."
    if fields:
        raise Refused("The token was not created. Mend what is marked.", fields=fields)
    token, secret = _store(person, new, networks, at, created_by=actor.person_id)
    _record(actor, "identity.create_token", token, None, at)
    tell_owner(
        person,
        f"A new API token: {token.name}",
        [
            f"{actor.display_name} created the API token {token} of {person.username}.",
            f"It expires on {new.expires_at:%d %B %Y}.",
        ],
        at=at,
    )
    return token.pk, secret


def _record(
    actor: Actor | None,
    verb: str,
    token: ApiToken,
    before: dict[str, object] | None,
    at: datetime,
    **more: str,
) -> None:
    person = token.person
    activity.record(
        actor=actor,
        verb=verb,
        subject=str(token),
        at=at,
        organisation_id=person.organisation_id,
        detail={
            "token": token.pk,
            "owner": person.username,
            "before": before,
            "after": _facts(token),
            **more,
        },
    )


def _facts(token: ApiToken) -> dict[str, object]:
    """What the activity log keeps of a token: never its secret but the end that tells it apart."""
    return {
        "ends_in": token.last_characters,
        "components": token.components,
        "networks": token.networks,
        "expires_at": token.expires_at.isoformat(),
        "revoked": token.revoked_at is not None,
    }


def _name_mistakes(name: str) -> dict[str, str]:
    if not name.strip():
        return {"name": "Enter a name that tells you what the token is for."}
    if len(name.strip()) > TOKEN_NAME_LONGEST:
        return {"name": f"Enter a name of at most {TOKEN_NAME_LONGEST} characters."}
    return {}


def _expiry_mistakes(actor: Actor, expires_at: datetime, at: datetime) -> dict[str, str]:
    if not at < expires_at <= at + TOKEN_LONGEST:
        return {"expires_at": "Choose a time in the future, at most one year away."}
    if actor.token_id is not None and _outlives(expires_at, actor.token_id):
        return {"expires_at": "A token cannot create one that outlives it."}
    return {}


def _outlives(expires_at: datetime, token_id: int) -> bool:
    return ApiToken.objects.filter(pk=token_id, expires_at__lt=expires_at).exists()


def _networks(actor: Actor, given: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    try:
        networks = list(dict.fromkeys(parse_network(one) for one in given if one.strip()))
    except NetworkMistake as mistake:
        return [], {"networks": str(mistake)}
    if len(networks) > NETWORKS_MOST:
        return [], {"networks": f"Enter at most {NETWORKS_MOST} networks."}
    if actor.token_id is not None:
        makers = ApiToken.objects.values_list("networks", flat=True).get(pk=actor.token_id)
        if makers and not is_narrower(networks, makers):
            return [], {"networks": f"Enter networks among {', '.join(makers)}."}
    return networks, {}


def _store(
    person: Person, new: NewToken, networks: list[str], at: datetime, created_by: int | None = None
) -> tuple[ApiToken, str]:
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person,
        name=new.name.strip(),
        last_characters=secret[-4:],
        digest=_digest(secret),
        components=list(new.components) if new.components is not None else None,
        networks=networks,
        created_at=at,
        expires_at=new.expires_at,
        created_by_id=created_by,
    )
    return token, secret


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue_token(username: str, name: str, *, lifetime: timedelta, at: datetime) -> str:
    """Create a token for an account from the operator's shell; returns the secret.

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
    token, secret = _store(person, NewToken(name, at + lifetime), [], at)
    _record(None, "identity.issue_token", token, None, at)
    return secret


@transaction.atomic
def rotate_token(
    actor: Actor,
    token_id: int,
    overlap: timedelta,
    *,
    at: datetime,
    expires_at: datetime | None = None,
) -> str:
    """Give a token a new secret, and return it; the one before works on for the overlap.

    One's own tokens, and those of service accounts that the actor administers. A second rotation
    ends what was left of the first one's overlap.

    Args:
        overlap: up to a week; none ends the secret before at once.
        expires_at: a new end of the token; None to keep the one it has.

    Raises NotVisible; NotAllowed when asked with a token that is limited and is not this one, or
    with a secret that was replaced: whoever stole that must not outlive the overlap; Conflict when
    the token is revoked or expired; Refused with fields.
    """
    refuse_replaced(actor)
    token = _locked(Q(person_id=actor.person_id) | _managed(actor), token_id)
    if actor.is_narrowed and actor.token_id != token.pk:
        raise NotAllowed("A token that is limited to some functions can rotate itself alone.")
    if token.revoked_at is not None or token.expires_at <= at:
        raise Conflict("This token has ended. Create a new one.")
    if actor.token_id not in {None, token.pk} and _networks(actor, token.networks)[1]:
        raise NotAllowed("A token that is bound to networks cannot rotate one that is not.")
    fields = {} if expires_at is None else _expiry_mistakes(actor, expires_at, at)
    if not timedelta(0) <= overlap <= OVERLAP_LONGEST:
        fields["overlap_hours"] = "Choose an overlap of at most one week."
    if fields:
        raise Refused("The token was not rotated. Mend what is marked.", fields=fields)
    return _renew(actor, token, at + overlap, expires_at, at)


def refuse_replaced(actor: Actor) -> None:
    """Raise NotAllowed for who comes with the secret before a token's rotation."""
    if actor.token_is_replaced:
        raise NotAllowed(
            "This secret was replaced by a rotation. It works until its overlap ends, but gives "
            "no new ones and proves nothing: use the secret that took its place."
        )


def _renew(
    actor: Actor, token: ApiToken, old_until: datetime, expires_at: datetime | None, at: datetime
) -> str:
    """The new secret in place of the one before, which goes on working until `old_until`."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    before, was = str(token), _facts(token)
    token.previous_digest, token.previous_ends_at = token.digest, old_until
    token.digest, token.last_characters, token.rotated_at = _digest(secret), secret[-4:], at
    if expires_at is not None:
        token.expires_at, token.reminded_days = expires_at, None
    token.save()
    _record(actor, "identity.rotate_token", token, was, at, old_secret_until=old_until.isoformat())
    tell_owner(
        token.person,
        f"An API token has a new secret: {token.name}",
        [
            f"{actor.display_name} rotated the API token {before} of {token.person.username}. The "
            f"secret before works until {old_until:%d %B %Y %H:%M} UTC."
        ],
        at=at,
    )
    return secret


def _managed(actor: Actor) -> Q:
    managed = Person.objects.filter(service_accounts_managed_by(actor))
    return Q(person__in=managed.values("pk"))


def _locked(condition: Q, token_id: int) -> ApiToken:
    token = (
        ApiToken.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(condition, pk=token_id)
        .first()
    )
    if token is None:
        raise NotVisible("You have no such token.")
    return token


@transaction.atomic
def revoke_token(actor: Actor, token_id: int, *, at: datetime) -> None:
    """Revoke a token at once: one's own, or one of an organisation that the actor administers.

    Raises NotVisible for anybody else's, NotAllowed when asked with a token that is limited to
    some components and is not the one to be revoked.
    """
    token = _locked(Q(person_id=actor.person_id) | tokens_visible_to(actor), token_id)
    if actor.is_narrowed and actor.token_id != token.pk:
        raise NotAllowed("A token that is limited to some functions can revoke itself alone.")
    if token.revoked_at is not None:
        return
    was, token.revoked_at = _facts(token), at
    token.save(update_fields=["revoked_at"])
    _record(actor, "identity.revoke_token", token, was, at)
    if token.person_id != actor.person_id:
        tell_owner(
            token.person,
            f"An API token was revoked: {token.name}",
            [
                f"{actor.display_name} revoked the API token {token} of {token.person.username}.",
                "Calls with it are refused from now on.",
            ],
            at=at,
        )


def revoke_tokens_of(person_id: int, *, at: datetime, by: Actor | None = None) -> int:
    """Revoke every token of an account, which is deleted or closed; returns how many."""
    with transaction.atomic():
        live = ApiToken.objects.filter(person_id=person_id, revoked_at=None, expires_at__gt=at)
        ends = sorted(live.values_list("last_characters", flat=True))
        count = live.update(revoked_at=at)
        if count:
            person = Person.objects.get(pk=person_id)
            activity.record(
                actor=by,
                verb="identity.revoke_tokens",
                subject=person.username,
                at=at,
                organisation_id=person.organisation_id,
                detail={"before": {"tokens": ends}, "after": {"tokens": []}},
            )
    return count
