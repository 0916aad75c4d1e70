"""Columns that lists of requests have in common, on screen and in files (SSI-FR-53)."""

from typing import Final

from meterdesk.platform.tables import Column

REFERENCE: Final = Column("reference", "Service request ID", always=True)
TYPE: Final = Column("request_type", "Request type")
SUMMARY: Final = Column(
    "summary", "Summary", {"Summary": "summary", "Your reference": "your_reference"}
)
STATE: Final = Column("state", "Delivery status", {"Delivery status": lambda row: row.state.word})
RAISED: Final = Column("raised", "Raised", {"Raised": "raised_at"}, sort="raised")
RAISER: Final = Column("raiser", "Raised by", {"Raised by": "raising_organisation"})
ASSIGNED: Final = Column("assigned", "Taken on by", {"Taken on by": "assigned_person"})
