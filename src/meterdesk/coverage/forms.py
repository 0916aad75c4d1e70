"""The coverage search form (SSI-FR-12)."""

from typing import Any

from django import forms

from meterdesk.coverage.queries import CoverageSearch
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import InvalidIdentifier, parse_outcode, parse_postcode


class CoverageForm(forms.Form):
    """A full postcode, perhaps with a property, or an outcode."""

    use_required_attribute = False
    postcode = forms.CharField(
        label="Postcode or outcode",
        max_length=20,
        error_messages={"required": "Enter a postcode such as AB1 0AJ, or an outcode such as AB1"},
    )
    property = forms.CharField(
        label="Property name or number",
        max_length=100,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Make the search, kept as `search` in the cleaned data."""
        given = super().clean() or {}
        if "postcode" in given:
            try:
                given["search"] = _search(given["postcode"], given.get("property", ""))
            except Refused as refused:
                for name, message in (refused.fields or {"postcode": refused.message}).items():
                    self.add_error(name, message)
        return given


def _search(place: str, property_name: str) -> CoverageSearch:
    try:
        return CoverageSearch(postcode=parse_postcode(place), property_name=property_name)
    except InvalidIdentifier as not_postcode:
        try:
            outcode = parse_outcode(place)
        except InvalidIdentifier:
            raise Refused(
                "This is neither a postcode such as AB1 0AJ nor an outcode such as AB1.",
                fields={"postcode": "Enter a postcode such as AB1 0AJ, or an outcode such as AB1"},
            ) from not_postcode
    return CoverageSearch(outcode=outcode, property_name=property_name)
