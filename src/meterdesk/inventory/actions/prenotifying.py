"""Pre-notification: Devices put into the inventory as Pending (INV-2, INV-6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from meterdesk.identity.queries import user_id_entries
from meterdesk.identity.rules import Actor
from meterdesk.inventory.access import may_pre_notify_as
from meterdesk.inventory.actions.changing import Origin
from meterdesk.inventory.actions.turns import take_turns
from meterdesk.inventory.events import DeviceStatusChanged, StatusesChanged
from meterdesk.inventory.models import Device
from meterdesk.inventory.queries import listed_firmware
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.inventory.rules.prenotification import (
    Held,
    Listed,
    PreNotification,
    is_new,
    listed_entry,
    may_pre_notify,
)
from meterdesk.kernel.errors import Conflict, Refused
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int
from meterdesk.platform import activity
from meterdesk.platform.events import emit
from meterdesk.platform.intake import copy_into

Answer = PreNotification | Refused | None

_PREPARE: Final = """
drop table if exists notified;
create temporary table notified (
  device_id bigint, device_type text, status text, status_at timestamptz, manufacturer text,
  model text, firmware_version text, smets_chts_version text, gbcs_version text,
  esme_variant text, gpf bigint, user_id bigint, line bigint) on commit drop;
"""
_COLUMNS: Final = (
    "device_id", "device_type", "status", "status_at", "manufacturer", "model",
    "firmware_version", "smets_chts_version", "gbcs_version", "esme_variant", "gpf", "user_id",
    "line",
)  # fmt: skip
_SAID: Final = (
    "device_type, status, manufacturer, model, firmware_version, smets_chts_version,"
    " gbcs_version, esme_variant"
)
_DEVICES: Final = f"""
insert into inventory_device (
  device_id, {_SAID}, status_at, property, csp_region, wan_technology, hub_variant, s1sp,
  connectivity, updated_at, source_run, source_line)
select device_id, {_SAID}, case when status <> '' then status_at end, '', '', '', '', '', '',
       %(at)s, %(run)s, line
  from notified
 order by device_id
on conflict (device_id) do update
   set ({_SAID}, status_at, commissioned_date, updated_at, source_run, source_line) =
       row(excluded.device_type, excluded.status, excluded.manufacturer, excluded.model,
           excluded.firmware_version, excluded.smets_chts_version, excluded.gbcs_version,
           excluded.esme_variant, excluded.status_at, null::date, excluded.updated_at,
           excluded.source_run, excluded.source_line)
"""  # noqa: S608  constants only
_HISTORY: Final = """
insert into inventory_devicestatuschange
       (device_id, at, status, user_id, person_id, run, line, recorded_at)
select device_id, status_at, status, user_id, %(person)s, %(run)s, line, %(at)s
  from notified where status <> '' order by 1, 2 on conflict do nothing
"""
_ASSOCIATIONS: Final = """
insert into inventory_deviceassociation (device_id, associated_id)
select device_id, gpf from notified where gpf is not null on conflict do nothing
"""


def pre_notify(wanted: Sequence[PreNotification], origin: Origin, *, at: datetime) -> list[Answer]:
    """Put Devices into the inventory one after the other, in the open transaction.

    Returns for each what was put in, None when it stood there just so, or why it was refused.

    Args:
        wanted: in the order in which they count.
        origin: kept with each.
        at: the present instant (aware).
    """
    take_turns()
    roles = {
        eui: entry.user_role
        for eui, entry in user_id_entries({one.user_id for one in wanted if one.user_id}).items()
    }
    listed = _listed(wanted)
    held = _held({one.device_id for one in wanted})
    before = {one: there.status for one, there in held.items()}
    answers: list[Answer] = []
    for one in wanted:
        try:
            if one.user_id and one.user_id not in roles:
                raise Refused(
                    f"user_id: {one.user_id} is no UserId of an organisation here.",
                    code="unknown_user_id",
                )
            may_pre_notify(one.device_type, roles.get(one.user_id) if one.user_id else None)
            entry = listed_entry(one, listed.get((one.manufacturer, one.model), ()))
            answer = _completed(one, entry) if is_new(one, held.get(one.device_id)) else None
        except Refused as refused:
            answers.append(refused)
            continue
        if answer:
            status = None if one.device_type.is_type_2 else DeviceStatus.PENDING
            held[one.device_id] = Held(one.details, status, one.at)
        answers.append(answer)
    _write(answers, origin, at)
    _tell(answers, before)
    return answers


def pre_notify_as(
    actor: Actor, user_id: str, wanted: Sequence[PreNotification], *, at: datetime, dry: bool
) -> list[Answer]:
    """Pre-notify Devices in a UserId's name, as `pre_notify` answers; recorded as activity.

    Args:
        actor: somebody who may do so for that UserId.
        user_id: the UserId that says it.
        wanted: the Devices; whoever they name as their UserId, it is this one.
        at: the present instant (aware), which is when it is said.
        dry: answer what would happen and change nothing.

    Raises NotAllowed.
    """
    may_pre_notify_as(actor, user_id)
    said = [replace(one, user_id=user_id, at=at) for one in wanted]
    with transaction.atomic():
        answers = pre_notify(said, Origin(person_id=actor.person_id), at=at)
        put_in = [one for one in answers if isinstance(one, PreNotification)]
        if put_in:
            activity.record(
                actor=actor,
                verb="inventory.pre_notify",
                subject=eui_from_int(put_in[0].device_id)
                if len(put_in) == 1
                else f"{len(put_in)} Devices",
                at=at,
                detail={
                    "user_id": user_id,
                    "devices": [eui_from_int(one.device_id) for one in put_in],
                },
            )
        if dry:
            transaction.set_rollback(True)
    return answers


def pre_notify_one(
    actor: Actor, user_id: str, wanted: PreNotification, *, at: datetime, dry: bool = False
) -> None:
    """Pre-notify one Device in a UserId's name, or with `dry` ask whether that could be done.

    Raises NotAllowed; Refused with the reason, Conflict when the Device stands there already.
    """
    (answer,) = pre_notify_as(actor, user_id, [wanted], at=at, dry=dry)
    if isinstance(answer, Refused):
        raise answer
    if answer is None:
        message = "This Device has been pre-notified already, just so."
        raise Conflict(message, code="already_there", fields={"device_id": message})


def _completed(one: PreNotification, entry: Listed | None) -> PreNotification:
    """With the versions of the products list where they were not given."""
    if entry is None:
        return one
    return replace(
        one,
        smets_chts_version=one.smets_chts_version or entry.smets_chts_version,
        gbcs_version=one.gbcs_version or entry.gbcs_version,
    )


def _listed(wanted: Iterable[PreNotification]) -> dict[tuple[str, str], list[Listed]]:
    models = {(one.manufacturer, one.model) for one in wanted if not one.device_type.is_type_2}
    return {
        key: [
            Listed(
                entry.device_type,
                entry.firmware_version,
                entry.is_current,
                entry.smets_chts_version,
                entry.gbcs_version,
            )
            for entry in entries
        ]
        for key, entries in listed_firmware(models).items()
    }


def _held(ids: Iterable[int]) -> dict[int, Held]:
    rows = Device.objects.filter(pk__in=[eui_from_int(one) for one in ids]).values_list(
        "pk", "device_type", "manufacturer", "model", "firmware_version", "status", "status_at"
    )
    return {
        eui_to_int(eui): Held(tuple(details), DeviceStatus(status) if status else None, status_at)
        for eui, *details, status, status_at in rows
    }


def _write(answers: Iterable[Answer], origin: Origin, at: datetime) -> None:
    last: dict[int, tuple[Any, ...]] = {}
    for index, one in enumerate(answers):
        if isinstance(one, PreNotification):
            line = origin.lines[index] if origin.lines else None
            last[one.device_id] = _row(one, line)
    if not last:
        return
    given = {"at": at, "run": origin.run_id, "person": origin.person_id}
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE)
        copy_into(cursor, "notified", _COLUMNS, last.values())
        for statement in (_DEVICES, _HISTORY, _ASSOCIATIONS):
            cursor.execute(statement, given)


def _row(one: PreNotification, line: int | None) -> tuple[Any, ...]:
    status = "" if one.device_type.is_type_2 else DeviceStatus.PENDING.value
    return (
        one.device_id,
        one.device_type.value,
        status,
        one.at,
        one.manufacturer,
        one.model,
        one.firmware_version,
        one.smets_chts_version,
        one.gbcs_version,
        one.esme_variant,
        one.associated_gpf,
        eui_to_int(one.user_id) if one.user_id else None,
        line,
    )


def _tell(answers: Iterable[Answer], before: Mapping[int, DeviceStatus | None]) -> None:
    changes = tuple(
        DeviceStatusChanged(
            eui_from_int(one.device_id),
            DeviceType(one.device_type),
            None,
            before.get(one.device_id),
            DeviceStatus.PENDING,
            one.at,
        )
        for one in answers
        if isinstance(one, PreNotification) and not one.device_type.is_type_2
    )
    if changes:
        emit(StatusesChanged(changes))
