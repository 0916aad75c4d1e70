"""Organisations, UserIds, people and their roles, grants, tokens."""

from datetime import UTC, datetime
from typing import ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Concat, Lower, Upper

from meterdesk.identity.rules import (
    TOKEN_NAME_LONGEST,
    DeskRole,
    JobTypeRole,
    OrganisationKind,
    Suspension,
    UserRole,
)
from meterdesk.platform.fields import EuiField

NAME_LOWER: Final = Lower(Concat("first_name", Value(" "), "last_name"))
LAST_SEEN: Final = Coalesce("last_login", Value(datetime(1970, 1, 1, tzinfo=UTC)))
"""When somebody last logged in; for those who never did, before all others."""


def _choices(values: type) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]  # type: ignore[attr-defined]  # a StrEnum iterates


class Suspendable(models.Model):
    """What the operator may suspend: how far, why, and since when; `version` counts changes."""

    suspension = models.TextField(
        choices=_choices(Suspension), default=Suspension.NONE, db_default=Suspension.NONE
    )
    suspension_reason = models.TextField(blank=True, default="", db_default="")
    suspended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        abstract = True


class Organisation(Suspendable):
    """A SEC Party, the operator, or a service provider of the operator.

    One that was off-boarded has `closed_at`: its record stays, its people and grants are ended.
    """

    name = models.TextField(unique=True)
    kind = models.TextField(choices=_choices(OrganisationKind), default=OrganisationKind.PARTY)
    csp_regions = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class UserId(Suspendable):
    """An EUI-64 with one User Role: what the Code calls a User."""

    eui = EuiField(primary_key=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="user_ids"
    )
    user_role = models.TextField(choices=_choices(UserRole))
    descriptor = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return f"({self.eui}) {self.organisation}/{self.user_role}"


class PersonManager(BaseUserManager["Person"]):
    """Look-ups by username, whatever the letter case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person of that username."""
        return self.get(username__iexact=username)


class Person(AbstractBaseUser):
    """User Personnel: somebody with an account; or a service account, which is a program's.

    A service account has roles and tokens like a person, and neither password nor sessions.
    """

    class Kind(models.TextChoices):
        """Whose the account is."""

        PERSON = "PERSON", "Person"
        SERVICE = "SERVICE", "Service account"

    class Status(models.TextChoices):
        """Account status as SSI-FR-59 names it."""

        ACTIVE = "ACTIVE", "Active"
        LOCKED = "LOCKED", "Locked"
        DELETED = "DELETED", "Deleted"

    username = models.CharField(max_length=150, unique=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    department = models.CharField(max_length=100, blank=True, default="", db_default="")
    line_manager = models.CharField(max_length=200, blank=True, default="", db_default="")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    must_set_password = models.BooleanField(default=True)
    password_expires_at = models.DateTimeField(null=True)
    details_confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    previous_login_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(
        max_length=10, choices=Kind.choices, default=Kind.PERSON, db_default=Kind.PERSON
    )
    purpose = models.TextField(blank=True, db_default="", help_text="Of a service account.")
    sessions_most = models.PositiveSmallIntegerField(
        null=True, help_text="Sessions open at once; null: what the organisation says"
    )
    by_provider = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Logs in by the organisation's identity provider alone: no password here.",
    )

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = PersonManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="person_username_any_case")]
        # A username in whatever letter case, as iexact asks; then the orders of the list of people
        # (queries.people), each within an organisation.
        indexes = [
            models.Index(Upper("username"), name="person_username_found"),
            models.Index("organisation", Lower("username"), "id", name="person_by_username"),
            models.Index("organisation", NAME_LOWER, "id", name="person_by_name"),
            models.Index("organisation", Lower("department"), "id", name="person_by_department"),
            models.Index("organisation", "status", "id", name="person_by_status"),
            models.Index("organisation", LAST_SEEN, "id", name="person_by_last_log_in"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's attribute, made from status
        """Whether the account may log in (Django asks this on every request)."""
        return self.status == self.Status.ACTIVE

    @property
    def display_name(self) -> str:
        """First and last name, or the username before the details are given."""
        return f"{self.first_name} {self.last_name}".strip() or self.username


class RoleAssignment(models.Model):
    """One Job Type Role of a person in relation to one UserId (SSI-NFR-27)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_assignments")
    user_id = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="+", db_column="eui")
    job_type_role = models.TextField(choices=_choices(JobTypeRole))
    assigned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("person", "user_id", "job_type_role", name="role_assigned_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.job_type_role} on {self.user_id_id}"


class DeskAssignment(models.Model):
    """A desk role of one of the operator's staff, or of a resolver at a service provider."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="desk_assignments")
    desk_role = models.TextField(choices=_choices(DeskRole))

    class Meta:
        constraints = [models.UniqueConstraint("person", "desk_role", name="desk_role_once")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.desk_role}"


class FeedAssignment(models.Model):
    """A kind of the network's data that a service account may push, by its intake's word."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="feed_assignments")
    kind = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint("person", "kind", name="feed_once")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind}"


class Grant(models.Model):
    """One UserId's data opened to another organisation (SSI-NFR-28 to 33).

    In force from `active_from` until it is rescinded or, where it has an end, until `expires_at`.
    """

    granting = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="grants_given")
    granted = models.ForeignKey(UserId, on_delete=models.PROTECT, related_name="grants_received")
    active_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    rescinded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(granting=F("granted")), name="grant_to_another_user_id"
            ),
            models.UniqueConstraint(
                "granting", "granted", condition=Q(rescinded_at=None), name="grant_in_force_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.granting_id} to {self.granted_id}"


class FunctionalComponent(models.Model):
    """A functional component of the access matrix, with the Job Type Roles that give it."""

    id = models.CharField(max_length=40, primary_key=True)
    domain = models.CharField(max_length=10)
    name = models.TextField()
    access = models.CharField(max_length=12)
    job_type_roles = models.JSONField()

    def __str__(self) -> str:
        return self.id


class Bookmark(models.Model):
    """A page a person keeps at hand (SSI-FR-63)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="bookmarks")
    title = models.CharField(max_length=120)
    path = models.CharField(max_length=500)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("person", "path", name="bookmark_once")]

    def __str__(self) -> str:
        return self.title


class ApiToken(models.Model):
    """A bearer token of a person or a service account: only its SHA-256 is kept (FSM-17).

    `networks` are those it may be used from, empty for any. After a rotation the secret before
    goes on working until `previous_ends_at`. All times are aware UTC.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=TOKEN_NAME_LONGEST)
    last_characters = models.CharField(max_length=4)
    digest = models.CharField(max_length=64, unique=True)
    components = models.JSONField(null=True, help_text="Functional components; null: all of theirs")
    networks = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_used_address = models.GenericIPAddressField(null=True)
    previous_digest = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  unique
    previous_ends_at = models.DateTimeField(null=True, help_text="Until then the old secret works.")
    rotated_at = models.DateTimeField(null=True)
    reminded_days = models.PositiveSmallIntegerField(null=True)
    proved_at = models.DateTimeField(null=True, help_text="Last fresh proof given with it.")
    created_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty: the shell."
    )

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(revoked_at=None), name="token_expiring")
        ]

    def __str__(self) -> str:
        return f"{self.name} (…{self.last_characters})"
