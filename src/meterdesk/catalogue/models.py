"""Versions of the catalogue, and the requests raised under them with everything that happened."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from meterdesk.catalogue.rules.data import RecordKind
from meterdesk.catalogue.rules.states import OPEN_STATES, DeliveryState, RequestPart, RequestVerb
from meterdesk.platform.fields import EuiField


def _choices(values: type) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]  # type: ignore[attr-defined]  # a StrEnum iterates


class CatalogueVersion(models.Model):
    """A catalogue file as it was loaded; the newest is offered, older ones explain requests."""

    version = models.CharField(max_length=60, unique=True)
    content = models.JSONField()
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.version


class ServiceRequest(models.Model):
    """One request. `record`, `record_key` and `datum` name what it disputes, where it does."""

    reference = models.CharField(max_length=15, unique=True)
    catalogue = models.ForeignKey(CatalogueVersion, on_delete=models.PROTECT, related_name="+")
    request_type = models.CharField(max_length=40)
    type_title = models.CharField(max_length=120)
    state = models.TextField(choices=_choices(DeliveryState), default=DeliveryState.NEW)
    summary = models.CharField(max_length=160)
    your_reference = models.CharField(max_length=60, blank=True)
    answers = models.JSONField(default=dict)
    contact = models.JSONField()
    additional_contact = models.JSONField(null=True)

    record = models.TextField(choices=_choices(RecordKind), blank=True)
    record_key = models.TextField(blank=True)
    datum = models.TextField(blank=True)

    raised_for = EuiField()
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    raising_organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    assigned_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    raised_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, help_text="What was done, or why it was rejected.")
    form_token = models.UUIDField(null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["raised_for", "record", "record_key", "datum"],
                condition=~Q(datum="") & Q(state__in=sorted(OPEN_STATES)),
                name="request_one_open_dispute",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DeliveryState.COMPLETED, DeliveryState.REJECTED])
                | ~Q(outcome=""),
                name="request_outcome_recorded",
            ),
        ]
        indexes = [
            models.Index(fields=["raised_for", "-raised_at", "-id"], name="request_raised_for"),
            models.Index(fields=["-raised_at", "-id"], name="request_newest"),
            models.Index(
                fields=["raised_at", "id"],
                condition=Q(state__in=sorted(OPEN_STATES)),
                name="request_queue",
            ),
            models.Index(
                fields=["record", "record_key"], condition=~Q(record=""), name="request_record"
            ),
            models.Index(Lower("your_reference"), name="request_your_reference"),
        ]

    def __str__(self) -> str:
        return self.reference


class Dispute(models.Model):
    """Both values of a disputed datum, and where the one held came from, as they were then."""

    request = models.OneToOneField(
        ServiceRequest, on_delete=models.CASCADE, primary_key=True, related_name="dispute"
    )
    label = models.TextField()
    held_value = models.TextField(blank=True)
    held_source = models.TextField()
    held_source_at = models.DateTimeField(null=True)
    held_since = models.TextField(blank=True)
    read_at = models.DateTimeField()
    proposed_value = models.TextField()
    proposed_since = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.request_id}: {self.label}"


class RequestStep(models.Model):
    """One line of a request's history: a step, a comment or a work note."""

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="steps")
    verb = models.TextField(choices=[("raise", "raise"), *_choices(RequestVerb)])
    from_state = models.TextField(blank=True)
    to_state = models.TextField()
    text = models.TextField(blank=True)
    part = models.TextField(choices=_choices(RequestPart))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_name = models.TextField()
    organisation_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["request", "at"], name="request_history")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.verb}"


class RequestAttachment(models.Model):
    """A file on a request, for everybody who sees the request."""

    request = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, related_name="attachments"
    )
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    part = models.TextField(choices=_choices(RequestPart))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_name = models.TextField()
    organisation_name = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request_id}: {self.file_id}"
