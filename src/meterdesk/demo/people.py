"""Who takes part in the demonstration: organisations, UserIds, people and their roles."""

from dataclasses import dataclass, field

from meterdesk.identity.rules import DeskRole, JobTypeRole, OrganisationKind, UserRole


@dataclass(frozen=True, slots=True)
class UserIdOf:
    """A demonstration organisation with its UserIds by User Role."""

    name: str
    key: str
    number: int
    roles: tuple[UserRole, ...]

    def user_id(self, role: UserRole) -> str:
        """The organisation's UserId of that role: an EUI-64 of the demonstration's own block."""
        place = list(UserRole).index(role) + 1
        return f"90-B3-D5-1F-30-{self.number:02X}-00-{place:02X}"

    @property
    def user_ids(self) -> list[str]:
        """Every UserId of the organisation."""
        return [self.user_id(role) for role in self.roles]


IS, ES, GS, ED, GT, RSA, OU = UserRole
ALDER = UserIdOf("Alder Energy", "alder", 0x11, (IS, ES, GS))
BRIGHTWELL = UserIdOf("Brightwell Power and Gas", "brightwell", 0x12, (IS, GS))
CURRENTLINE = UserIdOf("Currentline Electricity", "currentline", 0x13, (IS, ES))
DUNLIN = UserIdOf("Dunlin Gas", "dunlin", 0x14, (GS,))
EASTMOOR = UserIdOf("Eastmoor Electricity Networks", "eastmoor", 0x15, (ED,))
FELLGATE = UserIdOf("Fellgate Gas Transport", "fellgate", 0x16, (GT,))
GREENLANE = UserIdOf("Greenlane Metering Services", "greenlane", 0x17, (RSA,))
HARBOUR = UserIdOf("Harbour Energy Insight", "harbour", 0x18, (OU,))
IVYBANK = UserIdOf("Ivybank Supply", "ivybank", 0x19, (IS,))
PARTIES = (ALDER, BRIGHTWELL, CURRENTLINE, DUNLIN, EASTMOOR, FELLGATE, GREENLANE, HARBOUR)

OPERATOR = ("National Metering Network", "network", OrganisationKind.OPERATOR, ())
PROVIDERS = (
    ("Northmast Communications", "northmast", OrganisationKind.SERVICE_PROVIDER, ("North",)),
    (
        "Southcell Communications",
        "southcell",
        OrganisationKind.SERVICE_PROVIDER,
        ("Central", "South"),
    ),
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A demonstration account: (UserId, Job Type Role) pairs, or desk roles."""

    username: str
    first_name: str
    last_name: str
    organisation: str
    assignments: tuple[tuple[str, JobTypeRole], ...] = ()
    desk: tuple[DeskRole, ...] = ()
    new: bool = field(default=False)

    @property
    def department(self) -> str:
        """Where the person works: by the first role."""
        if self.desk:
            return "Service desk"
        return _DEPARTMENTS[self.assignments[0][1]] if self.assignments else ""

    @property
    def line_manager(self) -> str:
        """Whom the person answers to."""
        return _LINE_MANAGERS.get(self.department, "")


_DEPARTMENTS = {
    JobTypeRole.ALL_ACCESS: "Operations",
    JobTypeRole.ORGANISATIONAL_ADMINISTRATOR: "Information security",
    JobTypeRole.SECURITY_USER: "Information security",
    JobTypeRole.LEAD_AGENT: "Customer care",
    JobTypeRole.CALL_CENTRE_USER: "Customer care",
    JobTypeRole.MI_USER: "Reporting",
    JobTypeRole.SERVICE_MANAGEMENT_USER: "Operations",
    JobTypeRole.SMART_METER_OPERATIONS_USER: "Field work",
    JobTypeRole.ASSET_MANAGEMENT_ORDERING: "Supply",
    JobTypeRole.SEC_CONTRACT_MANAGER: "Regulation",
    JobTypeRole.LOGISTICS: "Supply",
}
_LINE_MANAGERS = {
    "Operations": "Sunita Rao",
    "Information security": "Piers Holt",
    "Customer care": "Lowri Jenkins",
    "Field work": "Malcolm Orr",
    "Supply": "Beatrix Lund",
    "Service desk": "Rowan Clarke",
}


def _on_all(party: UserIdOf, role: JobTypeRole) -> tuple[tuple[str, JobTypeRole], ...]:
    return tuple((user_id, role) for user_id in party.user_ids)


_FIRST = (
    "Amara",
    "Ben",
    "Carys",
    "Dev",
    "Elspeth",
    "Farid",
    "Grace",
    "Hamish",
    "Isla",
    "Jomo",
    "Kit",
)
_LAST = (
    "Okafor",
    "Lloyd",
    "Pritchard",
    "Mistry",
    "Reid",
    "Aziz",
    "Whitlock",
    "Baird",
    "Moore",
    "Kaur",
    "Fenn",
)


def _role_key(role: JobTypeRole) -> str:
    return role.value.lower().replace(" user", "").replace(" ", "-")


def demo_people() -> list[DemoPerson]:
    """Everybody with an account in the demonstration."""
    people = [
        DemoPerson(f"alder.{_role_key(role)}", first, last, ALDER.name, _on_all(ALDER, role))
        for role, first, last in zip(JobTypeRole, _FIRST, _LAST, strict=True)
    ]
    people += [
        DemoPerson(
            "alder.two-hats", "Nia", "Howell", ALDER.name,
            (
                (ALDER.user_id(IS), JobTypeRole.CALL_CENTRE_USER),
                (ALDER.user_id(GS), JobTypeRole.SERVICE_MANAGEMENT_USER),
            ),
        ),
        DemoPerson(
            "alder.second-administrator", "Rhian", "Ellery", ALDER.name,
            _on_all(ALDER, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR),
        ),
        DemoPerson(
            "alder.newcomer", "", "", ALDER.name,
            _on_all(ALDER, JobTypeRole.CALL_CENTRE_USER), new=True,
        ),
    ]  # fmt: skip
    service, admin = JobTypeRole.SERVICE_MANAGEMENT_USER, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
    operations = JobTypeRole.SMART_METER_OPERATIONS_USER
    others = (
        (BRIGHTWELL, "service", "Owen", "Marsh", service),
        (BRIGHTWELL, "administrator", "Petra", "Nowak", admin),
        (CURRENTLINE, "service", "Quinn", "Adeyemi", service),
        (DUNLIN, "service", "Rhona", "Keane", service),
        (EASTMOOR, "service", "Samir", "Haddad", service),
        (FELLGATE, "service", "Tamsin", "Price", service),
        (HARBOUR, "mi", "Uma", "Sethi", JobTypeRole.MI_USER),
    )
    people += [
        DemoPerson(f"{party.key}.{key}", first, last, party.name, _on_all(party, role))
        for party, key, first, last, role in others
    ]
    people.append(
        DemoPerson(
            "greenlane.operations", "Viktor", "Lang", GREENLANE.name,
            (*_on_all(GREENLANE, operations), (ALDER.user_id(GS), operations)),
        )
    )  # fmt: skip
    return people + _officers() + _desk_people()


def _officers() -> list[DemoPerson]:
    """Senior Responsible Officers, and the administrators of those who share."""
    named = (
        (ALDER, "Sian", "Beddoes"),
        (BRIGHTWELL, "Idris", "Fallow"),
        (DUNLIN, "Maeve", "Tully"),
        (EASTMOOR, "Rafiq", "Chowdhury"),
        (GREENLANE, "Hester", "Quayle"),
        (HARBOUR, "Leon", "Abara"),
    )
    security, admin = JobTypeRole.SECURITY_USER, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
    officers = [
        DemoPerson(f"{party.key}.officer", first, last, party.name, _on_all(party, security))
        for party, first, last in named
    ]
    others = ((GREENLANE, "Bryn", "Sayer"), (IVYBANK, "Odette", "Marlow"))
    return officers + [
        DemoPerson(f"{party.key}.administrator", first, last, party.name, _on_all(party, admin))
        for party, first, last in others
    ]


def _desk_people() -> list[DemoPerson]:
    operator = OPERATOR[0]
    agent, resolver = DeskRole.AGENT, DeskRole.RESOLVER
    return [
        DemoPerson("desk.agent", "Wren", "Ashby", operator, desk=(agent,)),
        DemoPerson("desk.second-agent", "Xavier", "Cole", operator, desk=(agent,)),
        DemoPerson(
            "desk.major", "Yara", "Stone", operator, desk=(DeskRole.MAJOR_INCIDENT_MANAGER,)
        ),
        DemoPerson("desk.administrator", "Zeb", "Turner", operator, desk=(DeskRole.ADMINISTRATOR,)),
        DemoPerson(
            "desk.security", "Anwen", "Vaughan", operator, desk=(DeskRole.SECURITY_OFFICER,)
        ),
        DemoPerson("desk.editor", "Bram", "Ellis", operator, desk=(DeskRole.EDITOR,)),
        DemoPerson("northmast.resolver", "Cleo", "Strand", PROVIDERS[0][0], desk=(resolver,)),
        DemoPerson("southcell.resolver", "Dara", "Finch", PROVIDERS[1][0], desk=(resolver,)),
    ]
