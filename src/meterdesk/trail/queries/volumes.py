"""How many messages there were: read from the counts kept at intake (AUD-1, GW-3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.db import connection

from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int
from meterdesk.trail.access import SERVICE_AUDIT, visible_to
from meterdesk.trail.rules import MODES, STATUSES, Mode, Status, code_of
from meterdesk.trail.rules.variants import VARIANTS, variant_code, variant_of_code
from meterdesk.trail.rules.volumes import TIMINGS, Timing, VolumeSearch, target_of

_WHOSE: Final = "everyone = %(everyone)s and party = any(%(parties)s::int8[])"
_IN_MONTH: Final = "day >= %(from_date)s and day < %(to_date)s"
# Targets are looked up by place in an array, which costs a tenth of a join.
_ON_TARGET: Final = (
    "case when timing > 0"
    f" then timing <= nullif((%(targets)s::int2[])[srv * {len(MODES)} + mode], 0) end"
)
_SERVICES: Final = f"""
select null::date, srv, mode, status, timing, {_ON_TARGET}, sum(messages)::int8
  from trail_volume_month where {_WHOSE} and month = %(from_date)s {{which}}
 group by srv, mode, status, timing having sum(messages) > 0
"""  # noqa: S608  constants
_DAYS: Final = f"""
select day, null::int2, null::int2, status, timing, on_target, sum(messages)::int8
  from (select day, status, timing, {_ON_TARGET} as on_target, messages
          from ({{counts}}) counts) counted
 group by day, status, timing, on_target having sum(messages) > 0
"""  # noqa: S608  constants
_OF_SERVICES: Final = f"""
select * from trail_volume_day
 where {_WHOSE} and day = any(%(days)s::date[]) and srv = any(%(srvs)s::int2[])
"""  # noqa: S608  constants
# All services of a mode are together there, under 0. Those that are due at other times than their
# mode's are taken out and put in as themselves.
_OF_MODES: Final = f"""
select day, 0 as srv, mode, status, timing, messages from trail_volume_mode
 where {_WHOSE} and {_IN_MONTH}
union all
select day, moved.srv, mode, status, timing, moved.messages
  from ({_OF_SERVICES}) own
 cross join lateral (values (0, -own.messages), (own.srv, own.messages)) moved(srv, messages)
"""  # noqa: S608  constants
# One statement each, so that services and days are counted at one moment.
_SUMMARY: Final = f"{_SERVICES.format(which='')} union all {_DAYS.format(counts=_OF_MODES)}"
_SUMMARY_OF_ONE: Final = "{} union all {}".format(
    _SERVICES.format(which="and srv = any(%(srvs)s::int2[])"),
    _DAYS.format(counts=_OF_SERVICES),
)
_ROWS: Final = f"""
select day, srv, mode, status, timing, {_ON_TARGET}, sum(messages)::int8
  from trail_volume_day where {_WHOSE} and {_IN_MONTH}
   and (%(srv)s::int2 is null or srv = %(srv)s)
 group by day, srv, mode, status, timing having sum(messages) > 0
"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Volume:
    """Messages of one day, one service, or all together, by status and response time class.

    Attributes:
        day: of receipt in Europe/London; None for all days of the month.
        srv: empty for alerts, and for all services together.
        mode: None for all modes together.
        on_target: responses within the target response time of their service and mode.
        with_target: responses to services that have a target; the others are in neither.
    """

    messages: int
    statuses: Mapping[Status, int]
    timings: Mapping[Timing, int]
    on_target: int
    with_target: int
    day: date | None = None
    srv: str = ""
    mode: Mode | None = None

    @property
    def label(self) -> str:
        """The service in words, or what sort of alert it is."""
        return VARIANTS[self.srv].label if self.srv else str(self.mode or "All messages")

    @property
    def success(self) -> int:
        """Messages that succeeded; every alert did, for it was delivered."""
        return self.statuses.get(Status.SUCCESS, 0)

    @property
    def failure(self) -> int:
        """Messages that failed."""
        return self.statuses.get(Status.FAILURE, 0)

    @property
    def in_progress(self) -> int:
        """Messages that wait for their response."""
        return self.statuses.get(Status.IN_PROGRESS, 0)

    @property
    def share_on_target(self) -> float | None:
        """Per cent of responses with a target that were within it; None without any."""
        return 100 * self.on_target / self.with_target if self.with_target else None

    @property
    def target(self) -> str:
        """The target response time of this service and mode in words; empty without one."""
        if not self.srv or self.mode is None:
            return ""
        timing = target_of(VARIANTS[self.srv].reference, self.mode)
        return _TARGET_WORDS.get(timing, "") if timing else ""

    @property
    def timed_words(self) -> list[tuple[str, int]]:
        """The response time classes that there are, in words."""
        return [
            (TIMINGS[timing], messages)
            for timing, messages in self.timings.items()
            if messages and timing is not Timing.ALERT
        ]

    def timed(self, timing: Timing) -> int:
        """Messages of a response time class."""
        return self.timings.get(timing, 0)


_TARGET_WORDS: Final = {
    Timing.WITHIN_30_SECONDS: "30 seconds",
    Timing.WITHIN_24_HOURS: "24 hours",
    Timing.WITHIN_5_DAYS: "5 days",
}


@dataclass(frozen=True, slots=True)
class MonthlyFigures:
    """A month of messages: by service and mode, most first; by day; and together."""

    search: VolumeSearch
    user_ids: tuple[str, ...]
    total: Volume
    services: tuple[Volume, ...]
    days: tuple[Volume, ...]


def volume_user_ids(actor: Actor) -> tuple[str, ...]:
    """UserIds whose messages the actor may count, in order; for the operator none: all are."""
    return tuple(sorted(map(eui_from_int, visible_to(actor, SERVICE_AUDIT).parties)))


def monthly_figures(actor: Actor, search: VolumeSearch) -> MonthlyFigures:
    """The month's messages of the UserIds the actor acts for, or of one of them.

    Exact as of the last batch taken in, late responses included. The operator's staff with
    network data see all, or any one UserId.

    Raises:
        Refused: the UserId is not one the actor acts for, or there is none (unknown_user_id).
    """
    counts = _counts(_SUMMARY_OF_ONE if search.srv else _SUMMARY, _given(actor, search))
    by_day = _volumes(count for count in counts if count.day)
    by_service = _volumes(count for count in counts if not count.day)
    everything = _volumes(count._replace(day=None) for count in counts if count.day)
    return MonthlyFigures(
        search=search,
        user_ids=volume_user_ids(actor),
        total=everything[0] if everything else _NOTHING,
        services=tuple(
            sorted(by_service, key=lambda one: (-one.messages, one.label, str(one.mode)))
        ),
        days=_every_day(search, by_day),
    )


def monthly_rows(actor: Actor, search: VolumeSearch) -> tuple[Volume, ...]:
    """The same month by day, service and mode, in this order. Raises as `monthly_figures`."""
    rows = _volumes(_counts(_ROWS, _given(actor, search)))
    return tuple(sorted(rows, key=lambda one: (one.day, one.srv, str(one.mode))))


def _given(actor: Actor, search: VolumeSearch) -> dict[str, Any]:
    sight = visible_to(actor, SERVICE_AUDIT)
    parties, everyone = list(sight.parties), sight.everything
    if search.user_id:
        chosen = eui_to_int(search.user_id)
        if not everyone and chosen not in parties:
            message = "There is no such UserId that you act for. Leave it out, or choose another."
            raise Refused(message, code="unknown_user_id", fields={"user_id": message})
        parties, everyone = [chosen], False
    return {
        "everyone": everyone,
        "parties": [0] if everyone else parties,
        "from_date": search.from_date,
        "to_date": search.to_date,
        "days": list(search.days),
        "srv": variant_code(search.srv) if search.srv else None,
        "srvs": [variant_code(search.srv)] if search.srv else _services_with_own_targets(),
        "targets": _targets(),
    }


@cache
def _targets() -> list[int]:
    """Classes in which responses are due, 0 for none, by number of the service and of the mode.

    That of (service, mode) stands at service * len(MODES) + mode, the database counting from 1;
    service 0 is any without a target of its own.
    """
    due = [0] * (len(VARIANTS) + 1) * len(MODES)
    references = {0: ""} | {variant_code(srv): one.reference for srv, one in VARIANTS.items()}
    for service, reference in references.items():
        for mode in Mode:
            due[service * len(MODES) + code_of(mode)] = target_of(reference, mode) or 0
    return due[1:]


@cache
def _services_with_own_targets() -> list[int]:
    """Numbers of the services that in some mode are due at another time than others of the mode."""
    return [
        variant_code(srv)
        for srv, one in VARIANTS.items()
        if any(target_of(one.reference, mode) is not target_of("", mode) for mode in Mode)
    ]


class _Count(NamedTuple):
    """Messages by what they are counted by; None: by all together.

    `on_target` is None where there is no response, or no target for it.
    """

    day: date | None
    srv: int | None
    mode: int | None
    status: int
    timing: int
    on_target: bool | None
    messages: int


def _counts(statement: str, given: Mapping[str, Any]) -> list[_Count]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [_Count(*row) for row in cursor.fetchall()]


_NOTHING: Final = Volume(0, {}, dict.fromkeys(TIMINGS, 0), 0, 0)


def _every_day(search: VolumeSearch, volumes: Iterable[Volume]) -> tuple[Volume, ...]:
    """A volume for each day of the month, also for those without messages."""
    there = {one.day: one for one in volumes}
    return tuple(there.get(day, replace(_NOTHING, day=day)) for day in search.days)


def _volumes(counts: Iterable[_Count]) -> list[Volume]:
    """The counts added up by day, service and mode."""
    by_place = defaultdict[tuple[date | None, int | None, int | None], list[_Count]](list)
    for count in counts:
        by_place[count.day, count.srv, count.mode].append(count)
    return [_volume(*place, some) for place, some in by_place.items()]


def _volume(
    day: date | None, srv: int | None, mode: int | None, counts: Iterable[_Count]
) -> Volume:
    statuses, timings = defaultdict[Status, int](int), dict.fromkeys(TIMINGS, 0)
    standing = dict.fromkeys((True, False, None), 0)
    for count in counts:
        statuses[STATUSES[count.status] or Status.IN_PROGRESS] += count.messages
        timings[Timing(count.timing)] += count.messages
        standing[count.on_target] += count.messages
    return Volume(
        messages=sum(standing.values()),
        statuses=MappingProxyType(dict(statuses)),
        timings=MappingProxyType(timings),
        on_target=standing[True],
        with_target=standing[True] + standing[False],
        day=day,
        srv=variant_of_code(srv).srv if srv else "",
        mode=MODES[mode] if mode else None,
    )
