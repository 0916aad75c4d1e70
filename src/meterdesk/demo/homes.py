"""One demonstration home: who supplies it, what is on its wall, and what is wrong with it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from random import Random

from meterdesk.demo.people import ALDER, BRIGHTWELL, CURRENTLINE, DUNLIN, UserIdOf
from meterdesk.demo.places import Postcode, postcode_of, property_of
from meterdesk.demo.products import MODELS, Model
from meterdesk.kernel.identifiers import mpan_check_digit, mprn_with_check

SPLIT_FUEL_SHARE = 0.10
LEAVING = 23
"""One home in so many changes its electricity supplier in the weeks to come."""
SMETS1_SHARE = 0.14


class Condition(Enum):
    """What is the matter with a home."""

    HEALTHY = "healthy"
    HUB_SILENT = "hub silent"
    GAS_LOST = "gas meter lost from the HAN"
    NOT_COMMISSIONED = "not commissioned"
    NO_COVERAGE = "no coverage"
    OLD_FIRMWARE = "old firmware"
    SUSPENDED = "suspended"
    LOW_BATTERY = "low battery"
    DECOMMISSIONED = "decommissioned"


SHARES = {
    Condition.HEALTHY: 870,
    Condition.HUB_SILENT: 22,
    Condition.GAS_LOST: 26,
    Condition.NOT_COMMISSIONED: 20,
    Condition.NO_COVERAGE: 18,
    Condition.OLD_FIRMWARE: 20,
    Condition.SUSPENDED: 6,
    Condition.LOW_BATTERY: 10,
    Condition.DECOMMISSIONED: 8,
}
_CONDITIONS = [condition for condition, share in SHARES.items() for _ in range(share)]


@dataclass(slots=True)
class DemoDevice:
    """A Device as the inventory file will say it."""

    device_id: str
    model: Model
    firmware: str
    status: str
    status_date: date
    associated_with: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Home:
    """A premises with its meter points, Devices, parties and condition."""

    index: int
    postcode: Postcode
    property: str
    uprn: str
    mpan: str
    mprn: str
    export_mpan: str
    electricity: UserIdOf
    gas: UserIdOf | None
    supplied_since: date
    previous_supplier: UserIdOf | None
    smets1: bool
    prepayment: bool
    condition: Condition
    trouble_since: date
    installed: date
    devices: list[DemoDevice] = field(default_factory=list)
    next_supplier: UserIdOf | None = None
    next_supplied_from: date | None = None

    def device(self, device_type: str) -> DemoDevice | None:
        """The home's Device of that type, if it has one."""
        return next((d for d in self.devices if d.model.device_type == device_type), None)

    def spare_device_id(self, address_block: str, place: int) -> str:
        """The Device ID of one that is not among the home's own yet, at a place up to 7."""
        return _device_id(address_block, self.index, place)


def home_of(seed: int, index: int, today: date) -> Home:
    """Home `index` of the network grown from `seed`; the same arguments give the same home."""
    rng = Random(seed * 1_000_003 + index)
    postcode = postcode_of(index)
    has_gas = rng.random() < 0.78
    electricity, gas = _suppliers(rng, has_gas)
    installed = today - timedelta(days=rng.randint(60, 2_400))
    condition = rng.choice(_CONDITIONS)
    changed = rng.random() < 0.12
    home = Home(
        index=index,
        postcode=postcode,
        property=property_of(index, rng),
        uprn=str(100_000_000_000 + _scattered(index, 10**10, 987_654_321)),
        mpan=_mpan(postcode.place.distributor, index, 7 * index % 20),
        mprn=mprn_with_check(f"{10_000_000 + _scattered(index, 8 * 10**7 + 1, 4_321)}")
        if has_gas
        else "",
        export_mpan=_mpan(postcode.place.distributor, index, 50 + index % 20)
        if rng.random() < 0.05
        else "",
        electricity=electricity,
        gas=gas,
        supplied_since=today - timedelta(days=rng.randint(20, 300)) if changed else installed,
        previous_supplier=rng.choice((ALDER, BRIGHTWELL, CURRENTLINE)) if changed else None,
        smets1=rng.random() < SMETS1_SHARE,
        prepayment=rng.random() < 0.15,
        condition=condition,
        trouble_since=today - timedelta(days=rng.randint(1, 40)),
        installed=installed,
    )
    if home.previous_supplier is home.electricity:
        home.previous_supplier = None
    _equip(home, rng)
    if int(home.mpan[2:10]) % LEAVING == 0:
        home.next_supplier = BRIGHTWELL if electricity is not BRIGHTWELL else ALDER
        home.next_supplied_from = today + timedelta(days=4 + int(home.mpan[-3:]) % 14)
    return home


def _suppliers(rng: Random, has_gas: bool) -> tuple[UserIdOf, UserIdOf | None]:
    electricity = rng.choices((ALDER, BRIGHTWELL, CURRENTLINE), (45, 40, 15))[0]
    if not has_gas:
        return electricity, None
    if electricity is CURRENTLINE or rng.random() < SPLIT_FUEL_SHARE:
        others = [s for s in (ALDER, BRIGHTWELL, DUNLIN) if s is not electricity]
        return electricity, rng.choice(others)
    return electricity, electricity


def _scattered(index: int, modulus: int, key: int) -> int:
    """A number below `modulus` for each index, no two alike, without visible order."""
    return (index * 7_654_321 + key) % modulus


def _mpan(distributor: str, index: int, kind: int) -> str:
    core = f"{distributor}{_scattered(index, 10**8, 12_345_678):08d}{kind:02d}"
    return f"{core}{mpan_check_digit(core)}"


def _model(device_type: str, home: Home, rng: Random) -> Model:
    region, smets1 = home.postcode.place.region, home.smets1
    fitting = [
        model
        for model in MODELS
        if model.device_type == device_type
        and (model.smets == "SMETS1") == smets1
        and (not model.regions or region in model.regions)
    ]
    return rng.choice(fitting)


def _equip(home: Home, rng: Random) -> None:
    wanted = ["CHF", "ESME"]
    if home.mprn:
        wanted += ["GPF", "GSME"]
    if not home.smets1 and rng.random() < 0.8:
        wanted.append("PPMID")
    if not home.smets1 and rng.random() < 0.03:
        wanted.append("HCALCS")
    hub_model = _model("CHF", home, rng)
    for place, device_type in enumerate(wanted):
        model = hub_model if device_type in ("CHF", "GPF") else _model(device_type, home, rng)
        if device_type == "GPF":
            model = _as_gpf(model)
        home.devices.append(
            DemoDevice(
                device_id=_device_id(model.address_block, home.index, place),
                model=model,
                firmware=home.devices[0].firmware
                if device_type == "GPF"
                else _firmware(model, home, rng),
                status=_status(home, device_type),
                status_date=home.installed
                if home.condition in (Condition.HEALTHY, Condition.NOT_COMMISSIONED)
                else home.trouble_since,
            )
        )
    _associate(home)


_GPF_OF: dict[str, Model] = {}


def _as_gpf(hub: Model) -> Model:
    if hub.model not in _GPF_OF:
        _GPF_OF[hub.model] = Model(
            "GPF", hub.manufacturer, hub.address_block, hub.model, hub.smets, hub.gbcs,
            hub.firmware, hub.withdrawn,
        )  # fmt: skip
    return _GPF_OF[hub.model]


def _device_id(address_block: str, index: int, place: int) -> str:
    tail = f"{_scattered(index * 8 + place, 1 << 40, 0x5A_1234_5678):010X}"
    return "-".join([address_block, *(tail[i : i + 2] for i in range(0, 10, 2))])


def _firmware(model: Model, home: Home, rng: Random) -> str:
    if home.condition is Condition.OLD_FIRMWARE and model.withdrawn:
        return model.withdrawn[0]
    if home.condition is Condition.OLD_FIRMWARE or rng.random() < 0.15:
        return model.firmware[0]
    return model.firmware[-1]


def _status(home: Home, device_type: str) -> str:
    match home.condition, device_type:
        case Condition.NOT_COMMISSIONED, "GSME" | "PPMID":
            return "InstalledNotCommissioned"
        case Condition.NOT_COMMISSIONED, "ESME" if not home.mprn:
            return "InstalledNotCommissioned"
        case Condition.NO_COVERAGE, _:
            return "InstalledNotCommissioned" if device_type != "PPMID" else "Pending"
        case Condition.SUSPENDED, "ESME":
            return "Suspended"
        case Condition.DECOMMISSIONED, _:
            return "Decommissioned"
        case _:
            return "Commissioned"


def _associate(home: Home) -> None:
    hub, esme = home.device("CHF"), home.device("ESME")
    gpf, gsme = home.device("GPF"), home.device("GSME")
    assert hub and esme  # noqa: S101  every home has both
    esme.associated_with.append(hub.device_id)
    if gpf and gsme:
        gpf.associated_with.append(hub.device_id)
        gsme.associated_with.append(gpf.device_id)
    for extra in ("PPMID", "HCALCS"):
        if device := home.device(extra):
            device.associated_with.append(esme.device_id)
            if gpf and extra == "PPMID":
                device.associated_with.append(gpf.device_id)
