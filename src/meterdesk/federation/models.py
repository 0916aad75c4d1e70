"""Identity providers, requests sent to them, and whom they vouched for."""

from django.db import models
from django.db.models import Q

from meterdesk.federation.rules import ProviderState


class IdentityProvider(models.Model):
    """An organisation's own SAML identity provider (SSI-NFR-4, 12, 15).

    `slug` is its log-in address, /saml/<slug>/. `contexts` lists agreed authentication context
    classes; `attribute_names` maps what is read (rules.ATTRIBUTES) to the provider's names.
    """

    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=100)
    slug = models.CharField(max_length=50, unique=True)
    entity_id = models.CharField(max_length=1024)
    sso_url = models.CharField(max_length=2000)
    clock_skew_seconds = models.PositiveSmallIntegerField(default=60)
    contexts = models.JSONField(default=list)
    attribute_names = models.JSONField(default=dict)
    contact_name = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_telephone = models.CharField(max_length=40, blank=True)
    state = models.CharField(
        max_length=20,
        choices=[(one.value, one.title) for one in ProviderState],
        default=ProviderState.DRAFT,
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", "entity_id", name="provider_once_each"),
            models.CheckConstraint(
                condition=Q(clock_skew_seconds__lte=300), name="provider_skew_small"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProviderCertificate(models.Model):
    """A signing certificate of a provider: pinned; two at most, so that keys can roll over.

    One that the operator has not approved yet counts for test log-ins alone. `warned_days` is the
    shortest time before its end at which the administrators were warned.
    """

    provider = models.ForeignKey(
        IdentityProvider, on_delete=models.CASCADE, related_name="certificates"
    )
    pem = models.TextField()
    fingerprint = models.CharField(max_length=95)
    subject = models.TextField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    added_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    warned_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("provider", "fingerprint", name="certificate_once_each")
        ]

    def __str__(self) -> str:
        return self.subject


class ProviderChange(models.Model):
    """A step of a provider's enrolment: who, from, to, why, at."""

    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="changes")
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    person = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, related_name="+", null=True
    )
    why = models.TextField(blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.from_state} to {self.to_state}"


class SentRequest(models.Model):
    """An AuthnRequest that was sent, until its browser has finished with it.

    `browser` is the SHA-256 of the secret in the cookie of the browser that began; only that one
    finishes. `outcome` holds what the checked answer says, for as long as it waits.
    """

    id = models.CharField(primary_key=True, max_length=60)
    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="+")
    browser = models.CharField(max_length=64)
    target = models.CharField(max_length=2000, blank=True)
    is_test = models.BooleanField(default=False)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.JSONField(null=True)

    def __str__(self) -> str:
        return self.id


class SeenAssertion(models.Model):
    """An assertion that was used, kept until it could not be used again anyway."""

    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="+")
    assertion_id = models.CharField(max_length=512)
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("provider", "assertion_id", name="assertion_used_once")
        ]

    def __str__(self) -> str:
        return self.assertion_id


class FederatedAccount(models.Model):
    """The account of a name at a provider: by this pair alone, never by an email address."""

    provider = models.ForeignKey(IdentityProvider, on_delete=models.PROTECT, related_name="+")
    name_id = models.CharField(max_length=256)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("provider", "name_id", name="name_id_bound_once")]

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.name_id}"


class FailedLogIn(models.Model):
    """A log-in through a provider that failed, under the reference the person was given."""

    reference = models.CharField(max_length=12, unique=True)
    provider = models.ForeignKey(
        IdentityProvider, on_delete=models.SET_NULL, related_name="+", null=True
    )
    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.CASCADE, related_name="+", null=True
    )
    reason = models.CharField(max_length=40)
    facts = models.TextField(blank=True)
    request_id = models.CharField(max_length=60, blank=True)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-at"], name="failed_log_in_newest")]

    def __str__(self) -> str:
        return f"{self.reference}: {self.reason}"
