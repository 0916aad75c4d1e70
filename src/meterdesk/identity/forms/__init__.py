"""Forms of log-in, set-up, profile and the administration of accounts."""

from meterdesk.identity.forms.account import (
    LONDON,
    BookmarkForm,
    CodeForm,
    DetailsForm,
    LogInForm,
    NewPasswordForm,
)
from meterdesk.identity.forms.activity import ActivityFilter
from meterdesk.identity.forms.administration import (
    PolicyForm,
    ResetRequestForm,
    ResetSearchForm,
    SessionLimitForm,
)
from meterdesk.identity.forms.networks import (
    NetworkFilter,
    NetworkRecordForm,
    NetworkRequestForm,
    NetworkStepForm,
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
from meterdesk.identity.forms.security import (
    AppForm,
    FactorForm,
    KeyForm,
    NewKeyForm,
    ProofForm,
)
from meterdesk.identity.forms.tokens import (
    CloseForm,
    RotateForm,
    ServiceAccountFilter,
    ServiceAccountForm,
    TokenFilter,
    TokenForm,
)
from meterdesk.platform.web.refusable import RefusableForm

__all__ = [
    "LONDON",
    "AccountRulesForm",
    "ActivityFilter",
    "AppForm",
    "BookmarkForm",
    "CloseForm",
    "CodeForm",
    "DeletePersonForm",
    "DetailsForm",
    "FactorForm",
    "ImportForm",
    "KeyForm",
    "LogInForm",
    "NetworkFilter",
    "NetworkRecordForm",
    "NetworkRequestForm",
    "NetworkStepForm",
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
    "RotateForm",
    "ServiceAccountFilter",
    "ServiceAccountForm",
    "SessionLimitForm",
    "TokenFilter",
    "TokenForm",
]
