"""Ways in besides people's own log-in: networks, tokens, programs, identity providers, services.

Everything goes through the actions that real administrators use, each at the time it is said to
have been done.
"""

from datetime import datetime, timedelta
from typing import Final

from meterdesk.demo.certificates import OwnCertificate
from meterdesk.demo.people import (
    ALDER,
    BRIGHTWELL,
    GREENLANE,
    HARBOUR,
    IVYBANK,
    OPERATOR,
    PARTIES,
    PROVIDERS,
    UserIdOf,
)
from meterdesk.federation import actions as federation
from meterdesk.federation.actions import NewProvider
from meterdesk.federation.rules import LogInRefused
from meterdesk.identity import actions
from meterdesk.identity.actions import NewToken, ServiceAccountDetails
from meterdesk.identity.queries import (
    NetworkSearch,
    actor_named,
    live_token,
    networks,
    organisation_id_of,
    person_id_of,
)
from meterdesk.identity.rules import (
    Actor,
    DeskRole,
    JobTypeRole,
    NetworkKind,
    NetworkVerb,
    UserRole,
)
from meterdesk.identity_provider.actions import NewService, add_service, move_service
from meterdesk.kernel.paging import PageRequest

KEEPER: Final = "desk.administrator"
ADMINISTRATOR: Final = "alder.organisational-administrator"
_DAY: Final = timedelta(days=1)


def open_doors(*, at: datetime) -> int:
    """Open every way in; returns how many networks there are. Run again, it changes nothing."""
    keeper, here = actor_named(KEEPER), PageRequest(limit=100)
    found = networks(keeper, NetworkSearch(), here, today=at.date()).items
    if found:
        return len(found)
    _gateways(keeper, at)
    _internet(keeper, at)
    _own_tokens(at)
    _programs(keeper, at)
    _identity_providers(keeper, at)
    _services(keeper, at)
    actions.request_reset(
        actor_named(ADMINISTRATOR),
        _person("alder.second-administrator"),
        "Telephone lost on the train. Known to me by voice; desk reference by her manager.",
        at=at - timedelta(hours=3),
    )
    return len(networks(keeper, NetworkSearch(), here, today=at.date()).items)


def _person(username: str) -> int:
    found = person_id_of(username)
    assert found is not None  # noqa: S101  opened before
    return found


def _organisation(name: str) -> int:
    found = organisation_id_of(name)
    assert found is not None  # noqa: S101  taken up before
    return found


def _gateways(keeper: Actor, at: datetime) -> None:
    """A gateway connection each; one whose review is overdue."""
    for place, party in enumerate((*PARTIES, IVYBANK)):
        begun = at - _DAY * (145 - 10 * place)
        due = (begun if party is HARBOUR else at) + _DAY * (20 + 20 * place)
        cidr, grounds = f"10.{party.number}.0.0/16", "As in the connection agreement"
        number, kind = _organisation(party.name), NetworkKind.GATEWAY
        actions.record_network(keeper, number, kind, cidr, grounds, due.date(), at=begun)
    for name, cidr in ((OPERATOR[0], "198.51.100.0/25"), (PROVIDERS[0][0], "198.51.100.128/26")):
        grounds = "Offices of the service desk" if name == OPERATOR[0] else "Resolvers' office"
        due, begun = at + _DAY * 200, at - _DAY * 148
        number, kind = _organisation(name), NetworkKind.INTERNET
        actions.record_network(None, number, kind, cidr, grounds, due.date(), at=begun)


def _internet(keeper: Actor, at: datetime) -> None:
    """Access over the internet: waiting, granted with a review soon, refused, granted anew."""
    alder, greenlane = actor_named(ADMINISTRATOR), actor_named("greenlane.administrator")
    brightwell = actor_named("brightwell.administrator")
    request, grant, refuse = actions.request_network, NetworkVerb.APPROVE, NetworkVerb.REFUSE
    grounds = "Call centre in Swansea, until its gateway connection is laid: 40 agents"
    request(alder, "203.0.113.64/27", grounds, at=at - _DAY * 2)
    grounds = "Head office, for the incident team"
    office = request(brightwell, "203.0.113.0/28", grounds, at=at - _DAY * 140)
    why = "Report of the penetration test read"
    _step(keeper, office, grant, why, at - _DAY * 138, at + _DAY * 12)
    anywhere = request(greenlane, "203.0.112.0/22", "Engineers' homes", at=at - _DAY * 40)
    why = "Too wide: ask for your VPN's addresses"
    _step(keeper, anywhere, refuse, why, at - _DAY * 38)
    vans = request(greenlane, "203.0.113.128/29", "VPN of the vans", at=at - _DAY * 37)
    _step(keeper, vans, grant, "As advised", at - _DAY * 36, at + _DAY * 150)


def _step(
    keeper: Actor,
    network_id: int,
    verb: NetworkVerb,
    why: str,
    at: datetime,
    review: datetime | None = None,
) -> None:
    by = review.date() if review else None
    actions.take_network_step(keeper, network_id, verb, why, version=None, at=at, review_date=by)


def _used(secret: str, address: str, at: datetime) -> None:
    found = live_token(secret)
    if found is not None:
        actions.note_token_use(found.token, address, at=at)


def _own_tokens(at: datetime) -> None:
    """People's tokens: in use, bound to networks, limited, revoked."""
    service, lead = actor_named("alder.service-management"), actor_named("alder.lead-agent")
    _, secret = actions.create_token(
        service, "Morning report", at + _DAY * 120, networks=["10.17.0.0/16"], at=at - _DAY * 60
    )
    _used(secret, "10.17.4.20", at - timedelta(hours=4))
    _, secret = actions.create_token(
        lead, "Wall screen", at + _DAY * 60, ["UC_Inventory", "UC_CSPCoverage"], at=at - _DAY * 100
    )
    _used(secret, "10.17.8.3", at - _DAY * 41)
    trial, _ = actions.create_token(service, "Trial of the API", at + _DAY * 30, at=at - _DAY * 90)
    actions.revoke_token(service, trial, at=at - _DAY * 80)


def _programs(keeper: Actor, at: datetime) -> None:
    """Service accounts: one whose token ends in days, one just rotated, one closed."""
    alder = actor_named(ADMINISTRATOR)
    billing = _program(
        alder,
        "alder.billing",
        "Billing run",
        "Reads meter inventory every night to bill what stands there. Beatrix Lund answers for it.",
        _roles(ALDER, JobTypeRole.SERVICE_MANAGEMENT_USER, JobTypeRole.MI_USER),
        at - _DAY * 130,
    )
    secret = _token(alder, billing, "Nightly", at + _DAY * 5, at - _DAY * 85)
    _used(secret, "10.17.2.11", at - timedelta(hours=7))
    planner = _program(
        alder,
        "alder.field-planner",
        "Field planner",
        "Asks where a hub has signal before an engineer is sent. Malcolm Orr answers for it.",
        _roles(ALDER, JobTypeRole.SMART_METER_OPERATIONS_USER),
        at - _DAY * 120,
    )
    new = NewToken(
        "Planner", at + _DAY * 200, ("UC_CSPCoverage", "UC_Inventory"), ("10.17.0.0/16",)
    )
    token_id, _ = actions.create_service_token(alder, planner, new, at=at - _DAY * 110)
    secret = actions.rotate_token(alder, token_id, _DAY * 3, at=at - _DAY)
    _used(secret, "10.17.2.12", at - timedelta(minutes=20))
    old = _program(
        alder,
        "alder.spreadsheet",
        "Spreadsheet of the supply team",
        "Filled the team's spreadsheet; the portfolio's CSV does it now.",
        _roles(ALDER, JobTypeRole.MI_USER),
        at - _DAY * 128,
    )
    actions.close_service_account(alder, old, None, at=at - _DAY * 30)
    greenlane = actor_named("greenlane.administrator")
    details = "Gives engineers' tablets the Devices of a visit. Hester Quayle answers for it."
    visits = _roles(GREENLANE, JobTypeRole.SMART_METER_OPERATIONS_USER)
    tablets = _program(
        greenlane, "greenlane.tablets", "Engineers' tablets", details, visits, at - _DAY * 70
    )
    _token(greenlane, tablets, "Depot Leeds", at + _DAY * 90, at - _DAY * 70)
    _operators_programs(keeper, at)


def _operators_programs(keeper: Actor, at: datetime) -> None:
    """One that watches the desk, and a provider's that pushes what it knows of its hubs."""
    monitor = actions.open_service_account(
        keeper,
        "network.monitor",
        ServiceAccountDetails(
            "Monitoring", "Watches feeds and queues.", desk=frozenset({DeskRole.AGENT})
        ),
        at=at - _DAY * 90,
    )
    _token(keeper, monitor, "Probe", at + _DAY * 150, at - _DAY * 90)
    hubs = actions.open_service_account(
        keeper,
        "northmast.hubs",
        ServiceAccountDetails(
            "Hub data",
            "Pushes the data of Communications Hubs. Olwen Pryce answers for it.",
            feeds=frozenset({"hubs"}),
        ),
        organisation_id_of("Northmast Communications"),
        at=at - _DAY * 60,
    )
    _token(keeper, hubs, "Hub system", at + _DAY * 120, at - _DAY * 60)


def _roles(party: UserIdOf, *roles: JobTypeRole) -> frozenset[tuple[str, JobTypeRole]]:
    return frozenset((eui, role) for eui in party.user_ids for role in roles)


def _program(
    actor: Actor,
    username: str,
    name: str,
    purpose: str,
    roles: frozenset[tuple[str, JobTypeRole]],
    at: datetime,
) -> int:
    details = ServiceAccountDetails(name, purpose, roles)
    return actions.open_service_account(actor, username, details, at=at)


def _token(actor: Actor, account_id: int, name: str, ends: datetime, at: datetime) -> str:
    new = NewToken(name, ends)
    return actions.create_service_token(actor, account_id, new, at=at)[1]


def _identity_providers(keeper: Actor, at: datetime) -> None:
    """One approved whose certificate ends soon, one waiting for approval; log-ins that failed."""
    alder, brightwell = actor_named(ADMINISTRATOR), actor_named("brightwell.administrator")
    ending = _enrol(alder, ALDER, at - _DAY * 140, at + _DAY * 18)
    for verb, actor in (("test", alder), ("submit", alder), ("approve", keeper)):
        why = "Fingerprint compared by telephone with Gwen Parry" if verb == "approve" else ""
        federation.take_step(actor, ending, verb, None, why=why, at=at - _DAY * 138)
    waiting = _enrol(brightwell, BRIGHTWELL, at - _DAY * 9, at + _DAY * 700)
    federation.take_step(brightwell, waiting, "test", None, at=at - _DAY * 8)
    federation.take_step(brightwell, waiting, "submit", None, at=at - _DAY * 3)
    foreign = BRIGHTWELL.user_id(UserRole.IS)
    for reason, facts, hours in (
        ("roles_unknown", "Meter Wizard", 50),
        ("user_ids_foreign", foreign, 26),
        ("request_expired", "", 5),
    ):
        federation.record_failure(
            LogInRefused(reason, facts),
            provider_id=ending,
            address="10.17.6.2",
            at=at - timedelta(hours=hours),
        )


def _enrol(actor: Actor, party: UserIdOf, at: datetime, ends: datetime) -> int:
    name = f"{party.name} directory"
    certificate = OwnCertificate(name, at - _DAY, ends)
    new = NewProvider(
        name=name,
        slug=party.key,
        entity_id=f"https://idp.{party.key}.example/metadata",
        sso_url=f"https://idp.{party.key}.example/sso",
        certificates=(certificate.pem.decode(),),
        contact_name="Identity team",
        contact_email=f"identity@{party.key}.example",
        contact_telephone="020 7946 0170",
    )
    return federation.add_provider(actor, new, at=at)


def _services(keeper: Actor, at: datetime) -> None:
    """A service of some organisations, suspended, besides the ordering system of all."""
    stock = NewService(
        name="Meter stock portal",
        entity_id="https://stock.example/saml",
        acs_urls=("https://stock.example/saml/acs",),
        contact="desk@stock.example",
        told=("Username", "Organisation", "Roles"),
        organisation_ids=(_organisation(ALDER.name), _organisation(GREENLANE.name)),
    )
    number = add_service(keeper, stock, at=at - _DAY * 60)
    why = "Its certificate for answers was found on a public host"
    move_service(keeper, number, "suspend", why, version=None, at=at - _DAY * 4)
