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
from meterdesk.organisations.forms.sharing import (
    AnswerForm,
    ConfirmationForm,
    DecisionForm,
    ProposalForm,
    RescindingForm,
    SharingsFilter,
    SignatureForm,
)

__all__ = [
    "AdministratorForm",
    "AnswerForm",
    "ClosingForm",
    "ConfirmationForm",
    "DecisionForm",
    "NameForm",
    "OfficerForm",
    "OrganisationsFilter",
    "ProposalForm",
    "RescindingForm",
    "SharingsFilter",
    "SignatureForm",
    "SuspensionForm",
    "TakeUpForm",
    "UserIdForm",
]
