"""Forms of organisations and of sharings."""

from meterdesk.organisations.forms.organisations import (
    AdministratorForm,
    ClosingForm,
    NameForm,
    OfficerForm,
    OrganisationsFilter,
    SuspensionForm,
    TakeUpForm,
    UserIdForm,
)

__all__ = [
    "AdministratorForm",
    "ClosingForm",
    "NameForm",
    "OfficerForm",
    "OrganisationsFilter",
    "SuspensionForm",
    "TakeUpForm",
    "UserIdForm",
]
