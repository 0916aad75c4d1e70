"""Identity providers for tests, and what browsers do with them.

alder = make_federation()          # an organisation with an active provider, and its people
answer = log_in_through(client, alder, name_id="ann")
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from django.test import Client
from django.utils import timezone
from lxml import etree

from meterdesk.federation.actions import NewProvider, add_provider, take_step
from meterdesk.federation.models import IdentityProvider
from meterdesk.federation.queries import service_provider
from meterdesk.identity.models import Organisation, Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import (
    actor_for,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.saml.tests.maker import CONTEXT, certificate, make_answer

DETAILS = {
    "FirstName": ["Ann"],
    "LastName": ["Ash"],
    "Email": ["ann.ash@alder.example"],
    "Telephone": ["020 7946 0000"],
}


@dataclass(frozen=True)
class Federation:
    """An organisation with an active identity provider."""

    organisation: Organisation
    user_id: str
    provider: IdentityProvider
    administrator: Person
    operator: Person


def certificate_of_today(name: str = "provider"):
    """A certificate that is valid now."""
    return certificate(name, timezone.now().replace(hour=0, minute=0, second=0, microsecond=0))


def make_federation(name: str = "Alder Energy", key: str = "provider") -> Federation:
    """An organisation with a UserId, an administrator and an active provider of its own."""
    organisation = make_organisation(name)
    user_id = make_user_id(organisation=organisation)
    slug = name.lower().replace(" ", "-")
    administrator = make_person(
        f"{slug}.admin", [(user_id, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)]
    )
    operator = Person.objects.filter(username="keeper").first() or make_person(
        "keeper", desk=[DeskRole.ADMINISTRATOR]
    )
    at = timezone.now()
    provider_id = add_provider(
        actor_for(administrator),
        NewProvider(
            name=f"{name} directory",
            slug=slug,
            entity_id=f"https://idp.{slug}.example/metadata",
            sso_url=f"https://idp.{slug}.example/sso",
            certificates=(certificate_of_today(key).pem,),
        ),
        at=at,
    )
    for version, (who, verb) in enumerate(
        ((administrator, "test"), (administrator, "submit"), (operator, "approve")), start=1
    ):
        take_step(actor_for(who), provider_id, verb, version, why="Checked", at=at)
    return Federation(
        organisation,
        user_id,
        IdentityProvider.objects.get(pk=provider_id),
        administrator,
        operator,
    )


def leave(client: Client, slug: str, query: str = "") -> etree._Element:
    """Begin a log-in; returns the AuthnRequest that the page posts."""
    page = client.get(f"/saml/{slug}/{query}")
    assert page.status_code == 200, page.content
    field = page.content.decode().split('name="SAMLRequest" value="')[1].split('"')[0]
    return etree.fromstring(base64.b64decode(field))


def answer_to(
    federation: Federation,
    request: etree._Element,
    *,
    by: str = "provider",
    roles: str = "Call Centre User",
    user_ids: str = "",
    attributes: Mapping[str, list[str]] = DETAILS,
    **given,
) -> dict[str, str]:
    """The form that the provider posts in answer."""
    service = service_provider()
    claims = {
        "Roles": [roles],
        "OrgID": [user_ids or federation.user_id],
        "Username": [given.get("name_id", "ann")],
        **attributes,
    }
    claims = {name: values for name, values in claims.items() if values != [""]}
    document = make_answer(
        by=by,
        **{
            "now": timezone.now().replace(microsecond=0),
            "name_id": "ann",
            "issuer": federation.provider.entity_id,
            "audience": service.entity_id,
            "acs_url": service.acs_url,
            "request_id": request.get("ID"),
            "context": CONTEXT,
            "attributes": claims,
            "assertion_id": f"_a{request.get('ID')}",
            **given,
        },
    )
    return {"SAMLResponse": base64.b64encode(document).decode()}


def log_in_through(client: Client, federation: Federation, query: str = "", **given):
    """Log in at the provider; returns the last answer: of the finish, or of a refusal before."""
    request = leave(client, federation.provider.slug, query)
    # From another site: without this one's cookies.
    answered = Client().post("/saml/acs/", answer_to(federation, request, **given))
    if answered.status_code != 303:
        return answered
    return client.get(answered["Location"])
