"""Meter points, their registrations, and what the providers of registration data sent.

Millions of rows in the first two: nothing there that a look-up can spare.
"""

from django.db import models
from django.db.models import F, Q

from meterdesk.platform.fields import EuiField
from meterdesk.registration.rules import MeterPointKind
from meterdesk.registration.rules.files import DueDays, FileState, Fuel
from meterdesk.registration.rules.troubles import (
    Cause,
    Master,
    MisalignmentState,
    RefreshState,
    Side,
)


def _choices(values: type) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]  # type: ignore[attr-defined]  # a StrEnum iterates


class MeterPoint(models.Model):
    """An MPAN or MPRN with its address as registered."""

    mpxn = models.TextField()
    kind = models.TextField(choices=_choices(MeterPointKind))
    property = models.TextField(blank=True)
    street = models.TextField(blank=True)
    town = models.TextField(blank=True)
    postcode = models.TextField(blank=True)
    uprn = models.TextField(blank=True)
    premises_key = models.TextField(help_text="The same for every meter point of a premises.")
    provider_id = models.BigIntegerField(
        null=True, help_text="Whose files speak of it; empty: it came in otherwise."
    )

    class Meta:
        # Not unique=True: that adds a second index, for patterns, that nothing asks for.
        constraints = [models.UniqueConstraint(fields=["mpxn"], name="meterpoint_mpxn")]
        indexes = [
            models.Index(fields=["premises_key"], name="meterpoint_premises"),
            models.Index(fields=["postcode"], name="meterpoint_postcode"),
        ]

    def __str__(self) -> str:
        return self.mpxn


class Registration(models.Model):
    """Who is registered at a meter point from an instant to just before another.

    No two at once at one meter point, and none without its meter point: triggers look at what each
    statement changed, which costs a tenth of an exclusion constraint and spares a lock on each
    meter point (docs/decisions/0010-one-registration-at-a-time.md).
    """

    pk = models.CompositePrimaryKey("meter_point_id", "active_from")
    meter_point = models.ForeignKey(
        MeterPoint,
        on_delete=models.CASCADE,
        related_name="registrations",
        db_index=False,
        db_constraint=False,  # a trigger's
    )
    supplier = EuiField()
    network_party = EuiField()
    agent = EuiField(null=True)
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, help_text="Empty: without end.")
    source_run = models.BigIntegerField(null=True, help_text="The intake run that told of it.")
    source_line = models.BigIntegerField(null=True, help_text="Line, counted through that run.")

    class Meta:
        # For lists of a party's own: its few meter points are found without reading everybody's.
        indexes = [
            models.Index(fields=["supplier"], name="registration_supplier"),
            models.Index(fields=["network_party"], name="registration_network_party"),
            models.Index(
                fields=["agent"], condition=Q(agent__isnull=False), name="registration_agent"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(active_to=None) | Q(active_to__gt=F("active_from")),
                name="registration_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter_point_id} from {self.active_from:%Y-%m-%d}"


class Provider(models.Model):
    """A Registration Data Provider: whose it is, what it sends, and when it is due."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    fuel = models.TextField(choices=_choices(Fuel))
    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    user_id = EuiField(null=True, help_text="Through which a SEC Party is told of incidents.")
    due_days = models.TextField(choices=_choices(DueDays), default=DueDays.WORKING_DAYS)
    due_time = models.TimeField(help_text="London.")
    due_since = models.DateField(help_text="The first day on which a file is due.")
    next_sequence = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.code


class ProviderFile(models.Model):
    """A file of a provider as it was received, and what became of it."""

    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, null=True, related_name="files", db_index=False
    )
    name = models.TextField()
    fuel = models.TextField(choices=_choices(Fuel))
    kind = models.TextField(blank=True)
    sequence = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField(null=True, help_text="By its header.")
    refresh_id = models.BigIntegerField(null=True, help_text="The refresh it answers.")
    run = models.BigIntegerField(null=True, help_text="The intake run in which it came.")
    sha256 = models.TextField(blank=True)
    state = models.TextField(choices=_choices(FileState), default=FileState.RECEIVING)
    code = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    declared = models.PositiveIntegerField(null=True, help_text="Records by its trailer.")
    records = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    ended = models.PositiveIntegerField(default=0, help_text="Ended by a full file's silence.")
    received_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "sequence"],
                condition=Q(state__in=[FileState.HELD, FileState.AWAITING, FileState.APPLIED]),
                name="provider_file_sequence_once",
            )
        ]
        indexes = [
            models.Index(fields=["provider", "-received_at"], name="provider_file_newest"),
            models.Index(fields=["-received_at", "-id"], name="provider_file_all_newest"),
        ]

    def __str__(self) -> str:
        return self.name


class StagedRow(models.Model):
    """A record of a file that is not applied yet; gone once the file is decided."""

    pk = models.CompositePrimaryKey("file_id", "line")
    file = models.ForeignKey(
        ProviderFile,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,  # millions of rows, written and emptied with their file
    )
    line = models.PositiveIntegerField()
    is_withdrawal = models.BooleanField(default=False)
    mpxn = models.TextField()
    kind = models.TextField(blank=True)
    active_from = models.DateTimeField()
    ends = models.DateTimeField(null=True)
    supplier = EuiField(null=True)
    network_party = EuiField(null=True)
    agent = EuiField(null=True)
    property = models.TextField(blank=True)
    street = models.TextField(blank=True)
    town = models.TextField(blank=True)
    postcode = models.TextField(blank=True)
    uprn = models.TextField(blank=True)
    premises_key = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line}"


class RefusedRecord(models.Model):
    """A record of a provider's file that was refused, for the response."""

    pk = models.CompositePrimaryKey("file_id", "line")
    file = models.ForeignKey(
        ProviderFile, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    line = models.PositiveIntegerField()
    mpxn = models.TextField(blank=True)
    code = models.TextField()
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line} {self.code}"


class Trouble(models.Model):
    """Something wrong with what a provider sent or did not send: one row a cause (IM-17)."""

    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, null=True, related_name="troubles", db_index=False
    )
    cause = models.TextField(choices=_choices(Cause))
    key = models.TextField(help_text="What tells it from others of the cause: a day, a sequence.")
    side = models.TextField(choices=_choices(Side))
    summary = models.TextField()
    detail = models.TextField()
    file = models.ForeignKey(
        ProviderFile, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    noticed_at = models.DateTimeField()
    mended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "cause", "key"],
                nulls_distinct=False,
                name="registration_trouble_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["-noticed_at"],
                condition=Q(mended_at=None),
                name="registration_trouble_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.key}"


class Refresh(models.Model):
    """A request that a provider sends its data afresh (REG-3)."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="refreshes")
    mpxns = models.JSONField(default=list, help_text="Empty: everything the provider holds.")
    why = models.TextField()
    state = models.TextField(choices=_choices(RefreshState), default=RefreshState.REQUESTED)
    requested_at = models.DateTimeField()
    requested_by = models.TextField()
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    file = models.ForeignKey(
        ProviderFile, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state=RefreshState.REQUESTED),
                name="registration_refresh_due",
            )
        ]

    def __str__(self) -> str:
        return f"Refresh {self.pk}"


class Misalignment(models.Model):
    """A meter point of which Meterdesk and its provider say different things (REG-3)."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    mpxn = models.TextField()
    what = models.TextField(help_text="Which datum differs.")
    held = models.TextField(help_text="What Meterdesk holds.")
    reported = models.TextField(help_text="What the provider says.")
    master = models.TextField(choices=_choices(Master))
    state = models.TextField(choices=_choices(MisalignmentState), default=MisalignmentState.OPEN)
    reported_at = models.DateTimeField()
    reported_by = models.TextField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mpxn", "what"],
                condition=Q(state=MisalignmentState.OPEN),
                name="registration_misalignment_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.mpxn}: {self.what}"


class ProviderStep(models.Model):
    """A line of history: what changed on a provider, a file, a refresh or a misalignment."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="steps")
    about = models.TextField(help_text="provider, file 12, refresh 3, misalignment 4")
    from_state = models.TextField(blank=True)
    to_state = models.TextField(blank=True)
    why = models.TextField(blank=True)
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["provider", "-at"], name="provider_step_newest")]

    def __str__(self) -> str:
        return f"{self.about}: {self.to_state}"
