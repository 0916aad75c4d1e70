"""Incidents and everything that happened to them; categories and desk groups."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from meterdesk.incidents.rules.audience import Audience
from meterdesk.incidents.rules.responsibility import Area
from meterdesk.incidents.rules.states import OPEN_STATES, Part, State
from meterdesk.incidents.rules.targets import CalendarName, ClockKind, Running, Unit
from meterdesk.platform.fields import EuiField


def _choices(values: type) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]  # type: ignore[attr-defined]  # a StrEnum iterates


class CategoryTarget(models.Model):
    """One of the five categories with its targets (IM-4); provisional until confirmed."""

    category = models.PositiveSmallIntegerField(primary_key=True)
    meaning = models.TextField()
    response_number = models.PositiveIntegerField()
    response_unit = models.TextField(choices=_choices(Unit))
    resolution_number = models.PositiveIntegerField()
    resolution_unit = models.TextField(choices=_choices(Unit))
    calendar = models.TextField(choices=_choices(CalendarName))
    provisional = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"Category {self.category}"


class Policy(models.Model):
    """The one row of settings that the operator's incident policy decides."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reopen_days = models.PositiveSmallIntegerField(default=10)
    provisional = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="incident_policy_one_row")]

    def __str__(self) -> str:
        return "Incident policy"


class DeskGroup(models.Model):
    """A group that incidents are assigned to, at the operator or at a service provider."""

    name = models.TextField()
    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="desk_group_name")
        ]

    def __str__(self) -> str:
        return self.name


class DeskGroupMember(models.Model):
    """A person in a group."""

    group = models.ForeignKey(DeskGroup, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("group", "person", name="desk_group_member_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.group_id}"


_OPEN = Q(state__in=sorted(OPEN_STATES))


class Incident(models.Model):
    """One incident. `seen_by` is every UserId that may know of it: raiser, resolver, interested."""

    reference = models.CharField(max_length=15, unique=True)
    state = models.TextField(choices=_choices(State), default=State.NEW)
    area = models.TextField(choices=_choices(Area))
    category = models.ForeignKey(
        CategoryTarget, on_delete=models.PROTECT, related_name="+", db_column="category"
    )
    impact = models.PositiveSmallIntegerField()
    urgency = models.PositiveSmallIntegerField()
    priority = models.PositiveSmallIntegerField()
    summary = models.CharField(max_length=160)
    notes = models.TextField(blank=True)
    business_impact = models.TextField(blank=True)
    your_reference = models.CharField(max_length=60, blank=True)

    device_id = EuiField(null=True)
    mpxns = ArrayField(models.TextField(), default=list)
    uprn = models.TextField(blank=True)
    postcode = models.TextField(blank=True)
    hub_id = EuiField(null=True)
    hub_model = models.TextField(blank=True)
    hub_version = models.TextField(blank=True)

    raised_for = EuiField(null=True, help_text="Empty: raised by Meterdesk for the operator.")
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    cause = models.TextField(
        blank=True,
        db_default="",
        help_text="What Meterdesk raised it for, so that it does so once.",
    )
    raising_organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    contact = models.JSONField()
    additional_contact = models.JSONField(null=True)

    responsible_organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    responsible_user_id = EuiField(null=True)
    responsible_label = models.TextField()
    responsible_reason = models.TextField()
    assigned_group = models.ForeignKey(
        DeskGroup, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    assigned_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    seen_by = ArrayField(EuiField(), default=list)

    occurred_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    responded_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    resolution = models.TextField(blank=True)
    resolution_code = models.TextField(blank=True)
    repeat_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="repeats"
    )
    diagnosis = models.JSONField(null=True)
    diagnosis_not_run = models.TextField(blank=True)
    form_token = models.UUIDField(null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[State.RESOLVED, State.CLOSED]) | ~Q(resolution=""),
                name="incident_resolution_recorded",
            ),
            models.UniqueConstraint(
                fields=["cause"], condition=~Q(cause=""), name="incident_once_a_cause"
            ),
        ]
        indexes = [
            models.Index(fields=["-raised_at", "-id"], name="incident_newest"),
            models.Index(
                fields=["priority", "raised_at", "id"], condition=_OPEN, name="incident_queue"
            ),
            models.Index(fields=["priority", "raised_at", "id"], name="incident_by_priority"),
            models.Index(fields=["raised_for", "-raised_at", "-id"], name="incident_raised_for"),
            models.Index(
                fields=["responsible_user_id", "-raised_at", "-id"], name="incident_resolver"
            ),
            models.Index(fields=["hub_id"], name="incident_hub"),
            models.Index(fields=["postcode"], name="incident_postcode"),
            models.Index(fields=["uprn"], name="incident_uprn"),
            models.Index(
                fields=["responsible_organisation", "-raised_at", "-id"],
                name="incident_responsible",
            ),
            models.Index(fields=["device_id"], name="incident_device"),
            models.Index(Lower("your_reference"), name="incident_your_reference"),
            models.Index(
                fields=["resolved_at"],
                condition=Q(state=State.RESOLVED),
                name="incident_awaiting_closure",
            ),
            GinIndex(fields=["seen_by"], name="incident_seen_by", fastupdate=False),
            GinIndex(fields=["mpxns"], name="incident_mpxns", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.reference


class IncidentTransition(models.Model):
    """One line of an incident's history: who, from, to, why, at."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="transitions")
    verb = models.TextField()
    from_state = models.TextField(blank=True)
    to_state = models.TextField()
    why = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    part = models.TextField(choices=_choices(Part))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    person_name = models.TextField(blank=True)
    organisation_name = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["incident", "at"], name="incident_history")]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.verb}"


class IncidentUpdate(models.Model):
    """Something written to the others, or a work note; `audience` says who reads it."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    audience = models.TextField(choices=_choices(Audience))
    text = models.TextField()
    part = models.TextField(choices=_choices(Part))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_name = models.TextField()
    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["incident", "at"], name="incident_update_order")]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.audience}"


class IncidentAttachment(models.Model):
    """A file on an incident; read by the same people as an update of its audience."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    audience = models.TextField(choices=_choices(Audience))
    part = models.TextField(choices=_choices(Part))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.file_id}"


class InterestedParty(models.Model):
    """A UserId that is told of the incident, and why (IM-8)."""

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="interested_parties"
    )
    user_id = EuiField()
    why = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint("incident", "user_id", name="interested_once")]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.user_id}"


class ClockInterval(models.Model):
    """A stretch of one of the two clocks; at most one of each clock has no end."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="intervals")
    clock = models.TextField(choices=_choices(ClockKind))
    running = models.TextField(choices=_choices(Running))
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "incident", "clock", condition=Q(ended_at=None), name="clock_one_open_interval"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")),
                name="clock_interval_forwards",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.clock} {self.running}"
