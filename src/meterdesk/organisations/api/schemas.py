"""Schemas of organisations and their officers."""

from datetime import date, datetime

from ninja import Field, Schema

from meterdesk.identity.rules import OrganisationKind, Suspension, UserRole
from meterdesk.organisations.rules import NAME_LONGEST, REASON_LONGEST, OfficerKind, Standing
from meterdesk.platform.api import Paged

_NO_NUL = r"^[^\x00]*$"


class OrganisationListed(Schema):
    """An organisation in a list."""

    id: int
    name: str
    kind: OrganisationKind
    standing: Standing
    user_ids: list[str]
    people: int = Field(description="Accounts that are not deleted.")
    administrators: int


class OrganisationList(Schema):
    """A page of organisations, by name."""

    items: list[OrganisationListed]
    next: str | None


class UserIdOut(Schema):
    """A UserId with its standing."""

    eui: str
    user_role: UserRole
    suspension: Suspension
    suspension_reason: str
    version: int


class OfficerOut(Schema):
    """An officer who may sign for the organisation."""

    id: int
    kind: OfficerKind
    name: str
    email: str
    telephone: str
    active_from: date
    active_until: date | None
    is_in_office: bool
    certificate: str = Field(description="PEM; empty for none.")
    person_id: int | None
    version: int


class StepOut(Schema):
    """A line of the history."""

    done: str
    why: str
    by: str
    at: datetime


class OrganisationOut(OrganisationListed):
    """An organisation with everything that the operator keeps about it."""

    suspension_reason: str
    closed_at: datetime | None
    version: int
    user_id_records: list[UserIdOut]
    officers: list[OfficerOut]
    onboarding_left: list[str] = Field(description="Steps of its onboarding still to do.")
    history: list[StepOut]


class OrganisationQuery(Paged):
    """Which organisations to list."""

    text: str = Field(default="", max_length=120, description="Part of a name, or a UserId.")
    kind: OrganisationKind | None = None
    standing: Standing | None = None


class OrganisationIn(Schema):
    """An organisation to take up."""

    name: str = Field(max_length=NAME_LONGEST, pattern=_NO_NUL)
    kind: OrganisationKind = OrganisationKind.PARTY


class NameIn(Schema):
    """A name to correct."""

    name: str = Field(max_length=NAME_LONGEST, pattern=_NO_NUL)


class UserIdIn(Schema):
    """A UserId to give."""

    eui: str = Field(max_length=40, pattern=_NO_NUL)
    user_role: UserRole


class SuspensionIn(Schema):
    """How far to suspend, and why."""

    level: Suspension
    reason: str = Field(default="", max_length=REASON_LONGEST, pattern=_NO_NUL)


class OfficerIn(Schema):
    """What to record of an officer."""

    kind: OfficerKind
    name: str = Field(max_length=NAME_LONGEST, pattern=_NO_NUL)
    email: str = Field(max_length=254, pattern=_NO_NUL)
    telephone: str = Field(max_length=40, pattern=_NO_NUL)
    active_from: date
    active_until: date | None = None
    certificate: str = Field(default="", max_length=32_768, pattern=_NO_NUL, description="PEM.")
    person_id: int | None = Field(default=None, ge=1, le=2**63 - 1)


class AdministratorIn(Schema):
    """Who is to administer the organisation first."""

    username: str = Field(max_length=150, pattern=_NO_NUL)
    first_name: str = Field(max_length=100, pattern=_NO_NUL)
    last_name: str = Field(max_length=100, pattern=_NO_NUL)
    email: str = Field(max_length=254, pattern=_NO_NUL)


class ClosingIn(Schema):
    """Why to off-board."""

    reason: str = Field(max_length=REASON_LONGEST, pattern=_NO_NUL)
