"""Refusals carry what screens and API answer with."""

import pytest

from meterdesk.kernel import errors


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (errors.Refused(), 422, "refused"),
        (errors.NotVisible(), 404, "not_found"),
        (errors.NotAllowed(), 403, "not_allowed"),
        (errors.Conflict(), 409, "conflict"),
        (errors.Stale(), 409, "stale"),
        (errors.Stale(status=412), 412, "stale"),
        (errors.TooMany(30), 429, "too_many"),
        (errors.Unavailable(), 503, "unavailable"),
    ],
)
def test_each_refusal_has_its_status_code_and_sentence(
    refusal: errors.Refused, status: int, code: str
) -> None:
    assert (refusal.status, refusal.code) == (status, code)
    assert refusal.message.endswith(".")
    assert str(refusal) == refusal.message


def test_a_refusal_names_the_fields_to_mend() -> None:
    refusal = errors.Refused("Mend one field.", code="bad_form", fields={"mpan": "Too short."})
    assert refusal.fields == {"mpan": "Too short."}
    assert refusal.code == "bad_form"


def test_too_many_says_how_long_to_wait() -> None:
    assert errors.TooMany(0).retry_after == 1
    assert errors.TooMany(30).message == "Too many requests. Try again in 30 seconds."
