"""Who was registered at meter points, and whole premises, as its readers may know it (REG-2)."""

from collections.abc import Collection, Iterable
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
    `then` is not after `now`.
    """
    if not sees_points(actor, component):
        return ()
    mpxns, keys = frozenset(mpxns), frozenset(f"U{uprn}" for uprn in uprns)
    registered = _registered(mpxns, keys, then, now)
    asked = [
        one
        for one in registered
        if one.held_at(then) and (one.parties.mpxn in mpxns or one.premises_key in keys)
    ]
    there = sorted(
        (one.parties for one in asked), key=lambda one: (KIND_ORDER.index(one.kind), one.mpxn)
    )
    if not all(
        may_read_names(actor, component, _user_ids(registered, premises_key, at))
        for premises_key in {one.premises_key for one in asked}
        for at in (then, now)
    ):
        return tuple(PointParties(one.mpxn, one.kind, parties_named(one, {})) for one in there)
    return _told(actor, there)


def _told(actor: Actor, there: Collection[RegisteredParties]) -> tuple[ToldParties, ...]:
    """The parties by name, and what told of them; the file's name for the operator alone."""
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
    """A registration at a premises, until just before an instant, or without end."""

    premises_key: str
    ends_at: datetime | None
    parties: RegisteredParties

    def held_at(self, at: datetime) -> bool:
        """Whether it holds at an instant, its first included and its last not."""
        begins_at = self.parties.since
        return (begins_at is None or begins_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )


def _user_ids(registered: Iterable[_Registered], key: str, at: datetime) -> frozenset[str]:
    """UserIds registered in any role at a premises at an instant."""
    there = (one for one in registered if one.premises_key == key and one.held_at(at))
    return frozenset().union(*(one.parties.user_ids for one in there))


# Everybody at the premises, since they say who reads names, in one statement.
_AT_PREMISES: Final = """
select p.premises_key, r.active_to, p.mpxn, p.kind, r.supplier, r.network_party, r.agent,
       r.active_from, r.source_run, r.source_line
  from registration_meterpoint p
  join registration_registration r on r.meter_point_id = p.id
 where p.premises_key = any(%(keys)s::text[] || array(
         select premises_key from registration_meterpoint where mpxn = any(%(mpxns)s::text[])))
   and r.active_from <= %(now)s and (r.active_to is null or r.active_to > %(then)s)
"""


def _registered(
    mpxns: Collection[str], keys: Collection[str], then: datetime, now: datetime
) -> list[_Registered]:
    """Registrations at these premises, and those of these meter points, from `then` to `now`."""
    given: dict[str, Any] = {"mpxns": list(mpxns), "keys": list(keys), "then": then, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_AT_PREMISES, given)
        return [_read(*row) for row in cursor.fetchall()]


def _read(
    key: str, ends_at: datetime | None, mpxn: str, kind: str, *parties_and_source: Any
) -> _Registered:
    supplier, network_party, agent, *told = parties_and_source
    parties = RegisteredParties(
        mpxn,
        MeterPointKind(kind),
        eui_from_int(supplier),
        eui_from_int(network_party),
        None if agent is None else eui_from_int(agent),
        *told,
    )
    return _Registered(key, ends_at, parties)
