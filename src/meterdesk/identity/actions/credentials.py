"""First and next passwords: handed over for one use, or set by whoever holds an emailed link."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from meterdesk.identity.actions.sessions import end_sessions_of
from meterdesk.identity.actions.set_up import password_mistakes
from meterdesk.identity.actions.telling import tell_person
from meterdesk.identity.models import AccountLink, Person
from meterdesk.identity.rules.accounts import LINK_LIFE, Credential, LinkPurpose
from meterdesk.kernel.errors import Conflict, NotVisible, Refused, TooMany
from meterdesk.notifications.actions import SECRET, send_email
from meterdesk.platform import activity, counters

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 5
_LINK_TRIES: Final = 30
_LINK_WINDOW: Final = timedelta(minutes=10)
_LINKS_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that is good now: what it is for and for whom."""

    purpose: LinkPurpose
    username: str
    email: str


def give_credential(person: Person, credential: Credential, *, at: datetime) -> str | None:
    """Give a person a password for one use, which is returned, or send a set-up link.

    Call in the transaction that holds the person's row; saves its password fields. Whatever
    opened the account before, opens it no longer: password, links and sessions.
    """
    AccountLink.objects.filter(person=person, ended_at=None).update(ended_at=at)
    person.must_set_password = True
    password = None
    if credential is Credential.PASSWORD:
        password = _random_password()
        person.password = make_password(password)
        hours = settings.METERDESK_FIRST_PASSWORD_HOURS
        person.password_expires_at = at + timedelta(hours=hours)
    else:
        person.set_unusable_password()
        person.password_expires_at = None
        _send_set_up_link(person, at)
    person.save(update_fields=["password", "must_set_password", "password_expires_at"])
    end_sessions_of(person.pk, at=at)
    return password


def refuse_by_provider(person: Person, what: str) -> None:
    """Raise Conflict for somebody whom an identity provider logs in: it is looked after there."""
    if person.by_provider:
        raise Conflict(
            f"{person.username} logs in by the organisation's own identity provider, and has no "
            f"{what} in Meterdesk. Ask those who look after that provider to reset it there.",
            code="by_provider",
        )


def send_link(person: Person, purpose: LinkPurpose, email: str, body: str, at: datetime) -> None:
    """Send a fresh link of this purpose in place of any before; `body` holds SECRET once.

    The secret is kept as its digest alone, and encrypted in the email until that has gone.
    """
    AccountLink.objects.filter(person=person, purpose=purpose, ended_at=None).update(ended_at=at)
    secret = secrets.token_urlsafe(32)
    AccountLink.objects.create(
        person=person,
        purpose=purpose,
        digest=_digest(secret),
        email=email,
        created_at=at,
        expires_at=at + LINK_LIFE,
    )
    subject = {
        LinkPurpose.SET_UP: "Set your Meterdesk password",
        LinkPurpose.EMAIL: "Confirm your email address for Meterdesk",
    }[purpose]
    send_email(
        to=email, subject=subject, body=body, about=f"account {person.pk}", at=at, secret=secret
    )


def open_link(secret: str, address: str, *, at: datetime) -> OpenLink:
    """What a link is for; looking changes nothing, so that a link scanner uses nothing up.

    Raises NotVisible, in the same words for a link that was used, has expired or never was;
    TooMany for an address that tried too many of those.
    """
    found = _counted(secret, address, at)
    return OpenLink(LinkPurpose(found.purpose), found.person.username, found.email)


def set_password_by_link(secret: str, password: str, address: str, *, at: datetime) -> str:
    """Set a password by a set-up link, which is thereby used; returns the username.

    Raises NotVisible and TooMany as open_link does; Refused, field password, when it is too weak:
    then the link can be used again.
    """
    found = _counted(secret, address, at, LinkPurpose.SET_UP)
    with transaction.atomic():
        person = _use(found, at)
        mistakes = password_mistakes(person, password)
        if mistakes:
            raise Refused(mistakes[0], fields={"password": " ".join(mistakes)})
        before = {"password": "the person's own" if person.has_usable_password() else "none"}
        person.set_password(password)
        person.must_set_password = False
        person.password_expires_at = None
        person.version += 1
        person.save(
            update_fields=["password", "must_set_password", "password_expires_at", "version"]
        )
        end_sessions_of(person.pk, at=at)
        detail = {"before": before, "after": {"password": "the person's own"}}
        _record(person, "identity.set_password_by_link", at, detail)
        told = ["The password of your account has been set by the link that was sent to you."]
        tell_person(person, "Your Meterdesk password was set", told, at=at)
    return person.username


def confirm_email_by_link(secret: str, address: str, *, at: datetime) -> str:
    """Make the address that a link was sent to the account's own; returns it.

    Raises NotVisible and TooMany as open_link does.
    """
    found = _counted(secret, address, at, LinkPurpose.EMAIL)
    with transaction.atomic():
        person = _use(found, at)
        before, person.email = person.email, found.email
        person.version += 1
        person.save(update_fields=["email", "version"])
        _record(person, "identity.confirm_email", at, {"before": before, "after": person.email})
        told = [f"The email address of your account is now {person.email}."]
        tell_person(person, "Your email address was changed", told, at=at, also=before)
    return person.email


def forget_old_links(*, at: datetime) -> int:
    """Delete links that ran out more than a month ago; returns how many."""
    return AccountLink.objects.filter(expires_at__lt=at - _LINKS_KEPT).delete()[0]


def _counted(
    secret: str, address: str, at: datetime, purpose: LinkPurpose | None = None
) -> AccountLink:
    """The open link of this secret. Each miss counts against the address it comes from."""
    key = f"account-link:{counters.caller(address)}"
    tries = counters.hit(key, _LINK_WINDOW, at=at)
    if tries.count > _LINK_TRIES:
        raise TooMany(tries.seconds_left(at))
    found = (
        AccountLink.objects.select_related("person")
        .filter(
            digest=_digest(secret),
            ended_at=None,
            expires_at__gt=at,
            person__status=Person.Status.ACTIVE,
        )
        .first()
    )
    if found is None or (purpose is not None and found.purpose != purpose):
        raise _no_such_link()
    counters.give_back(key)
    return found


def _use(link: AccountLink, at: datetime) -> Person:
    """Use the link up and hold its person's row; of two at once, one is too late."""
    person = Person.objects.select_for_update().get(pk=link.person_id)
    used = AccountLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=at)
    if not used or not person.is_active:
        raise _no_such_link()
    return person


def _no_such_link() -> NotVisible:
    return NotVisible(
        "This link does not work: it has been used, is older than a day, or was not copied whole. "
        "Ask an administrator of your organisation for another."
    )


def _record(person: Person, verb: str, at: datetime, detail: Mapping[str, object]) -> None:
    activity.record(
        actor=None,
        verb=verb,
        subject=person.username,
        at=at,
        organisation_id=person.organisation_id,
        detail=dict(detail),
    )


def _send_set_up_link(person: Person, at: datetime) -> None:
    body = (
        f"Hello {person.display_name},\n\n"
        f"Your username for Meterdesk is {person.username}. Set your password here within 24 "
        f"hours; the link works once:\n\n{settings.PUBLIC_URL}/links/{SECRET}/\n\n"
        "If you did not expect this, tell an administrator of your organisation.\n"
    )
    send_link(person, LinkPurpose.SET_UP, person.email, body, at)


def _random_password() -> str:
    """About 99 bits, without letters that look like others."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
