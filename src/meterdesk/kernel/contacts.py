"""Whom to speak to about something that was raised."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """First and last name, telephone, email or nothing (SSI-FR-22, SSI-FR-55)."""

    first_name: str
    last_name: str
    telephone: str
    email: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()
