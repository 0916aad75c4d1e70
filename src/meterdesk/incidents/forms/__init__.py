"""Forms of incidents."""

from meterdesk.incidents.forms.filters import QueueForm, SearchForm
from meterdesk.incidents.forms.raising import OCCURRED, RaiseForm
from meterdesk.incidents.forms.steps import RESOLUTION_CODES, StepForm, step_form
from meterdesk.incidents.forms.writing import AttachForm, UpdateForm

__all__ = [
    "OCCURRED",
    "RESOLUTION_CODES",
    "AttachForm",
    "QueueForm",
    "RaiseForm",
    "SearchForm",
    "StepForm",
    "UpdateForm",
    "step_form",
]
