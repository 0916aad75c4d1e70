"""The home that the box is tried on."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def scene(db: None, tmp_path: Path) -> Any:
    """One premises and everybody around it."""
    from meterdesk.incidents.tests.scene import set_scene  # noqa: PLC0415

    return set_scene(tmp_path)
