"""The scene, as a fixture. Read before Django is set up, so it imports when it is asked for."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def scene(db: None, tmp_path: Path) -> Any:
    """One premises and everybody around it."""
    from meterdesk.catalogue.tests.scene import set_scene  # noqa: PLC0415

    return set_scene(tmp_path)
