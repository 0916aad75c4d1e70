"""Changes of SMI Status: judged one by one against what is known, written set by set."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from meterdesk.inventory.actions.telling import note_for_network_parties
from meterdesk.inventory.actions.turns import take_turns
from meterdesk.inventory.actions.world import world_around
from meterdesk.inventory.events import DeviceStatusChanged, StatusesChanged
from meterdesk.inventory.rules import Accepted, DeviceStatus, StatusRequest, judge
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int
from meterdesk.platform.events import emit
from meterdesk.platform.intake import copy_into

_PREPARE: Final = """
drop table if exists changing;
create temporary table changing (
  device_id bigint, at timestamptz, status text, reason text, user_id bigint, person_id bigint,
  run bigint, line bigint, is_last boolean, commissioned boolean) on commit drop;
"""
_COLUMNS: Final = (
    "device_id", "at", "status", "reason", "user_id", "person_id", "run", "line", "is_last",
    "commissioned",
)  # fmt: skip
_REMEMBER: Final = """
insert into inventory_devicestatuschange
       (device_id, at, status, reason, user_id, person_id, run, line, recorded_at)
select device_id, at, status, reason, user_id, person_id, run, line, %(at)s from changing
 order by device_id, at on conflict do nothing
"""
# Devices are found each by the index: a join would read the whole country for a batch.
_APPLY: Final = """
update inventory_device d
   set status = c.status, status_at = c.at, updated_at = %(at)s,
       commissioned_date = coalesce(first.day, d.commissioned_date)
  from changing c
  left join lateral (
       select max((x.at at time zone 'Europe/London')::date) as day from changing x
        where x.device_id = c.device_id and x.commissioned) first on true
 where c.is_last and d.device_id = c.device_id
   and d.device_id = any(array(select device_id from changing))
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where requests come from: a person, or a run of the intake with the line of each."""

    run_id: int | None = None
    lines: Sequence[int] = ()
    person_id: int | None = None


def change_statuses(
    requests: Sequence[StatusRequest], origin: Origin, *, at: datetime
) -> list[Accepted | Refused | None]:
    """Take requests one after the other, each whole or not at all, in the open transaction.

    Returns for each the step it took, None when that was known already, or why it was refused
    (INV-3 to INV-5). What follows from another request of the same batch is seen.

    Args:
        requests: in the order in which they count.
        origin: kept with each change.
        at: the present instant (aware).
    """
    take_turns()
    world = world_around(requests)
    answers: list[Accepted | Refused | None] = []
    for request in requests:
        try:
            answer = judge(request, world)
        except Refused as refused:
            answers.append(refused)
            continue
        if answer:
            world.note(request)
        answers.append(answer)
    _write(answers, origin, at)
    _tell([one for one in answers if isinstance(one, Accepted)], at)
    return answers


def _write(answers: Sequence[object], origin: Origin, at: datetime) -> None:
    rows = list(_rows(answers, origin))
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE)
        copy_into(cursor, "changing", _COLUMNS, rows)
        cursor.execute("create index on changing (device_id)")
        cursor.execute("analyze changing")
        cursor.execute(_REMEMBER, {"at": at})
        cursor.execute(_APPLY, {"at": at})


def _rows(answers: Sequence[object], origin: Origin) -> Iterator[tuple[Any, ...]]:
    last = {
        answer.request.device_id: index
        for index, answer in enumerate(answers)
        if isinstance(answer, Accepted)
    }
    for index, answer in enumerate(answers):
        if isinstance(answer, Accepted):
            asked = answer.request
            yield (
                asked.device_id,
                asked.at,
                asked.after.value,
                asked.reason,
                eui_to_int(asked.user_id) if asked.user_id else None,
                origin.person_id,
                origin.run_id,
                origin.lines[index] if origin.lines else None,
                last[asked.device_id] == index,
                asked.after is DeviceStatus.COMMISSIONED
                and (answer.before.status is None or answer.before.status.is_before_use),
            )


def _tell(accepted: Iterable[Accepted], at: datetime) -> None:
    changes = tuple(
        DeviceStatusChanged(
            eui_from_int(one.request.device_id),
            one.before.device_type,
            one.before.mpxn,
            one.before.status,
            one.request.after,
            one.request.at,
        )
        for one in accepted
    )
    if changes:
        note_for_network_parties(changes, at=at)
        emit(StatusesChanged(changes))
