"""Filters of the catalogue and of lists of requests; they stand in the address."""

from typing import Any

from django import forms

from meterdesk.catalogue.queries import (
    SORTS,
    WHOSE,
    RequestSearch,
    catalogue,
    types_no_longer_offered,
)
from meterdesk.catalogue.rules.data import RECORD_WORDS
from meterdesk.catalogue.rules.definition import Catalogue, Offer
from meterdesk.catalogue.rules.states import OPEN_STATES, DeliveryState
from meterdesk.platform.web.forms import AskingForm, line


class BrowseForm(AskingForm):
    """Business service category, its services, request types: each list follows the one before.

    Works without scripts: choose, press the button, and the next list is shorter (SSI-FR-56).
    """

    category = forms.ChoiceField(label="Business service category", required=False)
    service = forms.ChoiceField(label="Service", required=False)
    request_type = forms.ChoiceField(label="Request type", required=False)

    def __init__(self, offered: Catalogue, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offers = tuple(offered.offers())
        for name in self.fields:
            self._choose(name, {_part(one, name) for one in self.offers(before=name)})

    def offers(self, before: str = "") -> list[Offer]:
        """Request types that fit what was chosen in the lists before this one; all lists if none.

        A choice that does not fit the lists before it counts as not made.
        """
        found = list(self._offers)
        for name in self.fields:
            if name == before:
                break
            chosen = str(self.data.get(name, ""))
            fitting = [one for one in found if _part(one, name)[0] == chosen]
            found = fitting or found
        return found

    def _choose(self, name: str, known: set[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  as declared above
        order = [_part(one, name) for one in self._offers]
        field.choices = [("", "Any"), *dict.fromkeys(one for one in order if one in known)]


def _part(one: Offer, name: str) -> tuple[str, str]:
    part = getattr(one, name)
    return part.code, part.title


class RecordForm(AskingForm):
    """Which record's data to look at, where no page led here."""

    kind = forms.ChoiceField(
        label="Record", choices=[(one.value, w) for one, w in RECORD_WORDS.items()]
    )
    key = line(
        "Device ID, MPxN or postcode",
        120,
        required=True,
        hint="For coverage also: AB1 0AJ, 12",
    )


class SearchForm(AskingForm):
    """Filters of a list of requests."""

    q = line("Reference, Device ID, MPxN or postcode", 60)
    state = forms.ChoiceField(
        label="Delivery status",
        required=False,
        choices=[("", "Any"), ("open", "Open"), *((one.value, one.word) for one in DeliveryState)],
    )
    request_type = forms.ChoiceField(label="Request type", required=False)
    whose = forms.ChoiceField(
        label="Whose", required=False, choices=[("all", "Your organisation's"), ("mine", "Yours")]
    )
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["request_type"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  as declared above
        types = [one.request_type for one in catalogue().offers()]
        field.choices = [("", "Any"), *((one.code, one.title) for one in types)]
        if older := types_no_longer_offered():
            field.choices = [*field.choices, ("No longer offered", list(older.items()))]

    def search(self, sort: str = "-raised") -> RequestSearch:
        """The search of what was chosen; unknown choices count as not chosen."""
        self.is_valid()
        given = self.cleaned_data
        state = given.get("state", "")
        order, whose = given.get("sort") or sort, given.get("whose") or "all"
        return RequestSearch(
            text=given.get("q", ""),
            states=tuple(sorted(OPEN_STATES)) if state == "open" else _states(state),
            request_type=given.get("request_type", ""),
            whose=whose if whose in WHOSE else "all",
            sort=order if order in SORTS else sort,
        )


class QueueForm(SearchForm):
    """Filters of the desk's queue of requests."""

    whose = forms.ChoiceField(
        label="Taken on by",
        required=False,
        choices=[("all", "Anybody"), ("mine", "You"), ("nobody", "Nobody")],
    )


def _states(state: str) -> tuple[DeliveryState, ...]:
    return (DeliveryState(state),) if state else ()
