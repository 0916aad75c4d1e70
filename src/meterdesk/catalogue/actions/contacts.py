"""Contact details as a request needs them: names, telephone, a valid email address (SSI-FR-56)."""

from dataclasses import astuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from meterdesk.identity.rules import telephone_mistake
from meterdesk.kernel.contacts import Contact

LONGEST_NAME = 100


def wrong_contacts(contact: Contact, other: Contact | None) -> dict[str, str]:
    """What is wrong with the contact details (SSI-FR-56), by field; the second one's as other_*."""
    wrong = {name: message for name, message in _wrong_contact(contact)}
    wrong |= {f"other_{name}": message for name, message in _wrong_contact(other)} if other else {}
    return wrong


def tidy(contact: Contact) -> Contact:
    """The details as they are kept: one line each, without blanks around them."""
    return Contact(*(" ".join(one.split()) for one in astuple(contact)))


def _wrong_contact(contact: Contact) -> list[tuple[str, str]]:
    wrong = []
    for name, label in (("first_name", "first name"), ("last_name", "last name")):
        if not 0 < len(getattr(contact, name).strip()) <= LONGEST_NAME:
            wrong.append((name, f"Enter a {label} of up to {LONGEST_NAME} characters."))
    if mistake := telephone_mistake(contact.telephone.strip()):
        wrong.append(("telephone", mistake))
    try:
        validate_email(contact.email.strip())
    except ValidationError:
        wrong.append(("email", "Enter an email address such as name@example.com."))
    return wrong
