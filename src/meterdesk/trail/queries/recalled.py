"""What people asked of the archive, and the messages found for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import connection

from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import NotVisible, Unavailable
from meterdesk.kernel.paging import Page, PageRequest, decode_cursor, page_of
from meterdesk.trail.access import METER_READ, SERVICE_AUDIT, VISIBLE, Sight, visible_to
from meterdesk.trail.models import COLUMNS, ArchivedDay, ArchiveRequest, message_of
from meterdesk.trail.queries.files import archive, digest_of
from meterdesk.trail.queries.records import TrailRow, row_shown
from meterdesk.trail.rules import Key, Message
from meterdesk.trail.rules.searches import MessageSearch, MeterReadSearch, TrailSearch

_COLUMNS: Final = ", ".join(f"m.{name}" for name in COLUMNS)

_PAGE: Final = f"""
select {_COLUMNS} from trail_recalled m
where m.request_id = %(request)s and {VISIBLE}
  and (%(before_at)s::timestamptz is null
       or (m.received_at, m.fingerprint) < (%(before_at)s, %(before)s))
order by m.received_at desc, m.fingerprint desc limit %(limit)s
"""  # noqa: S608  constants

_ONE: Final = f"""
select {_COLUMNS} from trail_recalled m join trail_archiverequest r on r.id = m.request_id
where r.person_id = %(person)s and m.device_id = %(device_id)s and m.received_at = %(at)s
  and m.fingerprint = %(mark)s and {VISIBLE} limit 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class RecallView:
    """A request of the archive; days are UTC days, instants aware."""

    id: int
    device_id: str
    mpxn: str
    uprn: str
    srvs: tuple[str, ...]
    first_day: date
    last_day: date
    days: int
    days_done: int
    meter_reads: bool
    state: str
    state_words: str
    note: str
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime

    @property
    def is_over(self) -> bool:
        """Whether nothing more is looked for."""
        return self.state != ArchiveRequest.State.WAITING

    @property
    def label(self) -> str:
        """What was searched for."""
        return self.device_id or self.mpxn or f"UPRN {self.uprn}"


def check_archive() -> Iterator[tuple[date, str]]:
    """Every day of the archive, oldest first, with what is wrong with its file, or nothing.

    Raises Unavailable.
    """
    place = archive()
    if place is None:
        raise Unavailable("METERDESK_TRAIL_ARCHIVE names no archive. Set it to a folder or bucket.")
    for day in ArchivedDay.objects.readable():
        try:
            sha256, _size = digest_of(place, day.path)
        except Unavailable as unavailable:
            yield day.day, unavailable.message
            continue
        same = sha256 == day.sha256
        yield day.day, "" if same else f"{day.path} is not as it was written. Restore it."


def archived_days_of(search: MessageSearch) -> tuple[date, ...]:
    """UTC days of the search's period whose messages are in the archive, oldest first."""
    days = ArchivedDay.objects.readable()
    if search.from_at:
        days = days.filter(day__gte=search.from_at.astimezone(UTC).date())
    if search.to_at:
        last_at = search.to_at.astimezone(UTC) - timedelta(microseconds=1)
        days = days.filter(day__lte=last_at.date())
    return tuple(days.values_list("day", flat=True))


def search_of(request: ArchiveRequest) -> MessageSearch:
    """The search of a request, as it was asked."""
    given: Mapping[str, Any] = request.search
    kind = MeterReadSearch if request.meter_reads else TrailSearch
    return kind(
        given["device_id"],
        given["mpxn"],
        given["uprn"],
        tuple(given["srvs"]),
        *(given[name] and datetime.fromisoformat(given[name]) for name in ("from_at", "to_at")),
    )


def archive_requests(actor: Actor, now: datetime) -> list[RecallView]:
    """The actor's own requests that are still kept, newest first."""
    kept = ArchiveRequest.objects.filter(person_id=actor.person_id, expires_at__gt=now)
    return [_view(request) for request in kept.order_by("-pk")[:50]]


def archive_request(actor: Actor, request_id: int, now: datetime) -> RecallView:
    """One of the actor's own requests. Raises NotVisible for any other."""
    return _view(_own(actor, request_id, now))


def recalled(actor: Actor, request_id: int, page: PageRequest, now: datetime) -> Page[TrailRow]:
    """Messages found for the actor's own request that they may see now, newest first.

    Raises:
        NotVisible: not a request of theirs, or one that expired.
        Refused: bad_cursor.
    """
    request = _own(actor, request_id, now)
    sight = visible_to(actor, METER_READ if request.meter_reads else SERVICE_AUDIT)
    scope = f"trail.recalled.{request.pk}"
    at, mark = decode_cursor(scope, page.cursor, (datetime, int)) if page.cursor else (None, None)
    given = {"request": request.pk, "before_at": at, "before": mark, "limit": page.limit + 1}
    found = _messages(_PAGE, sight.parameters | given)
    shown = page_of(scope, found, page, lambda one: (one.received_at, one.fingerprint))
    return Page(tuple(map(row_shown, shown.items)), shown.next)


def recalled_message(actor: Actor, sight: Sight, key: Key) -> Message | None:
    """A message found in the archive for this actor, if they may see it now."""
    device_id, at, mark = key
    given = {"person": actor.person_id, "device_id": device_id, "at": at, "mark": mark}
    found = _messages(_ONE, sight.parameters | given)
    return found[0] if found else None


def _messages(statement: str, parameters: dict[str, Any]) -> list[Message]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [message_of(row) for row in cursor.fetchall()]


def _own(actor: Actor, request_id: int, now: datetime) -> ArchiveRequest:
    request = ArchiveRequest.objects.filter(
        pk=request_id, person_id=actor.person_id, expires_at__gt=now
    ).first()
    if request is None:
        raise NotVisible(
            "There is no such request of yours. What the archive found is kept for seven days."
        )
    return request


def _view(request: ArchiveRequest) -> RecallView:
    given = request.search
    return RecallView(
        id=request.pk,
        device_id=given["device_id"],
        mpxn=given["mpxn"],
        uprn=given["uprn"],
        srvs=tuple(given["srvs"]),
        first_day=date.fromisoformat(request.days[0]),
        last_day=date.fromisoformat(request.days[-1]),
        days=len(request.days),
        days_done=request.days_done,
        meter_reads=request.meter_reads,
        state=request.state,
        state_words=ArchiveRequest.State(request.state).label,
        note=request.note,
        asked_at=request.asked_at,
        ready_at=request.ready_at,
        expires_at=request.expires_at,
    )
