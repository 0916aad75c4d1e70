"""The start page: what waits for its reader, with counts of what they may see and do alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from meterdesk.catalogue.queries import (
    RequestSearch,
    dispute_type,
    may_use_catalogue,
    search_requests,
)
from meterdesk.catalogue.rules.states import OPEN_STATES as OPEN_REQUESTS
from meterdesk.catalogue.rules.states import DeliveryState
from meterdesk.identity.queries import (
    BookmarkEntry,
    NetworkSearch,
    bookmarks,
    networks,
    waiting_resets,
)
from meterdesk.identity.rules import Actor, DeskPermission, NetworkState
from meterdesk.incidents.queries import IncidentRow, IncidentSearch, desk_queue, search_incidents
from meterdesk.incidents.rules.states import OPEN_STATES, State
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.kernel.worktime import LONDON
from meterdesk.organisations.queries import waiting_sharings, waiting_signatures
from meterdesk.registration.queries.providers import MOST, troubles
from meterdesk.search.rules import Task, Waiting

MOST_AT_START: Final = 8
_ONE: Final = PageRequest(limit=1)


@dataclass(frozen=True, slots=True)
class Start:
    """What the start page shows; a part without right is None, and has no count.

    Attributes:
        waiting: what waits for the reader, of which there is some.
        incidents: open ones the actor may see, most urgent first.
        queue: the desk's or resolver's open incidents, most urgent first.
    """

    waiting: tuple[Waiting, ...]
    incidents: tuple[IncidentRow, ...] | None
    queue: tuple[IncidentRow, ...] | None
    bookmarks: list[BookmarkEntry]


def start(actor: Actor, *, at: datetime) -> Start:
    """What waits for this person."""
    open_ones = IncidentSearch(states=tuple(OPEN_STATES), sort="priority")
    page = PageRequest(limit=MOST_AT_START)
    found = [one for look in _LOOKS for one in look(actor, at) if one.count]
    return Start(
        waiting=tuple(sorted(found, key=lambda one: list(Task).index(one.task))),
        incidents=search_incidents(actor, open_ones, page).items if _has_incidents(actor) else None,
        queue=desk_queue(actor, open_ones, page).items
        if actor.may_at_desk(DeskPermission.QUEUE)
        else None,
        bookmarks=bookmarks(actor),
    )


def _has_incidents(actor: Actor) -> bool:
    return actor.may_use("UC_ViewSMI") and not actor.is_operator


def _of_page(task: Task, page: Page[Any], key: Callable[[Any], str]) -> Waiting:
    total = page.total_capped or 0
    return Waiting(task, total, page.total_is_capped, key(page.items[0]) if total == 1 else "")


def _incidents(actor: Actor, _at: datetime) -> list[Waiting]:
    """Those on hold until the User that raised them answers."""
    if not _has_incidents(actor):
        return []
    on_hold = IncidentSearch(states=(State.ON_HOLD,), whose="raised")
    found = search_incidents(actor, on_hold, _ONE, count=True)
    return [_of_page(Task.ANSWER_INCIDENT, found, lambda row: row.reference)]


def _own_requests(actor: Actor, _at: datetime) -> list[Waiting]:
    if not may_use_catalogue(actor) or actor.may_at_desk(DeskPermission.ASSIGN):
        return []
    wanted = RequestSearch(states=(DeliveryState.WAITING,))
    return [_requests(actor, Task.ANSWER_REQUEST, wanted)]


def _requests_at_the_desk(actor: Actor, _at: datetime) -> list[Waiting]:
    if not actor.sees_everything(DeskPermission.ASSIGN):
        return []
    still_open = tuple(sorted(OPEN_REQUESTS))
    found = [
        _requests(
            actor, Task.TAKE_REQUEST, RequestSearch(states=(DeliveryState.NEW,), whose="nobody")
        ),
        _requests(actor, Task.FINISH_REQUEST, RequestSearch(states=still_open, whose="mine")),
    ]
    if disputes := dispute_type():
        wanted = RequestSearch(states=still_open, request_type=disputes.code)
        found.append(_requests(actor, Task.SETTLE_DISPUTE, wanted))
    return found


def _requests(actor: Actor, task: Task, wanted: RequestSearch) -> Waiting:
    found = search_requests(actor, wanted, _ONE, count=True)
    counted = _of_page(task, found, lambda row: row.reference)
    return replace(counted, request_type=wanted.request_type)


def _sharings(actor: Actor, at: datetime) -> list[Waiting]:
    task = Task.VERIFY_SHARING if actor.is_operator else Task.ANSWER_SHARING
    try:
        return [
            Waiting(Task.SIGN, len(waiting_signatures(actor, at=at))),
            _of_page(task, waiting_sharings(actor, _ONE, at=at), lambda row: str(row.id)),
        ]
    except NotVisible:
        return []


def _accounts(actor: Actor, at: datetime) -> list[Waiting]:
    """Networks that the operator decides on, and resets that the actor may agree to."""
    found = []
    if actor.sees_everything(DeskPermission.ACCOUNTS):
        wanted, today = NetworkSearch(state=NetworkState.REQUESTED), at.astimezone(LONDON).date()
        asked = networks(actor, wanted, _ONE, today=today)
        found.append(_of_page(Task.DECIDE_NETWORK, asked, lambda row: str(row.id)))
    resets = waiting_resets(actor, at=at)
    others = [one for one in resets if not (one.is_own_request or one.is_for_actor)]
    return [*found, Waiting(Task.AGREE_RESET, len(others))]


def _registration(actor: Actor, _at: datetime) -> list[Waiting]:
    if not actor.sees_everything(DeskPermission.INTAKE):
        return []
    count = len(troubles(actor))
    return [Waiting(Task.MEND_REGISTRATION, count, capped=count == MOST)]


_LOOKS: Final[tuple[Callable[[Actor, datetime], list[Waiting]], ...]] = (
    _incidents,
    _own_requests,
    _requests_at_the_desk,
    _sharings,
    _accounts,
    _registration,
)
