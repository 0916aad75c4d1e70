"""Tables without business words."""

from django.db import models
from django.db.models import F, Func, Q, Value

_AREA = Func(
    F("verb"), Value("."), Value(1), function="split_part", output_field=models.TextField()
)
_DID_NOT_SUCCEED = Q(verb__regex=r"(_failed|_refused|\.lock)$")
"""The same as platform.activity.wording.FAILED, which queries ask for."""


class ActivityEntry(models.Model):
    """One thing somebody did. The app role may insert and read, never update or delete."""

    at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)
    username = models.TextField()
    organisation_id = models.BigIntegerField(null=True)
    request_id = models.TextField(default="")
    verb = models.TextField()
    subject = models.TextField()
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="activity_newest"),
            models.Index(fields=["organisation_id", "-at", "-id"], name="activity_newest_of"),
            models.Index(fields=["subject", "-at"], name="activity_by_subject"),
            models.Index(fields=["person_id", "-at"], name="activity_by_person"),
            models.Index(fields=["verb", "-at", "-id"], name="activity_of_verb"),
            models.Index(
                fields=["organisation_id", "verb", "-at", "-id"], name="activity_of_verb_of"
            ),
            models.Index(_AREA, F("at").desc(), F("id").desc(), name="activity_of_area"),
            models.Index(
                F("organisation_id"),
                _AREA,
                F("at").desc(),
                F("id").desc(),
                name="activity_of_area_of",
            ),
            models.Index(fields=["-at", "-id"], condition=_DID_NOT_SUCCEED, name="activity_failed"),
            models.Index(
                fields=["organisation_id", "-at", "-id"],
                condition=_DID_NOT_SUCCEED,
                name="activity_failed_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.username} {self.verb} {self.subject}"


class IntakeRun(models.Model):
    """One file taken in, with its progress; safe to run again, survives being killed."""

    class State(models.TextChoices):
        """Where a run stands. STOPPED: its process went away; run the file again."""

        WAITING = "WAITING", "Waiting"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Could not be read"
        STOPPED = "STOPPED", "Stopped"

    kind = models.TextField()
    filename = models.TextField()
    lines_total = models.BigIntegerField(default=0)
    lines_read = models.BigIntegerField(default=0)
    state = models.TextField(choices=State.choices, default=State.WAITING)
    accepted = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    note = models.TextField(default="")
    options = models.JSONField(default=dict)
    files = models.JSONField(default=list, help_text="Uploaded files: name, and where stored.")
    started_by = models.TextField(default="system")
    created_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "-finished_at"], name="intake_run_freshness"),
            models.Index(
                fields=["kind"], condition=models.Q(state="RUNNING"), name="intake_run_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.filename} {self.state}"


class IntakeRefusal(models.Model):
    """A record that an intake run refused: where, why, and what it said."""

    run = models.ForeignKey(
        IntakeRun, on_delete=models.CASCADE, related_name="refusals", db_index=False
    )
    file = models.TextField(default="")
    line = models.BigIntegerField()
    code = models.TextField()
    reason = models.TextField()
    excerpt = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["run", "id"], name="intake_refusal_in_order")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class Counter(models.Model):
    """A counter shared by workers (rate limits, lock-out) in a window; table is unlogged."""

    key = models.TextField(primary_key=True)
    window_ends_at = models.DateTimeField()
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.key}={self.count}"


class StoredFile(models.Model):
    """A file kept outside the web root under a random name; owned by the row that points at it."""

    name = models.TextField()
    stored_as = models.TextField(unique=True)
    content_type = models.TextField()
    size_bytes = models.BigIntegerField()
    sha256 = models.TextField()
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """The first answer to a POST with an Idempotency-Key, encrypted and kept for a day."""

    person_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("person_id", "key", name="idempotency_key_once")]
        indexes = [models.Index(fields=["at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return self.key


class TableChoice(models.Model):
    """What a person chose of one table: columns not to show, and rows a page."""

    person_id = models.BigIntegerField()
    table = models.TextField()
    hidden = models.JSONField(default=list)
    page_size = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("person_id", "table", name="table_choice_once")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.table}"


class ActivitySeal(models.Model):
    """The digest over the seal before it and the activity of the transactions since."""

    upto_transaction = models.BigIntegerField()
    entries = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.pk} of {self.entries} entries"


class FeedAlarm(models.Model):
    """A kind whose data has become too old: that it was told, until it comes again."""

    kind = models.CharField(primary_key=True, max_length=40)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.kind


class InboxTry(models.Model):
    """A file of the inbox that was begun and has not come to its end: how often, and when next."""

    kind = models.TextField()
    name = models.TextField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("kind", "name", name="inbox_try_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.tries}"
