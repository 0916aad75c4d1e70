"""Who was registered at meter points, and whole premises, as its readers may know it (REG-2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from meterdesk.identity.queries import user_id_entries
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.kernel.identifiers import eui_from_int
from meterdesk.platform.intake.runs import RunSource, run_views, source_in
from meterdesk.registration.access import may_read_names, sees_points
from meterdesk.registration.queries.parties import RegisteredParties
from meterdesk.registration.queries.points import INVENTORY, KIND_ORDER, Parties, parties_named
from meterdesk.registration.rules import MeterPointKind
from meterdesk.registration.rules.days import as_day_ended


@dataclass(frozen=True, slots=True)
class PointParties:
    """Who was registered at a meter point at an instant."""

    mpxn: str
    kind: MeterPointKind
    parties: Parties

    @property
    def fuel(self) -> str:
        """`electricity` or `gas`."""
        return self.kind.fuel


@dataclass(frozen=True, slots=True)
class ToldParties(PointParties):
    """The same for those who are shown the names: since when, and what told of it."""

    since: datetime | None
    source: RunSource | None


def responsible_at(
    actor: Actor,
    mpxns: Iterable[str],
    on: date | None,
    now: datetime,
    component: str = INVENTORY,
) -> tuple[PointParties, ...]:
    """Who was registered at some meter points as a day ended, or is now, as the actor may read it.

    Raises Refused: the day is yet to come.
    """
    return parties_shown(actor, mpxns, (), then=as_day_ended(on, now), now=now, component=component)


def parties_shown(
    actor: Actor,
    mpxns: Iterable[str],
    uprns: Iterable[str],
    *,
    then: datetime,
    now: datetime,
    component: str = INVENTORY,
) -> tuple[PointParties, ...]:
    """What an actor reads of who was registered `then` at these meter points and these UPRNs.

    Names are for those registered at the premises of all of these points both then and now, and
    for the operator: a supplier that lost or has yet to gain a home reads no competitor's name.
    """
    if not sees_points(actor, component):
        return ()
    registered = _registered(mpxns, uprns, then, now)
    there = sorted(
        (one.parties for one in registered if one.is_asked and one.held_then),
        key=lambda one: (KIND_ORDER.index(one.kind), one.mpxn),
    )
    if not _may_read_names(actor, registered, component):
        return tuple(PointParties(one.mpxn, one.kind, parties_named(one, {})) for one in there)
    entries = user_id_entries(frozenset().union(*(one.user_ids for one in there)))
    runs = run_views({one.run for one in there if one.run})
    whole = actor.sees_everything(DeskPermission.NETWORK_DATA)
    return tuple(
        ToldParties(
            one.mpxn,
            one.kind,
            parties_named(one, entries),
            one.since,
            source_in(runs, one.run, one.line, with_file=whole),
        )
        for one in there
    )


class _Registered(NamedTuple):
    """A registration at the premises of what is asked for, that held then or holds now."""

    premises_key: str
    is_asked: bool
    held_then: bool
    holds_now: bool
    parties: RegisteredParties


def _may_read_names(actor: Actor, registered: Iterable[_Registered], component: str) -> bool:
    """Whether the actor may at each premises where somebody was registered then."""
    then: dict[str, set[str]] = {}
    now: dict[str, set[str]] = {}
    for one in registered:
        if one.held_then:
            then.setdefault(one.premises_key, set()).update(one.parties.user_ids)
        if one.holds_now:
            now.setdefault(one.premises_key, set()).update(one.parties.user_ids)
    asked = {one.premises_key for one in registered if one.is_asked and one.held_then}
    return all(
        may_read_names(actor, component, there.get(key, frozenset()))
        for key in asked
        for there in (then, now)
    )


# Everybody at the premises, since they say who reads names, in one statement.
_AT_PREMISES: Final = """
select * from (
  select p.premises_key, p.mpxn = any(%(mpxns)s::text[]) or p.premises_key = any(%(keys)s::text[]),
         r.active_from <= %(then)s and (r.active_to is null or r.active_to > %(then)s) as held_then,
         r.active_from <= %(now)s and (r.active_to is null or r.active_to > %(now)s) as holds_now,
         p.mpxn, p.kind, r.supplier, r.network_party, r.agent, r.active_from, r.source_run,
         r.source_line
    from registration_meterpoint p
    join registration_registration r on r.meter_point_id = p.id
   where p.premises_key = any(%(keys)s::text[] || array(
           select a.premises_key from registration_meterpoint a
            where a.mpxn = any(%(mpxns)s::text[])))) found
 where held_then or holds_now
"""


def _registered(
    mpxns: Iterable[str], uprns: Iterable[str], then: datetime, now: datetime
) -> list[_Registered]:
    given: dict[str, Any] = {
        "mpxns": list(mpxns),
        "keys": [f"U{uprn}" for uprn in uprns],
        "then": then,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AT_PREMISES, given)
        return [_read(*row) for row in cursor.fetchall()]


def _read(
    key: str, is_asked: bool, held_then: bool, holds_now: bool, mpxn: str, kind: str, *told: Any
) -> _Registered:
    supplier, network_party, agent, since, run, line = told
    parties = RegisteredParties(
        mpxn,
        MeterPointKind(kind),
        eui_from_int(supplier),
        eui_from_int(network_party),
        None if agent is None else eui_from_int(agent),
        since,
        run,
        line,
    )
    return _Registered(key, is_asked, held_then, holds_now, parties)
