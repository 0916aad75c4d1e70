"""A home with a hub, and its provider's interface; imported when used, not when collected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def provider(settings: Any) -> Iterator[Any]:
    """The simulator of a provider of all Regions, whose hubs answer at once."""
    from meterdesk.demo.csp import Simulator, serve  # noqa: PLC0415
    from meterdesk.hubs.tests.asking import served  # noqa: PLC0415

    simulator = Simulator("secret", delay_seconds=0)
    yield from served(serve(simulator, 0), settings, simulator)


@pytest.fixture
def home(tmp_path: Path) -> None:
    """A dual-fuel home, taken in."""
    from meterdesk.hubs.tests.home import make_home  # noqa: PLC0415

    make_home(tmp_path)
