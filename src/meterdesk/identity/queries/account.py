"""One's own account: details, entitlements, bookmarks, tokens (SSI-FR-62, 63)."""

from dataclasses import dataclass
from datetime import datetime

from meterdesk.identity.models import Bookmark, FunctionalComponent, Person, UserId
from meterdesk.identity.rules import Actor


@dataclass(frozen=True, slots=True)
class RoleOn:
    """The actor's Job Type Roles on one UserId; `is_granted`: it is another organisation's."""

    user_id: str
    user_role: str
    organisation_name: str
    is_granted: bool
    job_type_roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComponentAccess:
    """A functional component and whether the actor may use it."""

    id: str
    name: str
    is_conditional: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class BookmarkEntry:
    """A page kept at hand."""

    id: int
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person's own details."""

    username: str
    display_name: str
    email: str
    telephone: str
    organisation_name: str
    logged_in_at: datetime | None
    previous_login_at: datetime | None


def account(actor: Actor) -> Account:
    """The actor's own details."""
    person = Person.objects.select_related("organisation").get(pk=actor.person_id)
    return Account(
        username=person.username,
        display_name=person.display_name,
        email=person.email,
        telephone=person.telephone,
        organisation_name=person.organisation.name,
        logged_in_at=person.last_login,
        previous_login_at=person.previous_login_at,
    )


def own_details(actor: Actor) -> dict[str, str]:
    """What the form of SSI-FR-1 begins with."""
    person = Person.objects.get(pk=actor.person_id)
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "telephone": person.telephone,
    }


def own_roles(actor: Actor) -> list[RoleOn]:
    """The UserIds the actor has roles on, own ones first."""
    entries = UserId.objects.select_related("organisation").filter(eui__in=list(actor.user_ids))
    roles = [
        RoleOn(
            user_id=one.eui,
            user_role=actor.user_roles[one.eui].title,
            organisation_name=one.organisation.name,
            is_granted=one.organisation_id != actor.organisation_id,
            job_type_roles=tuple(sorted(actor.job_type_roles[one.eui])),
        )
        for one in entries
    ]
    return sorted(roles, key=lambda role: (role.is_granted, role.user_id))


def component_access(actor: Actor) -> list[ComponentAccess]:
    """Every functional component, with Yes or No for the actor, in the order of the matrix."""
    return [
        ComponentAccess(one.id, one.name, one.access == "CONDITIONAL", actor.may_use(one.id))
        for one in FunctionalComponent.objects.order_by("domain", "name")
    ]


def bookmarks(actor: Actor) -> list[BookmarkEntry]:
    """The actor's bookmarks by title."""
    mine = Bookmark.objects.filter(person_id=actor.person_id).order_by("title", "pk")
    return [BookmarkEntry(one.pk, one.title, one.path) for one in mine]
