"""Email addresses are folded to one spelling, and no spelling slips past a list of domains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.mailboxes import Mailbox, parse_domain, parse_mailbox


@pytest.mark.req("FSM-13")
@pytest.mark.parametrize(
    ("written", "read"),
    [
        (" Ann.Lee@Alder.Example ", "Ann.Lee@alder.example"),
        ("ann@alder.example.", "ann@alder.example"),
        ("ann@ｇｍａｉｌ．ｃｏｍ", "ann@gmail.com"),
        ("ann@gmail。com", "ann@gmail.com"),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
    ],
)
def test_one_mailbox_has_one_spelling(written: str, read: str) -> None:
    assert str(parse_mailbox(written)) == read


@pytest.mark.req("FSM-13")
@pytest.mark.parametrize(
    "written",
    [
        "",
        "ann",
        "@alder.example",
        "ann@",
        "ann@alder",
        "ann@[192.0.2.1]",
        "ann@192.0.2.1",
        '"ann"@alder.example',
        "Ann <ann@alder.example>",
        "ann@alder.example, eve@evil.example",
        "ann@alder.example\nBcc: eve@evil.example",
        "ann\r@alder.example",
        "ann@-alder.example",
        "ann@alder..example",
        "a" * 65 + "@alder.example",
        "ann@" + "a" * 64 + ".example",
    ],
)
def test_what_is_no_plain_mailbox_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_mailbox(written)
    assert refused.value.code == "bad_email"


@pytest.mark.req("FSM-13")
def test_a_domain_covers_what_lies_under_it_and_nothing_else() -> None:
    refused = frozenset({"gmail.com"})
    for inside in ("gmail.com", "mail.gmail.com", "a.b.gmail.com"):
        assert Mailbox("ann", inside).is_within(refused)
    for outside in ("notgmail.com", "gmail.com.alder.example", "com"):
        assert not Mailbox("ann", outside).is_within(refused)


@given(st.text(max_size=80))
def test_a_parsed_domain_parses_to_itself_and_is_ascii(text: str) -> None:
    try:
        domain = parse_domain(text)
    except Refused:
        return
    assert domain.isascii()
    assert parse_domain(domain) == domain
    assert not set(domain) & set("\r\n @,<>")


@given(st.text(max_size=80))
def test_a_parsed_mailbox_holds_nothing_that_a_header_could_take_wrongly(text: str) -> None:
    try:
        mailbox = parse_mailbox(text + "@alder.example")
    except Refused:
        return
    assert mailbox.domain == "alder.example"
    assert not set(str(mailbox)) & set('\r\n ,<>"()')
