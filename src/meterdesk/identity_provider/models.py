"""Service providers that trust Meterdesk, their requests, and the names people have there."""

from django.db import models

from meterdesk.identity_provider.rules import ServiceState


class ServiceProvider(models.Model):
    """A service that people log in to with their Meterdesk account (SSI-NFR-3).

    `acs_urls`: where answers may be posted, the default one first. `told`: names of rules.Told.
    `is_for_everyone`: people of every organisation may use it; otherwise those of `organisations`.
    """

    name = models.TextField(unique=True)
    entity_id = models.TextField(unique=True)
    acs_urls = models.JSONField()
    contact = models.TextField(blank=True)
    told = models.JSONField(default=list)
    is_for_everyone = models.BooleanField(default=False)
    organisations = models.ManyToManyField("identity.Organisation", related_name="+")
    state = models.TextField(default=ServiceState.ACTIVE)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ServiceProviderStep(models.Model):
    """One change of a service provider's state."""

    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.CASCADE, related_name="steps"
    )
    person = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, null=True, related_name="+"
    )
    from_state = models.TextField()
    to_state = models.TextField()
    why = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.from_state} to {self.to_state}"


class SignOn(models.Model):
    """A service provider's request, from its arrival to its one answer."""

    token = models.CharField(max_length=64, unique=True)
    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.CASCADE, related_name="sign_ons"
    )
    request_id = models.TextField()
    acs_url = models.TextField()
    relay_state = models.TextField(blank=True)
    forces = models.BooleanField()
    is_passive = models.BooleanField()
    suits_names = models.BooleanField()
    contexts = models.JSONField()
    comparison = models.TextField()
    received_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("service_provider", "request_id", name="sign_on_request_once")
        ]

    def __str__(self) -> str:
        return self.request_id


class PersistentName(models.Model):
    """What a person is called at one service provider: random, and another one at every other."""

    service_provider = models.ForeignKey(
        ServiceProvider, on_delete=models.CASCADE, related_name="names"
    )
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("service_provider", "person", name="persistent_name_once")
        ]

    def __str__(self) -> str:
        return self.name
