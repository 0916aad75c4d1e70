"""The shell of the API: problems as problem+json (RFC 9457), lists as items and next."""

from meterdesk.platform.api.problems import install_handlers, problem

__all__ = ["install_handlers", "problem"]
