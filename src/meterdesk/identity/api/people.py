"""Endpoints: people and their accounts, for those who administer them (SSI-FR-58 to 61)."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status

from meterdesk.identity import actions, queries
from meterdesk.identity.actions import AccountCreated, AccountDetails
from meterdesk.identity.api.proof import require_proof
from meterdesk.identity.api.service_accounts import RoleOn
from meterdesk.identity.queries import AccountRecord, PeopleSearch, PersonRow
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.rules.accounts import AccountStatus, Credential
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.platform.api import IF_MATCH, Paged, name_version, required_version

router = Router(tags=["People"])
PersonId = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the person.")]
Line = Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]
Roles = Annotated[list[RoleOn], Field(max_length=400)]
DeskRoles = Annotated[list[DeskRole], Field(max_length=10)]


class PersonListed(Schema):
    """A person in a list, with how often they log in."""

    id: int
    username: str
    display_name: str
    organisation_name: str
    department: str
    line_manager: str
    status: AccountStatus
    created_at: datetime
    last_login_at: datetime | None
    log_ins_30: int = Field(description="Log-ins of the last 30 days.")
    log_ins_90: int = Field(description="Log-ins of the last 90 days.")
    is_dormant: bool = Field(description="Not used for as long as the organisation's rules say.")


class PersonOut(PersonListed):
    """A person with everything that an administrator decides."""

    first_name: str
    last_name: str
    email: str
    telephone: str
    roles: list[RoleOn]
    desk_roles: list[DeskRole]
    has_password: bool = Field(description="False until the person has set one of their own.")
    by_provider: bool = Field(
        description="The organisation's identity provider logs the person in: no password here."
    )
    waits_until: datetime | None = Field(
        description="Until when the first password or the set-up link can be used."
    )
    version: int


class PersonPage(Schema):
    """A page of people."""

    items: list[PersonListed]
    next: str | None


class PeopleQuery(Paged):
    """Which people to list."""

    text: Line = ""
    status: Literal["", "ACTIVE", "LOCKED", "DELETED", "ALL"] = Field(
        default="", description="Empty: all but deleted."
    )
    role: Literal[""] | JobTypeRole | DeskRole = ""
    user_id: str = Field(default="", max_length=23, pattern=r"^[0-9A-Fa-f-]*$")
    department: Line = ""
    last_login: Literal["", "7", "30", "none60", "none90", "dormant", "never"] = Field(
        default="", description="Within 7 or 30 days; none for 60 or 90; dormant; never."
    )
    sort: Literal[
        "username", "-username", "name", "-name", "department", "-department",
        "status", "-status", "last_login", "-last_login",
    ] = "username"  # fmt: skip


class PersonPatch(Schema):
    """What is to be different; what is left out stays."""

    first_name: Line | None = None
    last_name: Line | None = None
    email: Line | None = None
    department: Line | None = None
    line_manager: Line | None = None
    roles: Roles | None = Field(default=None, description="All of them, in place of those held.")
    desk_roles: DeskRoles | None = None

    def applied_to(self, record: AccountRecord) -> AccountDetails:
        """The person's details with these in place of theirs."""
        texts = ("first_name", "last_name", "email", "department", "line_manager")
        given = {name: getattr(self, name) for name in texts if getattr(self, name) is not None}
        details = replace(_details_of(record), **given)
        if self.roles is not None:
            details = replace(details, roles=_pairs(self.roles))
        if self.desk_roles is not None:
            details = replace(details, desk=frozenset(self.desk_roles))
        return details


class CredentialIn(Schema):
    """How the person comes by a password."""

    credential: Literal["link", "password"] = Field(
        default="link",
        description="link: sent to the email address; password: in the answer, for one use.",
    )


class PersonIn(CredentialIn):
    """An account to open."""

    username: str = Field(max_length=150, pattern=r"^[^\x00]*$")
    first_name: Line
    last_name: Line
    email: Line
    department: Line = ""
    line_manager: Line = ""
    roles: Roles = []
    desk_roles: DeskRoles = []
    organisation_id: int | None = Field(
        default=None,
        ge=1,
        le=2**63 - 1,
        description="For the operator's administrators: a service provider.",
    )

    def as_details(self) -> AccountDetails:
        """For the action."""
        return AccountDetails(
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            department=self.department,
            line_manager=self.line_manager,
            roles=_pairs(self.roles),
            desk=frozenset(self.desk_roles),
        )


class PersonWithPassword(PersonOut):
    """A person whose password was replaced."""

    password: str | None = Field(description="For one use, shown this once; null with a link.")


@router.get(
    "/people",
    response=PersonPage,
    operation_id="list_people",
    summary="People",
    description="Those whose accounts one administers, with how often they log in.",
)
def list_people(request: Any, query: Query[PeopleQuery]) -> dict[str, Any]:
    """A page of people (SSI-FR-59, FSM-11)."""
    search = PeopleSearch(
        text=query.text,
        status=query.status,
        role=str(query.role),
        user_id=query.user_id,
        department=query.department,
        last_login=query.last_login,
        sort=query.sort,
    )
    found = queries.people(request.actor, search, query.page, at=timezone.now(), figures=True)
    return {"items": [_listed(row) for row in found.items], "next": found.next}


@router.post(
    "/people",
    response={201: PersonWithPassword},
    operation_id="create_person",
    summary="Open an account",
    description="Usernames are unique across organisations: a taken one is refused. An account "
    "that administers others asks for fresh proof.",
)
def create_person(request: Any, given: PersonIn) -> Status[dict[str, Any]]:
    """Open an account (SSI-FR-61)."""
    details = given.as_details()
    if details.administers:
        require_proof(request)
    created = actions.create_account(
        request.actor,
        given.username,
        details,
        Credential(given.credential),
        given.organisation_id,
        at=timezone.now(),
    )
    return Status(201, _with_password(request, created))


@router.get(
    "/people/{person_id}",
    response=PersonOut,
    operation_id="get_person",
    summary="A person",
    description="With roles by UserId, those that give nothing at present included.",
)
def get_person(request: Any, response: HttpResponse, person_id: PersonId) -> dict[str, Any]:
    """One person (SSI-FR-60)."""
    found = queries.person(request.actor, person_id, at=timezone.now())
    name_version(response, found.row.version)
    return _out(found)


@router.patch(
    "/people/{person_id}",
    response=PersonOut,
    operation_id="change_person",
    summary="Change a person",
    description="Details and roles; in force with the next request. The person is told by email. "
    "Making somebody an administrator asks for fresh proof.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def change_person(
    request: Any, response: HttpResponse, person_id: PersonId, given: PersonPatch
) -> dict[str, Any]:
    """Change a person (SSI-FR-60)."""
    at, version = timezone.now(), required_version(request)
    record = queries.person(request.actor, person_id, at=at)
    # Without If-Match the change rests on what was read here, so that nothing is lost unseen.
    rests_on = record.row.version if version is None else version
    details = given.applied_to(record)
    if details.administers and not record.administers:
        require_proof(request)
    actions.edit_account(request.actor, person_id, details, rests_on, at=at)
    return get_person(request, response, person_id)


@router.delete(
    "/people/{person_id}",
    response={204: None},
    operation_id="delete_person",
    summary="Delete an account",
    description="Asks for fresh proof. Sessions, tokens and links end at once. The record stays.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def delete_person(request: Any, person_id: PersonId) -> Status[None]:
    """Delete an account (SSI-FR-60)."""
    require_proof(request)
    version = required_version(request)
    actions.delete_account(request.actor, person_id, version, at=timezone.now())
    return Status(204, None)


@router.post(
    "/people/{person_id}/unlock",
    response=PersonOut,
    operation_id="unlock_person",
    summary="Unlock an account",
    description="After too many failed log-ins.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def unlock_person(request: Any, response: HttpResponse, person_id: PersonId) -> dict[str, Any]:
    """Lift a lock (SSI-FR-60)."""
    version = required_version(request)
    actions.unlock_person(request.actor, person_id, version, at=timezone.now())
    return get_person(request, response, person_id)


@router.post(
    "/people/{person_id}/reset",
    response=PersonWithPassword,
    operation_id="reset_person",
    summary="Reset a password",
    description="Asks for fresh proof. The old one opens nothing any more and sessions end. "
    "Second factors and tokens stay. Refused for whom an identity provider logs in.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def reset_person(request: Any, person_id: PersonId, given: CredentialIn) -> dict[str, Any]:
    """Replace a password (SSI-FR-60)."""
    require_proof(request)
    version = required_version(request)
    done = actions.reset_account(
        request.actor, person_id, Credential(given.credential), version, at=timezone.now()
    )
    return _with_password(request, done)


def _with_password(request: Any, done: AccountCreated) -> dict[str, Any]:
    record = queries.person(request.actor, done.person_id, at=timezone.now())
    return {**_out(record), "password": done.password}


def _pairs(roles: list[RoleOn]) -> frozenset[tuple[str, JobTypeRole]]:
    return frozenset((parse_eui(one.user_id), one.job_type_role) for one in roles)


def _details_of(record: AccountRecord) -> AccountDetails:
    return AccountDetails(
        first_name=record.first_name,
        last_name=record.last_name,
        email=record.email,
        department=record.row.department,
        line_manager=record.row.line_manager,
        roles=record.roles,
        desk=record.desk,
    )


def _listed(row: PersonRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PersonListed.model_fields}


def _out(record: AccountRecord) -> dict[str, Any]:
    return {
        **_listed(record.row),
        "first_name": record.first_name,
        "last_name": record.last_name,
        "email": record.email,
        "telephone": record.telephone,
        "roles": [{"user_id": eui, "job_type_role": role} for eui, role in sorted(record.roles)],
        "desk_roles": sorted(record.desk),
        "has_password": record.has_password and not record.by_provider,
        "by_provider": record.by_provider,
        "waits_until": record.waits_until,
        "version": record.row.version,
    }
