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
from meterdesk.identity.forms.administration import (
    PolicyForm,
    ResetRequestForm,
    ResetSearchForm,
    SessionLimitForm,
)
from meterdesk.identity.forms.people import (
    AccountRulesForm,
    DeletePersonForm,
    ImportForm,
    NewPersonForm,
    PeopleFilter,
    PersonForm,
    ReportFilter,
    ResetForm,
)
from meterdesk.identity.forms.refusable import RefusableForm
from meterdesk.identity.forms.security import (
    AppForm,
    FactorForm,
    KeyForm,
    NewKeyForm,
    ProofForm,
)

__all__ = [
    "LONDON",
    "AccountRulesForm",
    "AppForm",
    "BookmarkForm",
    "CodeForm",
    "DeletePersonForm",
    "DetailsForm",
    "FactorForm",
    "ImportForm",
    "KeyForm",
    "LogInForm",
    "NewKeyForm",
    "NewPasswordForm",
    "NewPersonForm",
    "PeopleFilter",
    "PersonForm",
    "PolicyForm",
    "ProofForm",
    "RefusableForm",
    "ReportFilter",
    "ResetForm",
    "ResetRequestForm",
    "ResetSearchForm",
    "SessionLimitForm",
    "TokenForm",
]
