"""Reads of the catalogue. The actor comes first; what it may not see is not there."""

from meterdesk.catalogue.queries.data import Record, data_of, datum_of
from meterdesk.catalogue.queries.listing import (
    SORTS,
    WHOSE,
    RequestSearch,
    open_disputes,
    request_named,
    search_requests,
)
from meterdesk.catalogue.queries.offers import (
    catalogue,
    dispute_type,
    offer,
    types_no_longer_offered,
)
from meterdesk.catalogue.queries.one import acting_for, attachment, may_use_catalogue, request
from meterdesk.catalogue.queries.records import (
    AnswerLine,
    AttachmentLine,
    DisputeMark,
    DisputeView,
    HeldNow,
    OperatorView,
    QueueRow,
    RaiserView,
    RequestRow,
    StepLine,
    View,
)

__all__ = [
    "SORTS",
    "WHOSE",
    "AnswerLine",
    "AttachmentLine",
    "DisputeMark",
    "DisputeView",
    "HeldNow",
    "OperatorView",
    "QueueRow",
    "RaiserView",
    "Record",
    "RequestRow",
    "RequestSearch",
    "StepLine",
    "View",
    "acting_for",
    "attachment",
    "catalogue",
    "data_of",
    "datum_of",
    "dispute_type",
    "may_use_catalogue",
    "offer",
    "open_disputes",
    "request",
    "request_named",
    "search_requests",
    "types_no_longer_offered",
]
