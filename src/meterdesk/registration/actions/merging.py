"""Rows of registration merged into what is stored, many meter points at once (REG-1, REG-2).

The rules: a later start closes the period before it; the same start replaces; no end of its own
means until the next start; an end that reaches into a later registration is refused. So the same
rows always lead to the same history, and taking them in again changes nothing. Within one call the
later registrations are those stored and those of earlier lines, refused ones among them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from meterdesk.kernel.worktime import LONDON
from meterdesk.platform.intake import copy_into

POINT = ("kind", "property", "street", "town", "postcode", "uprn", "premises_key")
COLUMNS = ("line", "mpxn", "active_from", "ends", "supplier", "network_party", "agent", *POINT)
_POINT = ", ".join(POINT)
_PARTIES = "supplier, network_party, agent"

_OPEN = """
drop table if exists registration_incoming, registration_next, registration_removed;
create temp table registration_incoming on commit drop as
    select line::bigint, mpxn, active_from, ends, supplier, network_party, agent,
        kind, property, street, town, postcode, uprn, premises_key, is_withdrawal
    from registration_stagedrow with no data;
alter table registration_incoming alter is_withdrawal set default false;
alter table registration_incoming add point bigint;
create temp table registration_removed
    (id bigint, active_from timestamptz, active_to timestamptz) on commit drop;
"""
_WAIT = "select pg_advisory_xact_lock(hashtext('registration:merge'))"
_READY = "create index on registration_incoming (mpxn, active_from); analyze registration_incoming"
# Meter points are found once, each by the index: a join would read the whole country for a batch.
_OTHERS = """
delete from registration_incoming i
where (select p.provider_id from registration_meterpoint p where p.mpxn = i.mpxn) <> %(provider)s
returning i.line, i.mpxn
"""
_FIND = """
update registration_incoming i
set point = (select p.id from registration_meterpoint p where p.mpxn = i.mpxn)
"""
_NEW_POINTS = f"""
insert into registration_meterpoint (mpxn, {_POINT}, provider_id)
select distinct on (mpxn) mpxn, {_POINT}, %(provider)s
from registration_incoming i
where not is_withdrawal
    and (select p.id from registration_meterpoint p where p.mpxn = i.mpxn) is null
order by mpxn, active_from desc
"""  # noqa: S608  the names are this module's own
_OVERLAPS = """
with late as (
    select i.line, i.point as id, least(
        (select min(s.active_from) from registration_registration s
            where s.meter_point_id = i.point and s.active_from > i.active_from),
        (select min(o.active_from) from registration_incoming o
            where o.mpxn = i.mpxn and o.active_from > i.active_from and o.line < i.line)
    ) as following
    from registration_incoming i where i.ends is not null and not i.is_withdrawal
)
delete from registration_incoming i using late
where late.line = i.line and i.ends > late.following and not exists (
    select from registration_registration s
    where s.meter_point_id = late.id and s.active_from = i.active_from
        and s.active_to = late.following
        and (s.supplier, s.network_party, s.agent)
            is not distinct from (i.supplier, i.network_party, i.agent)
)
returning i.line, i.mpxn, late.following
"""
_WITHDRAW = """
with gone as (
    delete from registration_registration r
    using registration_incoming i
    where i.is_withdrawal and r.meter_point_id = i.point and r.active_from = i.active_from
    returning i.line, r.meter_point_id, r.active_from, r.active_to
), kept as (
    insert into registration_removed select meter_point_id, active_from, active_to from gone
)
select line, mpxn from registration_incoming i
where is_withdrawal and not exists (select from gone where gone.line = i.line)
"""
_FULL_REMOVES = """
with spoken as (
    select point as id, min(active_from) as first
    from registration_incoming where point is not null group by point
), gone as (
    delete from registration_registration r using spoken s
    where r.meter_point_id = s.id and r.active_from >= s.first and not exists (
        select from registration_incoming i
        where i.point = r.meter_point_id and i.active_from = r.active_from
    )
    returning r.meter_point_id, r.active_from, r.active_to
)
insert into registration_removed select * from gone
"""
_FULL_ENDS = """
with silent as (
    select id from registration_meterpoint p
    where provider_id = %(provider)s
        and not exists (select from registration_incoming i where i.point = p.id)
), gone as (
    delete from registration_registration r using silent s
    where r.meter_point_id = s.id and r.active_from >= %(full_from)s
    returning s.id
), ended as (
    update registration_registration r set active_to = %(full_from)s from silent s
    where r.meter_point_id = s.id and r.active_from < %(full_from)s
        and (r.active_to is null or r.active_to > %(full_from)s)
    returning s.id
)
select count(*) from (select id from gone union select id from ended) as changed
"""
_NEXT = f"""
create temp table registration_next on commit drop as
with spoken as materialized (
    select line, point as id, active_from, ends, supplier, network_party, agent
    from registration_incoming where not is_withdrawal
), points as (
    select distinct id from spoken union select id from registration_removed
), joined as (
    select n.line, coalesce(n.id, s.meter_point_id) as id,
        coalesce(n.active_from, s.active_from) as active_from,
        case when n.line is not null then n.ends
            when exists (select from registration_removed g
                where g.id = s.meter_point_id and g.active_from = s.active_to) then null
            else s.active_to end as ends,
        case when n.line is null then s.supplier else n.supplier end as supplier,
        case when n.line is null then s.network_party else n.network_party end as network_party,
        case when n.line is null then s.agent else n.agent end as agent,
        s.meter_point_id is not null as is_stored, s.active_to as old_to,
        s.supplier as old_supplier, s.network_party as old_network_party, s.agent as old_agent
    from spoken n full join (
        select r.* from points cross join lateral (
            select * from registration_registration where meter_point_id = points.id offset 0
        ) r
    ) s on s.meter_point_id = n.id and s.active_from = n.active_from
), chained as (
    select *, least(ends, lead(active_from) over (partition by id order by active_from))
        as active_to,
        row_number() over (partition by id order by active_from desc) = 1 as is_last
    from joined
)
select line, id, active_from, active_to, {_PARTIES}, is_stored, is_last,
    is_stored and (active_to, {_PARTIES}) is distinct from
        (old_to, old_supplier, old_network_party, old_agent) as is_changed
from chained
"""  # noqa: S608
_CHANGE = """
update registration_registration r
set active_to = n.active_to, supplier = n.supplier, network_party = n.network_party,
    agent = n.agent,
    source_run = case when n.line is null then r.source_run else %(run)s end,
    source_line = coalesce(n.line, r.source_line)
from registration_next n
where n.is_changed and r.meter_point_id = n.id and r.active_from = n.active_from
    and r.meter_point_id = any(array(select id from registration_next where is_changed))
"""
_ADD = f"""
insert into registration_registration
    (meter_point_id, active_from, active_to, {_PARTIES}, source_run, source_line)
select id, active_from, active_to, {_PARTIES}, %(run)s, line
from registration_next where not is_stored
"""  # noqa: S608
_MOVE = f"""
with told as (
    select n.id, i.line, {", ".join(f"i.{name}" for name in POINT)}
    from registration_incoming i join registration_next n using (line) where n.is_last
), differing as materialized (
    select t.* from told t cross join lateral (
        select p.* from registration_meterpoint p where p.id = t.id offset 0) p
    where ({", ".join(f"p.{name}" for name in POINT)})
            is distinct from ({", ".join(f"t.{name}" for name in POINT)})
        or p.provider_id is distinct from coalesce(%(provider)s, p.provider_id)
), moved as (
    update registration_meterpoint p
    set ({_POINT}, provider_id)
        = ({", ".join(f"i.{name}" for name in POINT)}, coalesce(%(provider)s, p.provider_id))
    from differing i
    where p.id = i.id and p.id = any(array(select id from differing))
    returning i.line
)
select count(*) filter (where not is_stored or is_changed or line in (select line from moved)),
    count(*)
from registration_next where line is not null
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that could not be merged: its line, its meter point, why."""

    line: int
    mpxn: str
    code: str
    reason: str


@dataclass(slots=True)
class Merged:
    """What merging did; `ended` counts meter points that a full file is silent about."""

    accepted: int = 0
    unchanged: int = 0
    ended: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


def wait_for_turn(cursor: Any) -> None:
    """Wait for everybody who merges: rows of one meter point are never merged by two at once."""
    cursor.execute(_WAIT)


def open_incoming(cursor: Any) -> None:
    """Make the temporary table of rows to merge, in the caller's transaction, in its turn."""
    wait_for_turn(cursor)
    cursor.execute(_OPEN)


def fill_incoming(cursor: Any, rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows, with values in the order of COLUMNS, each meter point and start only once."""
    copy_into(cursor, "registration_incoming", COLUMNS, rows)


def merge_incoming(
    cursor: Any,
    *,
    run_id: int | None = None,
    provider_id: int | None = None,
    full_from: datetime | None = None,
) -> Merged:
    """Merge the rows of the temporary table.

    Args:
        cursor: in the transaction of `open_incoming`.
        run_id: the intake run that tells of them, with their lines.
        provider_id: whose file it is; rows about another provider's meter points are refused.
        full_from: set for a full file: what it is silent about ends at this instant.
    """
    given = {"run": run_id, "provider": provider_id, "full_from": full_from}
    merged = Merged()
    if provider_id is not None:
        cursor.execute(_OTHERS, given)
        merged.refused += [_others(*row) for row in cursor.fetchall()]
    cursor.execute(_NEW_POINTS, given)
    cursor.execute(_FIND)
    cursor.execute(_READY)
    if provider_id is not None:
        cursor.execute(_WITHDRAW)
        merged.refused += [_not_there(*row) for row in cursor.fetchall()]
    if full_from is not None:
        cursor.execute(_FULL_REMOVES)
        cursor.execute(_FULL_ENDS, given)
        merged.ended = cursor.fetchone()[0]
    cursor.execute(_OVERLAPS)
    merged.refused += [_overlaps(*row) for row in cursor.fetchall()]
    cursor.execute(_NEXT)
    cursor.execute("analyze registration_next")
    cursor.execute(_CHANGE, given)
    cursor.execute(_ADD, given)
    cursor.execute(_MOVE, given)
    changed, kept = cursor.fetchone()
    cursor.execute("select count(*) from registration_incoming where is_withdrawal")
    withdrawn = cursor.fetchone()[0] - sum(
        one.code == "nothing_to_withdraw" for one in merged.refused
    )
    merged.accepted = changed + withdrawn
    merged.unchanged = kept - changed
    return merged


def _others(line: int, mpxn: str) -> RefusedRow:
    return RefusedRow(line, mpxn, "other_provider", "Another provider speaks of this meter point.")


def _not_there(line: int, mpxn: str) -> RefusedRow:
    reason = "No registration of this meter point begins on this date."
    return RefusedRow(line, mpxn, "nothing_to_withdraw", reason)


def _overlaps(line: int, mpxn: str, following: datetime) -> RefusedRow:
    day = following.astimezone(LONDON).date()
    reason = (
        f"It ends after {day:%Y-%m-%d}, when a later registration begins. "
        "Leave effective_to empty or end it there."
    )
    return RefusedRow(line, mpxn, "overlaps", reason)
