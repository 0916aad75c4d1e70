"""Model fields for identifiers that are numbers on disk and text everywhere else."""

from typing import Any

from django.db import models

from meterdesk.kernel.identifiers import eui_from_int, eui_to_int


class EuiField(models.Field):  # type: ignore[type-arg]  # not subscriptable when run
    """An EUI-64 (Device ID or UserId): `HH-HH-HH-HH-HH-HH-HH-HH` in Python, 8 bytes on disk.

    Values given to it must already be canonical text (`kernel.identifiers.parse_eui`).
    """

    def db_type(self, connection: Any) -> str:  # noqa: ARG002  Django's signature
        """PostgreSQL column type."""
        return "bigint"

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> str | None:  # noqa: ARG002
        """Canonical text of the stored number."""
        return None if value is None else eui_from_int(value)

    def get_prep_value(self, value: Any) -> int | None:
        """Stored number of the canonical text."""
        return None if value is None else eui_to_int(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> str | None:
        """Canonical text, whichever form came in."""
        return eui_from_int(value) if isinstance(value, int) else value


class NetworkField(models.Field):  # type: ignore[type-arg]  # not subscriptable when run
    """An IP network, version 4 or 6: text such as `203.0.113.0/24` in Python, `cidr` on disk."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002  Django's signature
        """PostgreSQL column type."""
        return "cidr"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:  # noqa: ARG002
        """Text of the stored network, its length always written out."""
        return None if value is None else str(value)

    def get_prep_value(self, value: Any) -> str | None:
        """The text itself: PostgreSQL reads it."""
        return None if value is None else str(value)
