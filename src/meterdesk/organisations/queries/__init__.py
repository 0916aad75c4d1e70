"""Reads about organisations, their officers and what they share."""

from meterdesk.organisations.queries.organisations import (
    OfficerRecord,
    OrganisationPage,
    OrganisationRow,
    StepRecord,
    officer,
    officers_in_office,
    organisation,
    organisations,
)
from meterdesk.organisations.queries.overview import AccessOverview, AccessRow, access_overview
from meterdesk.organisations.queries.sharing import (
    Choices,
    NotificationView,
    SharingPage,
    SharingRow,
    notification,
    sharing,
    sharing_choices,
    sharings,
    signature_file,
    waiting_sharings,
    waiting_signatures,
)

__all__ = [
    "AccessOverview",
    "AccessRow",
    "Choices",
    "NotificationView",
    "OfficerRecord",
    "OrganisationPage",
    "OrganisationRow",
    "SharingPage",
    "SharingRow",
    "StepRecord",
    "access_overview",
    "notification",
    "officer",
    "officers_in_office",
    "organisation",
    "organisations",
    "sharing",
    "sharing_choices",
    "sharings",
    "signature_file",
    "waiting_sharings",
    "waiting_signatures",
]
