"""Whose meter points are whose, for lists of a party's own: fragments for the SQL of apps above."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection

from meterdesk.kernel.identifiers import eui_to_int

_OWN: Final = """
({0}.supplier = any(%(user_ids)s) or {0}.network_party = any(%(user_ids)s)
 or {0}.agent = any(%(user_ids)s))
"""
_MINE: Final = f"""{_OWN.format("r")}
and r.active_from <= %(at)s and (r.active_to is null or r.active_to > %(at)s)
"""


def registered_there(point: str, premises: str, *, row_by_row: bool) -> str:
    """SQL that says whether one of %(user_ids)s is registered at %(at)s, in any role.

    Args:
        point: SQL of a meter point; empty text or null is none.
        premises: SQL of a UPRN, asked for where there is no meter point.
        row_by_row: keep the planner from reading every registration: for short pages.

    `registration_values` gives the values.
    """
    stop = " offset 0" if row_by_row else ""
    return f"""(
exists (select from registration_meterpoint p
          join registration_registration r on r.meter_point_id = p.id
         where p.mpxn = {point} collate "default" and {_MINE}{stop})
or ({point} is null and exists (
        select from registration_meterpoint p
          join registration_registration r on r.meter_point_id = p.id
         where p.premises_key = 'U' || {premises} collate "default" and {_MINE}{stop})))"""  # noqa: S608  constants only


def registration_values(user_ids: Iterable[str], at: datetime) -> dict[str, Any]:
    """The values of the fragment: UserIds (EUI-64 text) and the instant."""
    return {"user_ids": [eui_to_int(one) for one in user_ids], "at": at}


OWN_POINTS: Final = f"""
registration_meterpoint p
join lateral (
  select r.supplier, r.network_party, r.agent, r.active_from, r.active_to
    from registration_registration r where r.meter_point_id = p.id and {_MINE} offset 0) r on true
left join lateral (
  select min(e.active_to) as change_at
    from registration_registration e
   where r.active_to is not null and e.meter_point_id = p.id and e.active_to >= r.active_to
     and {_OWN.format("e")}
     and not exists (
         select from registration_registration n
          where n.meter_point_id = p.id and n.active_from = e.active_to
            and n.supplier = r.supplier)
  ) later on true
"""  # noqa: S608  constants only
"""SQL behind `from`: meter points p where one of %(user_ids)s is registered at %(at)s, in any role,
as r says; later.change_at is when a registration of theirs there gives way to another supplier's or
ends: of what happens after their time it says nothing."""
DISPUTED: Final = """p.mpxn = any(array(
  select mpxn from registration_misalignment where state = 'OPEN'))"""
"""SQL: the provider's data of meter point p are reported to differ."""

POINTS: Final = f"""
select p.mpxn, p.uprn
  from (select r.meter_point_id from registration_registration r where {_MINE}) mine
  join registration_meterpoint p on p.id = mine.meter_point_id
"""  # noqa: S608  constants only
"""SQL of the same meter points, MPxN and UPRN alone, read by whose they are: when they are few."""
_COUNT: Final = f"""
select count(*) from (
  select from registration_registration r where {_MINE} limit %(most)s) counted
"""  # noqa: S608  constants only


def has_more_points(user_ids: Iterable[str], at: datetime, most: int) -> bool:
    """Whether these UserIds are registered, in any role, at more meter points than `most`.

    Unfiltered: for the system's own use.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, registration_values(user_ids, at) | {"most": most + 1})
        (found,) = cursor.fetchone()
    return bool(found > most)
