"""API tokens and service accounts, as their owners and administrators read them (FSM-17)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from meterdesk.identity.access import service_accounts_managed_by, tokens_visible_to
from meterdesk.identity.models import ApiToken, Organisation, Person
from meterdesk.identity.queries.administration import Assignable, assignable_user_ids
from meterdesk.identity.queries.rights import actor_of
from meterdesk.identity.rules import REMIND_BEFORE, Actor, DeskRole, JobTypeRole, OrganisationKind
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Order, Page, PageRequest
from meterdesk.platform.intake import kinds
from meterdesk.platform.pages import COUNT_CAP, page_of_rows

_SOON: Final = timedelta(days=max(REMIND_BEFORE))
STATES: Final = ("active", "expired", "revoked")
_NEWEST: Final = (Order("created_at", datetime, descending=True), Order("id", int, True))
_SOONEST: Final = (Order("expires_at", datetime), Order("id", int))
SORTS: Final = {"-created": _NEWEST, "expires": _SOONEST}


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """An API token without its secret; `state` is active, expired or revoked.

    Attributes:
        components: functional components it is limited to; None: all its owner's.
        networks: those it may be used from; empty: any.
        last_used_from: the caller's address then, to the minute of last_used_at.
        old_secret_until: after a rotation, until when the secret before works.
        ends_soon: it works, for a month at most.
        may_rotate: its reader may give it a new secret: an own one, or a service account's.
    """

    id: int
    name: str
    last_characters: str
    components: tuple[str, ...] | None
    networks: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_used_from: str | None
    old_secret_until: datetime | None
    revoked_at: datetime | None
    state: str
    owner: str = ""
    owner_is_service: bool = False
    organisation_name: str = ""
    may_rotate: bool = True
    ends_soon: bool = False


@dataclass(frozen=True, slots=True)
class TokenSearch:
    """Which tokens of an organisation to list; empty fields ask for all of those that work.

    Attributes:
        text: part of the name of the token or of its owner's username.
        state: active, expired, revoked, or all; empty: active.
        unused_since: not used since then, or never.
    """

    text: str = ""
    state: str = ""
    sort: str = "expires"
    unused_since: datetime | None = None

    @property
    def scope(self) -> str:
        """Names the list for its cursors."""
        return f"tokens:{self.text}:{self.state}:{self.sort}:{self.unused_since}"


def tokens(actor: Actor, at: datetime) -> list[TokenEntry]:
    """The actor's own tokens, newest first, revoked and expired ones included."""
    mine = ApiToken.objects.filter(person_id=actor.person_id).order_by("-created_at", "-pk")
    return [_entry(token, at) for token in mine]


def token(actor: Actor, token_id: int, at: datetime) -> TokenEntry | None:
    """A token of the actor's own, or one that the actor administers."""
    managed = Person.objects.filter(service_accounts_managed_by(actor)).values("pk")
    found = (
        ApiToken.objects.select_related("person__organisation")
        .annotate(managed=Subquery(managed.filter(pk=OuterRef("person_id"))))
        .filter(Q(person_id=actor.person_id) | tokens_visible_to(actor), pk=token_id)
        .first()
    )
    return _listed(actor, found, at) if found else None


def administered_tokens(
    actor: Actor, search: TokenSearch, page: PageRequest, *, at: datetime
) -> Page[TokenEntry]:
    """Tokens of the people and service accounts of the organisations that the actor administers."""
    order = SORTS.get(search.sort, _SOONEST)
    managed = Person.objects.filter(service_accounts_managed_by(actor)).values("pk")
    rows = _matching(actor, search, at).annotate(
        managed=Subquery(managed.filter(pk=OuterRef("person_id")))
    )
    scope = f"{search.scope}:{actor.person_id}"
    found = page_of_rows(rows, scope, order, page, cap=COUNT_CAP)
    return found.as_entries(lambda one: _listed(actor, one, at))


def _matching(actor: Actor, search: TokenSearch, at: datetime) -> QuerySet[ApiToken]:
    rows = ApiToken.objects.select_related("person__organisation").filter(tokens_visible_to(actor))
    if text := search.text.strip():
        rows = rows.filter(Q(name__icontains=text) | Q(person__username__icontains=text))
    match search.state or "active":
        case "active":
            rows = rows.filter(revoked_at=None, expires_at__gt=at)
        case "expired":
            rows = rows.filter(revoked_at=None, expires_at__lte=at)
        case "revoked":
            rows = rows.exclude(revoked_at=None)
    if search.unused_since is not None:
        never = Q(last_used_at=None, created_at__lt=search.unused_since)
        rows = rows.filter(never | Q(last_used_at__lt=search.unused_since))
    return rows


def _listed(actor: Actor, one: ApiToken, at: datetime) -> TokenEntry:
    managed = getattr(one, "managed", None) is not None
    return _entry(one, at, may_rotate=managed or one.person_id == actor.person_id, owner=one.person)


def _entry(
    one: ApiToken, at: datetime, *, may_rotate: bool = True, owner: Person | None = None
) -> TokenEntry:
    ended = "revoked" if one.revoked_at else "expired" if one.expires_at <= at else "active"
    overlaps = one.previous_ends_at is not None and one.previous_ends_at > at
    return TokenEntry(
        id=one.pk,
        name=one.name,
        last_characters=one.last_characters,
        components=None if one.components is None else tuple(one.components),
        networks=tuple(one.networks),
        created_at=one.created_at,
        expires_at=one.expires_at,
        last_used_at=one.last_used_at,
        last_used_from=one.last_used_address,
        old_secret_until=one.previous_ends_at if overlaps and ended == "active" else None,
        revoked_at=one.revoked_at,
        state=ended,
        owner=owner.username if owner else "",
        owner_is_service=owner is not None and owner.kind == Person.Kind.SERVICE,
        organisation_name=owner.organisation.name if owner else "",
        may_rotate=may_rotate and ended == "active",
        ends_soon=ended == "active" and one.expires_at - at <= _SOON,
    )


@dataclass(frozen=True, slots=True)
class ServiceAccountRow:
    """A line of the list of service accounts; `last_used_at` of any of its tokens."""

    id: int
    username: str
    name: str
    organisation_name: str
    purpose: str
    is_open: bool
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceAccountRecord:
    """One service account with its roles and tokens."""

    row: ServiceAccountRow
    organisation_id: int
    organisation_kind: OrganisationKind
    roles: frozenset[tuple[str, JobTypeRole]]
    desk: frozenset[DeskRole]
    feeds: frozenset[str]
    components: tuple[str, ...]
    created_at: datetime
    version: int
    tokens: tuple[TokenEntry, ...]


def service_accounts(
    actor: Actor, page: PageRequest, *, text: str = "", closed: bool = False
) -> Page[ServiceAccountRow]:
    """The service accounts that the actor administers, by username."""
    used = ApiToken.objects.filter(person_id=OuterRef("pk"), last_used_at__isnull=False)
    rows = (
        Person.objects.select_related("organisation")
        .filter(service_accounts_managed_by(actor))
        .annotate(used_at=Subquery(used.order_by("-last_used_at").values("last_used_at")[:1]))
    )
    if not closed:
        rows = rows.filter(status=Person.Status.ACTIVE)
    if text.strip():
        rows = rows.filter(
            Q(username__icontains=text.strip()) | Q(first_name__icontains=text.strip())
        )
    scope = f"service-accounts:{actor.person_id}:{text}:{closed}"
    found = page_of_rows(rows, scope, [Order("username", str)], page, cap=COUNT_CAP)
    return found.as_entries(_account_row)


def _account_row(one: Person) -> ServiceAccountRow:
    return ServiceAccountRow(
        id=one.pk,
        username=one.username,
        name=one.first_name,
        organisation_name=one.organisation.name,
        purpose=one.purpose,
        is_open=one.status == Person.Status.ACTIVE,
        last_used_at=getattr(one, "used_at", None),
    )


def service_account(actor: Actor, account_id: int, at: datetime) -> ServiceAccountRecord:
    """One service account that the actor administers. Raises NotVisible."""
    one = (
        Person.objects.select_related("organisation")
        .filter(service_accounts_managed_by(actor), pk=account_id)
        .annotate(used_at=F("api_tokens__last_used_at"))
        .order_by(F("used_at").desc(nulls_last=True))
        .first()
    )
    if one is None:
        raise NotVisible()
    held = one.role_assignments.values_list("user_id_id", "job_type_role")
    desk = one.desk_assignments.values_list("desk_role", flat=True)
    owned = one.api_tokens.order_by("-created_at", "-pk")
    return ServiceAccountRecord(
        row=_account_row(one),
        organisation_id=one.organisation_id,
        organisation_kind=OrganisationKind(one.organisation.kind),
        roles=frozenset((eui, JobTypeRole(role)) for eui, role in held),
        desk=frozenset(DeskRole(role) for role in desk),
        feeds=frozenset(one.feed_assignments.values_list("kind", flat=True)),
        components=tuple(sorted(actor_of(one).entitlements)),
        created_at=one.created_at,
        version=one.version,
        tokens=tuple(_entry(token, at) for token in owned),
    )


@dataclass(frozen=True, slots=True)
class ServiceOffer:
    """What a service account can be given: roles on UserIds, or desk roles and feeds.

    `feeds`: kinds of data it may push, each with its title. `organisations`: by number and name,
    whose a new one can be, where there is a choice.
    """

    user_ids: tuple[Assignable, ...]
    desk: tuple[DeskRole, ...]
    feeds: tuple[tuple[str, str], ...]
    organisations: tuple[tuple[int, str], ...] = ()


def service_offer(
    actor: Actor, at: datetime, record: ServiceAccountRecord | None = None
) -> ServiceOffer:
    """What a service account, or a new one of the actor's organisation, can be given."""
    organisation_id = record.organisation_id if record else actor.organisation_id
    kind = record.organisation_kind if record else actor.organisation_kind
    if kind is not OrganisationKind.PARTY:
        whose = _providers(actor) if record is None else ()
        return ServiceOffer((), service_desk_roles(kind), service_feeds(kind), whose)
    held = {eui for eui, _ in record.roles} if record else set()
    return ServiceOffer(tuple(assignable_user_ids(organisation_id, at, held)), (), ())


def _providers(actor: Actor) -> tuple[tuple[int, str], ...]:
    """The operator and its service providers, which have no administrators of their own."""
    found = Organisation.objects.filter(
        kind=OrganisationKind.SERVICE_PROVIDER, closed_at__isnull=True
    )
    own = (actor.organisation_id, actor.organisation_name)
    return (own, *found.order_by("name").values_list("pk", "name"))


def service_desk_roles(kind: OrganisationKind) -> tuple[DeskRole, ...]:
    """Desk roles that a service account can have: none that decides on people or rights."""
    if kind is OrganisationKind.OPERATOR:
        return (DeskRole.AGENT, DeskRole.RESOLVER, DeskRole.EDITOR)
    return (DeskRole.RESOLVER,) if kind is OrganisationKind.SERVICE_PROVIDER else ()


def service_feeds(kind: OrganisationKind) -> tuple[tuple[str, str], ...]:
    """Kinds of the network's data that a service account can push, with titles; no party's can."""
    if kind is OrganisationKind.PARTY:
        return ()
    return tuple((one.kind, one.title) for one in kinds())
