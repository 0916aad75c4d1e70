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

__all__ = [
    "OfficerRecord",
    "OrganisationPage",
    "OrganisationRow",
    "StepRecord",
    "officer",
    "officers_in_office",
    "organisation",
    "organisations",
]
