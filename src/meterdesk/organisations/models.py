"""Officers of organisations, what the operator did to them, and sharings with their history."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from meterdesk.organisations.rules import OfficerKind, SharingState
from meterdesk.platform.fields import EuiField

_ORGANISATION = "identity.Organisation"


def _choices(values: type) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]  # type: ignore[attr-defined]  # a StrEnum iterates


class Officer(models.Model):
    """A person who may sign for an organisation; recorded by the operator.

    `certificate` is PEM and empty for an officer who confirms by logging in as `person`. Dates
    are days in London, both ends included.
    """

    organisation = models.ForeignKey(_ORGANISATION, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField(choices=_choices(OfficerKind))
    name = models.TextField()
    email = models.EmailField()
    telephone = models.CharField(max_length=40)
    certificate = models.TextField(blank=True)
    certificate_until = models.DateTimeField(null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    active_from = models.DateField()
    active_until = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.name}, {self.kind}"


class OrganisationStep(models.Model):
    """One thing the operator did to an organisation: who, what, why, when."""

    organisation = models.ForeignKey(
        _ORGANISATION, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    done = models.TextField()
    why = models.TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    person_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "-at"], name="organisation_step")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.done}"


class Sharing(models.Model):
    """Two organisations' wish to open UserIds to each other, and what became of it.

    `second` is known to the database as soon as the UserIds named by `first` are all one
    organisation's; `first` is never told before the other side has signed. The identifier is
    random: it tells nobody how many there are. Before `proposed_at` nobody but `first` knows of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    first = models.ForeignKey(_ORGANISATION, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(_ORGANISATION, on_delete=models.PROTECT, null=True, related_name="+")
    second_name = models.TextField()
    first_user_ids = ArrayField(EuiField())
    second_user_ids = ArrayField(EuiField())
    until = models.DateField(null=True)
    state = models.TextField(choices=_choices(SharingState), default=SharingState.DRAFT)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["state", "-updated_at"], name="sharing_by_state")]

    def __str__(self) -> str:
        return f"{self.first} and {self.second_name}"


class Notification(models.Model):
    """What one side notifies the operator of: granting or rescinding, and who authorises it.

    `text` is exactly what is signed. The officer's details are kept as they were.
    """

    class Kind(models.TextChoices):
        """What it is about."""

        GRANT = "GRANT", "Granting access"
        RESCIND = "RESCIND", "Rescinding access"

    class State(models.TextChoices):
        """Whether it stands."""

        DRAFT = "DRAFT", "Not signed yet"
        SIGNED = "SIGNED", "Signed"
        REJECTED = "REJECTED", "Rejected"
        REPLACED = "REPLACED", "Replaced"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sharing = models.ForeignKey(Sharing, on_delete=models.CASCADE, related_name="notifications")
    kind = models.TextField(choices=Kind.choices)
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    organisation = models.ForeignKey(_ORGANISATION, on_delete=models.PROTECT, related_name="+")
    own_user_ids = ArrayField(EuiField())
    other_user_ids = ArrayField(EuiField())
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    officer_name = models.TextField()
    officer_email = models.EmailField()
    officer_telephone = models.CharField(max_length=40)
    text = models.TextField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField()
    signature = models.BinaryField(null=True)
    signer = models.TextField(blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "sharing", "organisation", condition=Q(state="DRAFT"), name="notification_one_draft"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.organisation}"


class SharingGrant(models.Model):
    """A grant that a sharing made; each direction of each pair of UserIds is one."""

    sharing = models.ForeignKey(Sharing, on_delete=models.PROTECT, related_name="grants")
    grant = models.OneToOneField("identity.Grant", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.grant_id} of {self.sharing_id}"


class SharingStep(models.Model):
    """One step of a sharing's life."""

    sharing = models.ForeignKey(Sharing, on_delete=models.CASCADE, related_name="steps")
    verb = models.TextField()
    from_state = models.TextField(blank=True)
    to_state = models.TextField()
    side = models.TextField()
    why = models.TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    person_name = models.TextField()
    organisation = models.ForeignKey(
        _ORGANISATION, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d}"
