"""How a web worker begins."""

import gc
import importlib
from collections.abc import Iterator

import pytest
from django.urls import get_resolver


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.req("Figures to hold: any list")
@pytest.mark.usefixtures("thawed")
def test_what_a_worker_keeps_for_ever_is_left_out_of_looks_for_garbage() -> None:
    importlib.reload(importlib.import_module("meterdesk.config.wsgi"))
    assert gc.get_freeze_count() > len(gc.get_objects())
    assert get_resolver()._populated
