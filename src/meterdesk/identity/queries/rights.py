"""Reads about people and rights. The actor is built here, afresh on every request."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import BooleanField, Value
from django.http import HttpRequest
from django.utils import timezone

from meterdesk.identity.models import ApiToken, DeskAssignment, FeedAssignment, Organisation, Person
from meterdesk.identity.queries.networks import ADMITS, enforced_address
from meterdesk.identity.rules import (
    DESK_PERMISSIONS,
    WRITING_COMPONENTS,
    Actor,
    DeskPermission,
    DeskRole,
    NetworkRefusal,
    OrganisationKind,
    Suspension,
    UserRole,
    entitlements_of,
    is_within,
)
from meterdesk.kernel.errors import NotAllowed, NotVisible
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int
from meterdesk.platform import counters

_ASSIGNMENTS = """
select a.eui, a.job_type_role, u.user_role,
       (select json_agg(c.id) from identity_functionalcomponent c
         where c.job_type_roles @> to_jsonb(a.job_type_role)
           and (u.organisation_id = %(organisation)s or c.id <> 'UC_OrgManager')),
       u.suspension <> 'NONE' or o.suspension <> 'NONE' or coalesce(shared.read_only, false),
       u.organisation_id = %(organisation)s
from (
  select eui, job_type_role from identity_roleassignment
  where person_id = %(person)s and not %(is_asserted)s
  union all
  select eui, job_type_role
  from unnest(%(euis)s::bigint[]) eui, unnest(%(roles)s::text[]) job_type_role
  where %(is_asserted)s
) a
join identity_userid u on u.eui = a.eui
join identity_organisation o on o.id = u.organisation_id
left join lateral (
  select bool_and(mine.suspension <> 'NONE') as read_only
  from identity_grant g join identity_userid mine on mine.eui = g.granted_id
  where u.organisation_id <> %(organisation)s
    and g.granting_id = u.eui and mine.organisation_id = %(organisation)s
    and mine.suspension <> 'NOTHING'
    and g.active_from <= now() and g.rescinded_at is null
    and (g.expires_at is null or g.expires_at > now())
) shared on true
where u.suspension <> 'NOTHING' and o.suspension <> 'NOTHING' and o.closed_at is null
  and (u.organisation_id = %(organisation)s or shared.read_only is not null)
"""

_IN_FORCE = f"""
select t.id, coalesce(t.components, 'null')::text, t.last_used_at, t.networks::text,
       t.digest <> %(digest)s,
       {ADMITS.format(organisation="o.id", address="%(address)s")},
       p.id, p.username, p.first_name, p.last_name, o.id, o.name, o.kind,
       o.suspension, o.suspension_reason
from identity_apitoken t
join identity_person p on p.id = t.person_id
join identity_organisation o on o.id = p.organisation_id
where (t.digest = %(digest)s or (t.previous_digest = %(digest)s and t.previous_ends_at > %(at)s))
  and t.revoked_at is null and t.expires_at > %(at)s
  and (t.last_used_address = %(address)s::inet or not {counters.EXCEEDED})
  and p.status = 'ACTIVE' and not p.must_set_password and p.details_confirmed_at is not null
"""  # noqa: S608  composed of constants

_assertion_checks: list[Callable[[Mapping[str, Any]], bool]] = []
_ORGANISATION = ("id", "name", "kind", "suspension", "suspension_reason")


class ActorRequest(HttpRequest):
    """A request as the middleware hands it on where nobody gets without an account."""

    actor: Actor


def actor_of(
    person: Person,
    *,
    request_id: str = "",
    token: ApiToken | None = None,
    assertion: Mapping[str, Any] | None = None,
) -> Actor:
    """Build the actor with the rights this person has at this moment.

    One query. Parties' people have Job Type Roles, the operator's and service providers' staff
    have desk roles; whatever a service provider's are assigned, they are resolvers. A role on
    another organisation's UserId counts only while a grant in force covers it (SSI-NFR-29, 33),
    and never gives UC_OrgManager: accounts are administered from one's own UserIds alone.
    A UserId that is suspended, by itself or with its organisation, gives nothing or, suspended to
    reading, nothing that only changes things; so does a grant to a UserId that is suspended.
    A token's components narrow the person's, never widen them; a narrowed token opens no desk.
    In a session that an identity provider vouches for, the roles of its assertion on the UserIds
    of its assertion stand in the place of those assigned (SSI-NFR-19, 27); it opens no desk.
    """
    organisation = person.organisation
    narrowed = token is not None and token.components is not None
    assignments: list[_Assignment] = []
    desk, feeds = frozenset[DeskPermission](), frozenset[str]()
    if organisation.kind == OrganisationKind.PARTY:
        assignments = _assignments(person, assertion)
    elif not narrowed and assertion is None:
        desk, feeds = _desk_and_feeds(person)
        if organisation.kind != OrganisationKind.OPERATOR:
            desk &= DESK_PERMISSIONS[DeskRole.RESOLVER]
    roles: dict[str, set[str]] = defaultdict(set)
    for held in assignments:
        roles[held.user_id].add(held.job_type_role)
    entitlements = entitlements_of((held.user_id, held.components) for held in assignments)
    read_only = frozenset(held.user_id for held in assignments if held.is_read_only)
    for writing in WRITING_COMPONENTS & set(entitlements):
        entitlements[writing] -= read_only
    if token is not None and token.components is not None:
        entitlements = {one: entitlements[one] for one in token.components if one in entitlements}
    return Actor(
        person_id=person.pk,
        username=person.username,
        display_name=person.display_name,
        organisation_id=organisation.pk,
        organisation_name=organisation.name,
        organisation_kind=OrganisationKind(organisation.kind),
        user_ids=frozenset(roles),
        user_roles={held.user_id: held.user_role for held in assignments},
        job_type_roles={user_id: frozenset(names) for user_id, names in roles.items()},
        entitlements=entitlements,
        desk=desk,
        feeds=feeds,
        request_id=request_id,
        token_id=token.pk if token else None,
        is_narrowed=narrowed,
        suspension=Suspension(organisation.suspension),
        suspension_reason=organisation.suspension_reason,
        read_only=read_only,
        own_user_ids=frozenset(held.user_id for held in assignments if held.is_own),
        assertion=assertion,
    )


def present_rights(actor: Actor) -> Actor:
    """The actor with the rights of this moment: for a change that had to wait for another's lock.

    Raises NotAllowed when the account or the token opens nothing any more.
    """
    people = Person.objects.select_related("organisation").filter(status=Person.Status.ACTIVE)
    person = people.filter(pk=actor.person_id).first()
    token = _working_token(person, actor.token_id)
    if person is None or (actor.token_id is not None and token is None):
        raise NotAllowed("Your account or token was ended meanwhile, so nothing was changed.")
    return actor_of(person, request_id=actor.request_id, token=token, assertion=actor.assertion)


def _working_token(person: Person | None, token_id: int | None) -> ApiToken | None:
    """The person's token of that number; None when there is none that works at this moment."""
    working = ApiToken.objects.filter(revoked_at=None, expires_at__gt=timezone.now())
    return working.filter(pk=token_id, person=person).first() if person and token_id else None


class _Assignment(NamedTuple):
    user_id: str
    job_type_role: str
    user_role: UserRole
    components: frozenset[str]
    is_read_only: bool
    is_own: bool


def actor_named(
    username: str, assertion: Mapping[str, Any] | None = None, token_id: int | None = None
) -> Actor:
    """The actor of that username: for jobs, the operator's shell and the demonstration.

    Args:
        assertion: of the session in which a job was asked for, if a provider vouched for it. It
            gives nothing while that provider logs nobody in.
        token_id: of the token by which it was asked for: it gives what the token gives now.

    Raises NotVisible when there is no such active person, or the token works no more.
    """
    active = Person.objects.select_related("organisation").filter(status=Person.Status.ACTIVE)
    person = active.filter(username__iexact=username).first()
    if person is None:
        raise NotVisible(f"There is no active account called {username}.")
    if assertion is not None and not all(check(assertion) for check in _assertion_checks):
        assertion = {}
    token = _working_token(person, token_id)
    if token_id is not None and token is None:
        raise NotVisible("The token by which this was asked for does not work any more.")
    return actor_of(person, token=token, assertion=assertion)


def register_assertion_check(stands: Callable[[Mapping[str, Any]], bool]) -> None:
    """Have this asked whether an assertion still stands, before a job goes by it."""
    if stands not in _assertion_checks:
        _assertion_checks.append(stands)


def _assignments(person: Person, assertion: Mapping[str, Any] | None) -> list[_Assignment]:
    asserted = assertion or {}
    given: dict[str, Any] = {
        "person": person.pk,
        "organisation": person.organisation_id,
        "is_asserted": assertion is not None,
        "euis": [eui_to_int(eui) for eui in asserted.get("user_ids", ())],
        "roles": list(asserted.get("roles", ())),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGNMENTS, given)
        return [
            _Assignment(
                eui_from_int(eui), role, UserRole(user_role), frozenset(components or ()), *rest
            )
            for eui, role, user_role, components, *rest in cursor.fetchall()
        ]


def _desk_and_feeds(person: Person) -> tuple[frozenset[DeskPermission], frozenset[str]]:
    is_feed = {flag: Value(flag, BooleanField()) for flag in (True, False)}
    desk = DeskAssignment.objects.filter(person=person).values_list(is_feed[False], "desk_role")
    feeds = FeedAssignment.objects.filter(person=person).values_list(is_feed[True], "kind")
    held = list(desk.union(feeds, all=True))
    roles = (DESK_PERMISSIONS[DeskRole(name)] for is_kind, name in held if not is_kind)
    return frozenset().union(*roles), frozenset(name for is_kind, name in held if is_kind)


@dataclass(frozen=True, slots=True)
class TokenInForce:
    """A token that is good now, with its person and their organisation.

    `refused` says why it may not be used from the caller's address all the same; `is_replaced`,
    that the secret is the one before the last rotation, in its overlap.
    """

    token: ApiToken
    is_replaced: bool
    refused: NetworkRefusal | None


def live_token(secret: str, address: str = "") -> TokenInForce | None:
    """The token of this secret if it is in force and its person active, first log-in finished.

    None as well for a caller's address with too many calls without a valid token, unless this
    token was used from there before: guessing is slow, and a broken program keeps nobody else out.

    Written in SQL, and with the columns that an Actor needs alone: composing the query by the
    mapper took longer than all else that a call of the API does.
    """
    asked: dict[str, Any] = {
        "digest": sha256(secret.encode()).hexdigest(),
        "at": timezone.now(),
        "address": enforced_address(address),
        "counter": counters.unknown_callers(address),
        "counter_limit": settings.METERDESK_API_RATE_UNKNOWN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, asked)
        row = cursor.fetchone()
    if row is None:
        return None
    token_id, components, last_used_at, networks, is_replaced, admitted, *whose = row
    token = ApiToken.from_db(
        "default",
        ["id", "person_id", "components", "networks", "last_used_at"],  # in the model's order
        [token_id, whose[0], json.loads(components), json.loads(networks), last_used_at],
    )
    token.person = _person(*whose)
    refused = None
    if settings.METERDESK_ENFORCE_NETWORKS and not admitted:
        refused = NetworkRefusal.ORGANISATION
    elif token.networks and not is_within(address, token.networks):
        refused = NetworkRefusal.TOKEN
    return TokenInForce(token, is_replaced, refused)


def _person(
    person_id: int,
    username: str,
    first_name: str,
    last_name: str,
    organisation_id: int,
    *organisation: str,
) -> Person:
    person = Person.from_db(
        "default",
        ["id", "username", "first_name", "last_name", "organisation_id"],
        [person_id, username, first_name, last_name, organisation_id],
    )
    person.organisation = Organisation(
        **dict(zip(_ORGANISATION, (organisation_id, *organisation), strict=True))
    )
    return person
