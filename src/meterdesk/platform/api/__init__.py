"""The shell of the API: problems as problem+json (RFC 9457), lists as items and next."""

from meterdesk.platform.api.document import FILE, IF_MATCH, DescribedApi
from meterdesk.platform.api.paging import Paged
from meterdesk.platform.api.problems import install_handlers, problem
from meterdesk.platform.api.reading import JsonParser
from meterdesk.platform.api.reference import ReferencePage
from meterdesk.platform.api.versions import name_version, require_version, required_version

__all__ = [
    "FILE",
    "IF_MATCH",
    "DescribedApi",
    "JsonParser",
    "Paged",
    "ReferencePage",
    "install_handlers",
    "name_version",
    "problem",
    "require_version",
    "required_version",
]
