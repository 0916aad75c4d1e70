"""The filter of the activity log (FSM-10)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms

from meterdesk.identity.forms.account import LONDON
from meterdesk.platform.activity.reading import EntrySearch
from meterdesk.platform.activity.wording import areas
from meterdesk.platform.web.refusable import RefusableForm

_DAY = {"invalid": "Enter a date such as 2027-03-31."}


class ActivityFilter(RefusableForm):
    """Who, about what, of which kind, when, and with what outcome."""

    who = forms.CharField(label="Who", max_length=150, required=False)
    about = forms.CharField(label="About", max_length=200, required=False)
    area = forms.ChoiceField(label="Kind", required=False)
    outcome = forms.ChoiceField(
        label="Outcome",
        required=False,
        choices=[("", "Any"), ("failed", "Failed or refused"), ("done", "Done")],
    )
    begins = forms.DateField(
        label="From",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_DAY,
    )
    ends = forms.DateField(
        label="To",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_DAY,
    )
    organisation = forms.ChoiceField(label="Organisation", required=False)

    def __init__(self, *args: Any, organisations: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("area", [(area, words) for area, words in areas()])
        self._choose("organisation", [(str(pk), name) for pk, name in organisations])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        if choices:
            field.choices = [("", "Any"), *choices]
        else:
            del self.fields[name]

    @property
    def search(self) -> EntrySearch | None:
        """The search asked for; None when a filter cannot be read, which the form says."""
        if not self.is_valid():
            return None
        given = self.cleaned_data
        # After the last day there is, nothing is left out.
        last = given["ends"] if given["ends"] != date.max else None
        midnight = time(tzinfo=LONDON)
        organisation = given.get("organisation") or ""
        return EntrySearch(
            username=given["who"].strip(),
            subject=given["about"].strip(),
            area=given["area"],
            failed={"failed": True, "done": False}.get(given["outcome"]),
            begins=datetime.combine(given["begins"], midnight) if given["begins"] else None,
            ends=datetime.combine(last + timedelta(days=1), midnight) if last else None,
            organisation_id=int(organisation) if organisation else None,
        )
