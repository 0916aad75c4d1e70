"""For which UserId a caller of the API acts, when they do not say so."""

import pytest

from meterdesk.identity.queries import UserIdEntry, chosen_user_id
from meterdesk.identity.rules import UserRole
from meterdesk.kernel.errors import NotAllowed, Refused

FIRST, SECOND = "90-B3-D5-1F-30-01-00-01", "90-B3-D5-1F-30-01-00-02"
pytestmark = pytest.mark.req("SSI-FR-26", "SSI-NFR-27")


def entry(eui: str) -> UserIdEntry:
    return UserIdEntry(eui, UserRole.IS, 1, "Alder Energy")


def test_one_that_is_named_counts_however_it_is_written() -> None:
    assert chosen_user_id(FIRST.lower().replace("-", ""), []) == FIRST


def test_the_only_one_needs_no_naming_and_one_of_several_does() -> None:
    assert chosen_user_id(None, [entry(FIRST)]) == FIRST
    with pytest.raises(Refused) as refused:
        chosen_user_id(None, [entry(FIRST), entry(SECOND)])
    assert (refused.value.code, set(refused.value.fields)) == ("which_user_id", {"user_id"})


def test_who_could_name_none_is_told_that_and_not_to_choose() -> None:
    with pytest.raises(NotAllowed):
        chosen_user_id(None, [])
