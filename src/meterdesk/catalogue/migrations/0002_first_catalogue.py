"""Offer the catalogue that the program comes with."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import migrations

FILE = Path(__file__).resolve().parent.parent / "data" / "catalogue.toml"


def load(apps: Any, _schema_editor: Any) -> None:
    """Load the file as the first version, once."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    apps.get_model("catalogue", "CatalogueVersion").objects.get_or_create(
        version=content["version"],
        defaults={"content": content, "loaded_at": datetime.now(UTC)},
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("catalogue", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
