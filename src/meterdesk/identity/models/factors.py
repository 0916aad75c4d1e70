"""Second factors of people, what their organisations ask of them, and resets of lost ones."""

from django.db import models
from django.db.models.functions import Lower

from meterdesk.identity.rules import (
    FACTOR_NAME_LONGEST,
    SESSIONS_DEFAULT,
    FactorKind,
    ResetState,
)


def _every_kind() -> list[str]:
    return [kind.value for kind in FactorKind]


class SecondFactor(models.Model):
    """An authenticator app, a security key or a passkey of a person (FSM-5, 6).

    An app has a secret, encrypted by platform.secrets; a key or passkey has its id and its public
    key as the WebAuthn standard lays them out. `counter` never falls: for an app the time step of
    the last code used, for a key the number of signatures it says it has made.
    """

    person = models.ForeignKey(
        "identity.Person", on_delete=models.CASCADE, related_name="second_factors"
    )
    kind = models.CharField(max_length=10, choices=[(one.value, one.title) for one in FactorKind])
    name = models.CharField(max_length=FACTOR_NAME_LONGEST)
    secret = models.TextField(blank=True)
    credential_id = models.BinaryField(null=True, unique=True)
    credential = models.BinaryField(null=True)
    counter = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint("person", Lower("name"), name="second_factor_named_once"),
            models.CheckConstraint(
                condition=models.Q(kind=FactorKind.APP, credential_id=None)
                | models.Q(kind__in=[FactorKind.KEY, FactorKind.PASSKEY], secret=""),
                name="second_factor_app_or_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


class SecurityPolicy(models.Model):
    """What an organisation asks of its people's log-ins; none is the default of each field.

    `decided_at` is when the kinds were last changed: `grace_days` later an allowed kind is
    demanded of everybody. `sessions_most` is the number of sessions a person may have open.
    """

    organisation = models.OneToOneField(
        "identity.Organisation",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="security_policy",
    )
    allowed_kinds = models.JSONField(default=_every_kind)
    grace_days = models.PositiveSmallIntegerField(default=14)
    decided_at = models.DateTimeField(null=True)
    sessions_most = models.PositiveSmallIntegerField(default=SESSIONS_DEFAULT)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.organisation_id}: {', '.join(self.allowed_kinds)}"


class FactorReset(models.Model):
    """A reset of somebody's lost second factors, and who agreed to it.

    For an administrator it takes two people. Carried out, it leaves a code, of which the digest
    alone is kept: the next log-in asks for it after the password, once.
    """

    person = models.ForeignKey(
        "identity.Person", on_delete=models.CASCADE, related_name="factor_resets"
    )
    state = models.CharField(
        max_length=10,
        choices=[(one.value, one.title) for one in ResetState],
        default=ResetState.REQUESTED,
    )
    needs_second = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    requested_by = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    code_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person",
                condition=models.Q(state=ResetState.REQUESTED),
                name="factor_reset_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.state}"
