"""The trail's tables.

Messages live in `trail_message`, partitioned by UTC day, which Django's model layer does not
describe: its columns are COLUMNS, its row is read by `message_of` and written by `row_of`.
Another engine for messages would stand behind the same two functions and `queries`, `actions`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db import models
from psycopg.types.json import Jsonb

from meterdesk.platform.fields import EuiField
from meterdesk.trail.rules import (
    KINDS,
    MODES,
    REGIONS,
    STATUSES,
    Answer,
    History,
    Message,
    MessageKind,
    Status,
    code_of,
    from_signed,
    to_signed,
)
from meterdesk.trail.rules.variants import variant_code, variant_of_code

COLUMNS = (
    "device_id",
    "received_at",
    "fingerprint",
    "party",
    "target",
    "counter",
    "responded_at",
    "gbcs_sequence",
    "kind",
    "status",
    "mode",
    "region",
    "srv",
    "command_variant",
    "anomaly",
    "id_used_again",
    "code",
    "response_id",
    "mpxn",
    "preceding",
    "alert_id",
    "history",
)
TYPES = (
    *("int8", "timestamptz", "int8", "int8", "int8", "int8", "timestamptz", "int8"),
    *("int2",) * 6,
    *("bool", "bool", "text", "text", "text", "text", "text", "jsonb"),
)


def row_of(message: Message) -> tuple[Any, ...]:
    """The message as values of COLUMNS."""
    answer = message.answer
    return (
        message.device_id,
        message.received_at,
        message.fingerprint,
        message.party,
        message.target,
        to_signed(message.counter),
        answer.responded_at,
        None if message.gbcs_sequence is None else to_signed(message.gbcs_sequence),
        code_of(message.kind),
        code_of(answer.status),
        code_of(message.mode),
        code_of(message.region),
        variant_code(message.srv) if message.srv else None,
        message.command_variant,
        message.anomaly,
        message.id_used_again,
        message.alert_code or answer.code or None,
        answer.response_id or None,
        message.mpxn or None,
        message.preceding or None,
        message.alert_id or None,
        _steps(message),
    )


def message_of(row: tuple[Any, ...]) -> Message:
    """The message of a row of COLUMNS."""
    value = dict(zip(COLUMNS, row, strict=True))
    kind: Any = KINDS[value["kind"]]
    status: Any = STATUSES[value["status"]]
    mode: Any = MODES[value["mode"]]
    region: Any = REGIONS[value["region"]]
    received_at = value["received_at"].astimezone(UTC)
    responded_at, code = value["responded_at"], value["code"] or ""
    is_alert = kind is not MessageKind.REQUEST
    return Message(
        kind=kind,
        device_id=value["device_id"],
        received_at=received_at,
        fingerprint=value["fingerprint"],
        party=value["party"],
        mode=mode,
        region=region,
        answer=Answer(
            status,
            responded_at and responded_at.astimezone(UTC),
            "" if is_alert else code,
            value["response_id"] or "",
        ),
        target=value["target"],
        counter=from_signed(value["counter"]),
        srv=variant_of_code(value["srv"]).srv if value["srv"] else "",
        command_variant=value["command_variant"],
        alert_id=value["alert_id"] or "",
        alert_code=code if is_alert else "",
        gbcs_sequence=_unsigned(value["gbcs_sequence"]),
        mpxn=value["mpxn"] or "",
        preceding=value["preceding"] or "",
        anomaly=value["anomaly"],
        id_used_again=value["id_used_again"],
        history=_history(value["history"], received_at),
    )


def _unsigned(number: int | None) -> int | None:
    return None if number is None else from_signed(number)


def _steps(message: Message) -> Jsonb | None:
    """Compact JSON: status, a simplified one as its number, and microseconds since receipt."""
    if not message.history:
        return None
    steps = [
        [_STEP_CODES.get(name, name), (at - message.received_at) // _MICROSECOND]
        for name, at in message.history
    ]
    return Jsonb(steps, orjson.dumps)


_MICROSECOND = timedelta(microseconds=1)
_STEP_CODES: dict[str, int] = {status.value: code_of(status) for status in Status}


def _history(stored: Any, received_at: datetime) -> History:
    if isinstance(stored, Jsonb):
        stored = stored.obj
    steps = orjson.loads(stored) if isinstance(stored, str) else stored or ()
    return tuple(
        (
            name if isinstance(name, str) else str(STATUSES[name]),
            received_at + timedelta(microseconds=after),
        )
        for name, after in steps
    )


class Document(models.Model):
    """A DUIS document taken in: what proves that the same one came again.

    Its signature was checked by the network's gateway, not here.
    """

    id = models.BigAutoField(primary_key=True)
    request_id = models.CharField(max_length=70)
    digest = models.BinaryField(max_length=32)
    device_id = EuiField()
    received_at = models.DateTimeField()
    fingerprint = models.BigIntegerField()
    schema_checked = models.BooleanField()
    filename = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request_id", "digest", "filename"], name="trail_document_once"
            )
        ]
        indexes = [models.Index(fields=["device_id", "received_at"], name="trail_document_message")]

    def __str__(self) -> str:
        return self.request_id


class Freshness(models.Model):
    """One row: the latest receipt the trail holds (SSI-NFR-35)."""

    id = models.SmallIntegerField(primary_key=True)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.received_at.isoformat()


class UnnotedDay(models.Model):
    """A UTC day whose messages came before intake noted when Devices were last heard of."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return self.day.isoformat()


class _ArchivedDays(models.QuerySet["ArchivedDay"]):
    """Days in the archive."""

    def readable(self) -> "_ArchivedDays":
        """Those whose file is whole and still kept, oldest first."""
        return self.filter(archived_at__isnull=False).exclude(path="").order_by("day")


class ArchivedDay(models.Model):
    """A UTC day in the archive, or on its way there; intake adds nothing to it any more.

    While `archived_at` is empty its file may be half written and its partition is still online.
    Without a path the file was removed, its years being over.
    """

    day = models.DateField(primary_key=True)
    path = models.CharField(max_length=255)
    rows = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="")
    archived_at = models.DateTimeField(null=True)
    objects = _ArchivedDays.as_manager()

    def __str__(self) -> str:
        return self.path


class ArchiveRequest(models.Model):
    """Somebody's search of the archive; what it found is in `trail_recalled` until it expires."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "WAITING", "Waiting"
        READY = "READY", "Ready"
        FAILED = "FAILED", "Failed"

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField()
    username = models.CharField(max_length=150)
    meter_reads = models.BooleanField()
    search = models.JSONField()
    scope = models.CharField(max_length=64)
    days = models.JSONField()
    days_done = models.IntegerField(default=0)
    found = models.IntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    note = models.CharField(max_length=400, default="")
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person_id", "-id"], name="trail_request_person")]

    def __str__(self) -> str:
        return f"{self.username}: {self.search}"
