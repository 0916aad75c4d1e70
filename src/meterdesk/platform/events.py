"""What happened in one app, told to the apps above it in the same transaction.

An app describes what happened in its events.py and emits it from an action; an app above
subscribes in its apps.py. A subscriber that raises undoes the whole action.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection

E = TypeVar("E")

_subscribers: dict[type, list[Callable[[Any], None]]] = {}


def subscribe(event: type[E], subscriber: Callable[[E], None]) -> None:
    """Call the subscriber with each event of exactly this type; twice the same counts once."""
    known = _subscribers.setdefault(event, [])
    if subscriber not in known:
        known.append(subscriber)


def emit(event: object) -> None:
    """Tell every subscriber, in the order of subscription. Raises what one of them raises.

    Raises RuntimeError outside a transaction: the event would outlive what it tells of.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{type(event).__name__} was emitted outside a transaction.")
    for subscriber in _subscribers.get(type(event), ()):
        subscriber(event)
