"""Forms of log-in, set-up, profile and the administration of accounts."""

from meterdesk.identity.forms.account import (
    LONDON,
    BookmarkForm,
    CodeForm,
    DetailsForm,
    LogInForm,
    NewPasswordForm,
    TokenForm,
)
from meterdesk.identity.forms.people import (
    DeletePersonForm,
    NewPersonForm,
    PeopleFilter,
    PersonForm,
    ReportFilter,
    ResetForm,
)
from meterdesk.identity.forms.refusable import RefusableForm

__all__ = [
    "LONDON",
    "BookmarkForm",
    "CodeForm",
    "DeletePersonForm",
    "DetailsForm",
    "LogInForm",
    "NewPasswordForm",
    "NewPersonForm",
    "PeopleFilter",
    "PersonForm",
    "RefusableForm",
    "ReportFilter",
    "ResetForm",
    "TokenForm",
]
