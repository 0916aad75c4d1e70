"""Pre-notifications from CSV or NDJSON (INV-2).

Format: docs/reference/formats/prenotification.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from django.utils import timezone

from meterdesk.inventory.actions import Origin, pre_notify
from meterdesk.inventory.intake.fields import (
    EARLIEST,
    TYPES,
    VARIANTS,
    choice,
    device_number,
    hexadecimal,
    is_ndjson,
    read,
    refuse,
    via,
    when,
)
from meterdesk.inventory.rules import DeviceType
from meterdesk.inventory.rules.prenotification import PreNotification
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int, parse_eui
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, Source, read_csv, read_ndjson

NOW: Final = EARLIEST
"""Stands for the present until the batch is applied, when it was not said."""


def parse_pre_notification(row: Mapping[str, Any]) -> PreNotification:
    """One row or object as a record; raises Refused with the column and the reason."""
    given_id, kind = read(row, "device_id"), choice(row, "device_type", TYPES)
    if not given_id:
        raise refuse("device_id", "is missing.", "no_device_id")
    if not kind:
        raise refuse("device_type", "is missing.", "no_device_type")
    device_id, at, gpf = (
        device_number("device_id", given_id),
        read(row, "at"),
        read(row, "associated_gpf"),
    )
    variant = choice(row, "esme_variant", VARIANTS)
    if variant and kind != DeviceType.ESME:
        raise refuse("esme_variant", "only an electricity meter has one.", "wrong_kind")
    proxy = device_number("associated_gpf", gpf) if gpf else None
    if proxy == device_id:
        raise refuse("associated_gpf", "names the Device itself.", "associated_with_itself")
    return PreNotification(
        device_id=device_id,
        device_type=DeviceType(kind),
        manufacturer=hexadecimal(row, "manufacturer", 30),
        model=hexadecimal(row, "model", 30),
        at=when("at", at) if at else NOW,
        firmware_version=hexadecimal(row, "firmware_version", 8),
        smets_chts_version=read(row, "smets_chts_version", 20),
        gbcs_version=read(row, "gbcs_version", 20),
        esme_variant=variant,
        associated_gpf=proxy,
        user_id=via(parse_eui, row, "user_id"),
    )


def _read(source: Source, _options: Mapping[str, str]) -> Iterator[tuple[int, Any] | Refusal]:
    if is_ndjson(source):
        return read_ndjson(source, parse_pre_notification)
    return read_csv(source, ("device_id", "device_type"), parse_pre_notification)


def _apply(batch: Batch) -> Outcome:
    now, outcome = timezone.now(), Outcome()
    wanted = [one if one.at is not NOW else replace(one, at=now) for _line, one in batch.records]
    lines = [line for line, _one in batch.records]
    answers = pre_notify(wanted, Origin(batch.run_id or None, lines), at=now)
    for line, one, answer in zip(lines, wanted, answers, strict=True):
        if answer is None:
            outcome.unchanged += 1
        elif isinstance(answer, Refused):
            begins = eui_from_int(one.device_id)
            outcome.refused.append(Refusal(line, answer.code, answer.message, begins))
        else:
            outcome.accepted += 1
            outcome.noted[f"{answer.device_type.label}, Pending"] += 1
    return outcome


PRE_NOTIFICATIONS: Final = Intake("prenotification", "Pre-notification of Devices", _read, _apply)
