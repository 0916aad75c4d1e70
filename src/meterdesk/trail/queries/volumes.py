"""How many messages there were: read from the counts kept at intake (AUD-1, GW-3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from django.db import connection

from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int, eui_to_int
from meterdesk.trail.access import SERVICE_AUDIT, visible_to
from meterdesk.trail.rules import MODES, STATUSES, Mode, Status
from meterdesk.trail.rules.variants import VARIANTS, variant_code, variant_of_code
from meterdesk.trail.rules.volumes import TIMINGS, Timing, VolumeSearch, target_of

_FIGURES: Final = """
select day, srv, mode, status, timing, sum(messages)::int8 from trail_volume_day
where everyone = %(everyone)s and (everyone or party = any(%(parties)s::int8[]))
  and day >= %(from_date)s and day < %(to_date)s and (%(srv)s::int2 is null or srv = %(srv)s)
group by 1, 2, 3, 4, 5 having sum(messages) > 0
"""


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
    """A month of messages: by service and mode, most first; by day; by both; and together."""

    search: VolumeSearch
    user_ids: tuple[str, ...]
    total: Volume
    services: tuple[Volume, ...]
    days: tuple[Volume, ...]
    rows: tuple[Volume, ...]


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
    sight = visible_to(actor, SERVICE_AUDIT)
    parties, everyone = list(sight.parties), sight.everything
    if search.user_id:
        chosen = eui_to_int(search.user_id)
        if not everyone and chosen not in parties:
            message = "There is no such UserId that you act for. Leave it out, or choose another."
            raise Refused(message, code="unknown_user_id", fields={"user_id": message})
        parties, everyone = [chosen], False
    given = {
        "everyone": everyone,
        "parties": parties,
        "from_date": search.from_date,
        "to_date": search.to_date,
        "srv": variant_code(search.srv) if search.srv else None,
    }
    return _figures(search, volume_user_ids(actor), _counts(given))


_Count = tuple[date, str, Mode, Status, Timing, int]


def _counts(given: Mapping[str, Any]) -> list[_Count]:
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, given)
        return [
            (
                day,
                variant_of_code(srv).srv if srv else "",
                MODES[mode] or Mode.ON_DEMAND,
                STATUSES[status] or Status.IN_PROGRESS,
                Timing(timing),
                messages,
            )
            for day, srv, mode, status, timing, messages in cursor.fetchall()
        ]


def _figures(
    search: VolumeSearch, user_ids: tuple[str, ...], counts: list[_Count]
) -> MonthlyFigures:
    by_service, by_day, by_both = (defaultdict[Any, list[_Count]](list) for _ in range(3))
    for count in counts:
        day, srv, mode = count[:3]
        by_service[srv, mode].append(count)
        by_day[day].append(count)
        by_both[day, srv, mode].append(count)
    services = [_volume(some, srv=srv, mode=mode) for (srv, mode), some in by_service.items()]
    return MonthlyFigures(
        search=search,
        user_ids=user_ids,
        total=_volume(counts),
        services=tuple(sorted(services, key=lambda one: (-one.messages, one.label, str(one.mode)))),
        days=tuple(_volume(by_day[day], day=day) for day in search.days),
        rows=tuple(
            _volume(some, day=day, srv=srv, mode=mode)
            for (day, srv, mode), some in sorted(by_both.items())
        ),
    )


def _volume(counts: Iterable[_Count], **of: Any) -> Volume:
    statuses, timings = defaultdict[Status, int](int), defaultdict[Timing, int](int)
    on_target = with_target = 0
    for _day, srv, mode, status, timing, messages in counts:
        statuses[status] += messages
        timings[timing] += messages
        target = target_of(VARIANTS[srv].reference, mode) if srv else None
        if target and timing is not Timing.WAITING:
            with_target += messages
            on_target += messages if timing <= target else 0
    return Volume(
        messages=sum(statuses.values()),
        statuses=MappingProxyType(dict(statuses)),
        timings=MappingProxyType({timing: timings.get(timing, 0) for timing in TIMINGS}),
        on_target=on_target,
        with_target=with_target,
        **of,
    )
