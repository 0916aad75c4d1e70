"""Communications Hubs as the CSPs report them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from meterdesk.hubs.rules.requests import UNDER_WAY, RequestState
from meterdesk.platform.fields import EuiField


class HubRecord(models.Model):
    """The newest data of one hub; older data never replaces it (SSI-FR-17)."""

    device_id = EuiField(primary_key=True)
    aerial_installed = models.BooleanField(null=True)
    aerial_type = models.TextField(default="")
    birth_event_at = models.DateTimeField(null=True)
    network_status = models.TextField(default="")
    deactivated_at = models.DateTimeField(null=True)
    wan_connectivity = models.TextField(default="")
    han_status = models.TextField(default="")
    last_connection_at = models.DateTimeField(null=True)
    last_tamper_at = models.DateTimeField(null=True)
    last_outage_at = models.DateTimeField(null=True)
    last_restore_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField()
    source_run = models.BigIntegerField(null=True, help_text="The intake run that wrote it last.")
    source_line = models.BigIntegerField(null=True, help_text="Line, counted through that run.")

    def __str__(self) -> str:
        return str(self.device_id)


class HubRequest(models.Model):
    """A hub itself was asked, by way of its communications service provider (SSI-FR-16a, 16b).

    `result` is what the hub said (rules.requests.HubResult); `note` says to people what went
    wrong, or when the provider is tried again. `assertion` is that of the asker's session, where
    an identity provider vouched for them, `token_id` the token they asked by: their rights are
    looked up anew at each step, and before a result is kept. `parties` are the UserIds registered
    at the hub when it was asked: what came of it is of their time.
    """

    device_id = EuiField()
    kind = models.TextField()
    state = models.TextField(default=RequestState.REQUESTED)
    region = models.TextField()
    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    assertion = models.JSONField(null=True)
    token_id = models.BigIntegerField(null=True)
    parties = ArrayField(EuiField(), null=True)
    requested_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    provider_reference = models.CharField(max_length=100, default="")
    finished_at = models.DateTimeField(null=True)
    note = models.TextField(default="")
    result = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device_id", "organisation", "kind"],
                condition=models.Q(state__in=UNDER_WAY),
                name="hub_request_under_way_once",
            )
        ]
        indexes = [models.Index(fields=["device_id", "-requested_at"], name="hub_request_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.device_id}"


class HubRequestStep(models.Model):
    """One change of a request's state."""

    request = models.ForeignKey(HubRequest, on_delete=models.CASCADE, related_name="steps")
    from_state = models.TextField()
    to_state = models.TextField()
    why = models.TextField(default="")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.from_state} to {self.to_state}"
