"""Events reach the apps above, within the transaction that they tell of."""

from dataclasses import dataclass

import pytest
from django.db import transaction

from meterdesk.platform.events import emit, subscribe


@dataclass(frozen=True)
class Moved:
    """Something moved."""

    to: str


@pytest.mark.django_db(transaction=True)
def test_a_subscriber_hears_of_its_events_once_and_only_within_a_transaction() -> None:
    heard: list[Moved] = []
    for _ in range(2):
        subscribe(Moved, heard.append)
    with transaction.atomic():
        emit(Moved("here"))
        emit("something else")
    assert heard == [Moved("here")]
    with pytest.raises(RuntimeError, match="outside a transaction"):
        emit(Moved("there"))
