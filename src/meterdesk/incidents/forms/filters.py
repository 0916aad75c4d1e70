"""Filters of lists of incidents; they stand in the address (SSI-FR-32, IM-21)."""

from collections.abc import Iterable
from typing import Any

from django import forms

from meterdesk.incidents.queries import ASSIGNED, SORTS, WHOSE, IncidentSearch
from meterdesk.incidents.rules.states import OPEN_STATES, State
from meterdesk.incidents.rules.targets import PRIORITY_WORDS
from meterdesk.platform.web.forms import AskingForm, line


class SearchForm(AskingForm):
    """Filters of a list of incidents; they stand in the address (SSI-FR-32)."""

    q = line("Reference, Device ID, MPxN or postcode", 60)
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[
            ("", "Any"),
            ("open", "Open"),
            *((state.value, state.word) for state in State),
        ],
    )
    category = forms.ChoiceField(
        label="Category",
        required=False,
        choices=[("", "Any"), *((str(number), str(number)) for number in range(1, 6))],
    )
    priority = forms.ChoiceField(
        label="Priority",
        required=False,
        choices=[
            ("", "Any"),
            *((str(number), f"{number} {word}") for number, word in PRIORITY_WORDS.items()),
        ],
    )
    whose = forms.ChoiceField(
        label="Whose",
        required=False,
        choices=list(
            zip(
                WHOSE,
                (
                    "All that you may see",
                    "Raised by you",
                    "Raised for your UserIds",
                    "Yours to resolve",
                    "You are interested",
                ),
                strict=True,
            )
        ),
    )
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def search(
        self, states: frozenset[State] = frozenset(), sort: str = "-raised"
    ) -> IncidentSearch:
        """The search of what was chosen; unknown choices count as not chosen."""
        self.is_valid()
        given = self.cleaned_data
        state = given.get("state", "")
        chosen = OPEN_STATES if state == "open" else ({State(state)} if state else states)
        order = given.get("sort") or sort
        return IncidentSearch(
            text=given.get("q", ""),
            states=tuple(sorted(chosen)),
            category=_number(given.get("category")),
            priority=_number(given.get("priority")),
            whose=given.get("whose") or "all",
            assigned=given.get("assigned") or "all",
            group_id=_number(given.get("group")),
            sort=order if order in SORTS else sort,
        )


class QueueForm(SearchForm):
    """Filters of the desk's queue (IM-21)."""

    assigned = forms.ChoiceField(
        label="Assigned to",
        required=False,
        choices=list(zip(ASSIGNED, ("Anybody", "You", "Your groups", "Nobody"), strict=True)),
    )
    group = forms.ChoiceField(label="Group", required=False)

    def __init__(self, groups: Iterable[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  as declared above
        field.choices = [("", "Any"), *((str(number), name) for number, name in groups)]
        del self.fields["whose"]


def _number(text: object) -> int | None:
    return int(str(text)) if text else None
