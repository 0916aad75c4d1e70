"""Forms of the catalogue."""

from meterdesk.catalogue.forms.filters import BrowseForm, QueueForm, RecordForm, SearchForm
from meterdesk.catalogue.forms.raising import ContactsForm, DisputeForm, RaiseForm, form_for
from meterdesk.catalogue.forms.steps import AttachForm, StepForm

__all__ = [
    "AttachForm",
    "BrowseForm",
    "ContactsForm",
    "DisputeForm",
    "QueueForm",
    "RaiseForm",
    "RecordForm",
    "SearchForm",
    "StepForm",
    "form_for",
]
