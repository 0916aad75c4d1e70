"""Three months of a home's messages: schedules, reads, alerts, and what goes wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from meterdesk.demo.homes import Condition, DemoDevice, Home
from meterdesk.demo.people import EASTMOOR
from meterdesk.identity.rules import UserRole

DAYS = 91
PERIOD = timedelta(days=DAYS)
ON_DEMAND = (
    ("7.4", "ESME"), ("4.1.1", "ESME"), ("6.13", "ESME"), ("11.2", "GSME"), ("4.1.1", "GSME"),
    ("3.1", "ESME"), ("4.18", "ESME"), ("8.9", "CHF"),
)  # fmt: skip
_TROUBLE = {
    Condition.HUB_SILENT: ("E20", "every"),
    Condition.DECOMMISSIONED: ("E5", "every"),
    Condition.GAS_LOST: ("E21", "gas"),
    Condition.SUSPENDED: ("E5", "electricity"),
}
PREPAYMENT = (("2.2", "ESME"), ("4.3", "ESME"), ("4.14", "ESME"))


@dataclass(frozen=True, slots=True)
class Outage:
    """A power cut of one outcode: nothing there answers while it lasts."""

    outcode: str
    starts_at: datetime
    ends_at: datetime


def outages_of(seed: int, outcodes: list[str], now: datetime) -> list[Outage]:
    """A few power cuts in the period, one of them today."""
    rng = Random(seed)
    picked = rng.sample(outcodes, min(len(outcodes), max(2, len(outcodes) // 40)))
    outages = []
    for place, outcode in enumerate(picked):
        starts = now - timedelta(hours=3 if place == 0 else rng.randint(24, 24 * 85))
        outages.append(Outage(outcode, starts, starts + timedelta(hours=rng.uniform(1, 6))))
    return outages


@dataclass(slots=True)
class Source:
    """What the messages of one home are drawn from; `daily_share` thins the daily reads."""

    home: Home
    rng: Random
    now: datetime
    outages: list[Outage]
    daily_share: float

    def messages(self) -> Iterator[dict[str, Any]]:
        """The home's messages as records of the trail file, in no order."""
        if not self.home.devices or self.home.condition is Condition.NO_COVERAGE:
            yield from self._failed_install()
            return
        for device in self.home.devices:
            yield from self._scheduled(device)
        yield from self._on_demand()
        yield from self._alerts()

    def _supplier_of(self, device: DemoDevice, at: datetime) -> str:
        home = self.home
        if device.model.device_type in ("GSME", "GPF") and home.gas:
            return home.gas.user_id(UserRole.GS)
        if home.previous_supplier and at.date() < home.supplied_since:
            return home.previous_supplier.user_id(UserRole.IS)
        return home.electricity.user_id(UserRole.IS)

    def _scheduled(self, device: DemoDevice) -> Iterator[dict[str, Any]]:
        srv = {"ESME": "4.6.1", "GSME": "4.17"}.get(device.model.device_type)
        if srv is None:
            return
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        offset = timedelta(seconds=self.rng.randint(600, 21_000))
        for day in range(DAYS):
            if self.rng.random() < self.daily_share:
                weekly = day % 7 == 0 and device.model.device_type == "ESME"
                at = midnight - timedelta(days=day) + offset
                yield from self._request(device, "4.8.1" if weekly else srv, at, "DSP Scheduled")

    def _on_demand(self) -> Iterator[dict[str, Any]]:
        wanted = [*ON_DEMAND, *PREPAYMENT * 3] if self.home.prepayment else list(ON_DEMAND)
        for _ in range(int(8 * self.daily_share) + 1):
            srv, device_type = self.rng.choice(wanted)
            device = self.home.device(device_type)
            if device:
                yield from self._request(device, srv, self._instant(), "On Demand")

    def _instant(self) -> datetime:
        at = self.now - timedelta(days=self.rng.randint(0, DAYS - 1))
        return at.replace(hour=self.rng.randint(7, 19), minute=self.rng.randint(0, 59))

    def _request(
        self, device: DemoDevice, srv: str, at: datetime, mode: str
    ) -> Iterator[dict[str, Any]]:
        if at > self.now or at.date() < self.home.installed:
            return
        originator = self._supplier_of(device, at)
        code = self._response_code(device, at)
        waiting = code is None
        seconds = self.rng.uniform(2, 25) if code == "I0" else self.rng.uniform(60, 900)
        done = at + timedelta(seconds=seconds)
        counter = int(at.timestamp()) * 8 + self.rng.randint(0, 7)
        request_id = f"{originator}:{device.device_id}:{counter}"
        status = "In Progress" if waiting else "Success" if code == "I0" else "Failure"
        history = [{"status": "Received", "at": _iso(at)}]
        if not waiting:
            history.append({"status": status, "at": _iso(done)})
        yield {
            "type": "request",
            "request_id": request_id,
            "response_id": None if waiting else f"{device.device_id}:{originator}:{counter}",
            "originator": originator,
            "device_id": device.device_id,
            "srv": srv,
            "service_reference": ".".join(srv.split(".")[:2]),
            "command_variant": 1,
            "mode": mode,
            "received_at": _iso(at),
            "responded_at": None if waiting else _iso(done),
            "response_code": code,
            "status": status,
            "csp_region": self.home.postcode.place.region,
            "mpxn": self._mpxn(device),
            "preceding_request_id": None,
            "gbcs_sequence": counter,
            "anomaly_flag": False,
            "status_history": history,
        }

    def _mpxn(self, device: DemoDevice) -> str | None:
        if device.model.device_type == "ESME":
            return self.home.mpan
        return self.home.mprn if device.model.device_type == "GSME" else None

    def _response_code(self, device: DemoDevice, at: datetime) -> str | None:
        """I0, an error code, or None while the answer is still to come."""
        gas = device.model.device_type == "GSME"
        condition = self.home.condition
        if at.date() >= self.home.trouble_since and condition in _TROUBLE:
            code, whose = _TROUBLE[condition]
            if whose in ("every", "gas" if gas else "electricity"):
                return code
        if condition is Condition.NOT_COMMISSIONED and gas:
            return "E5"
        if self._cut(at):
            return "E20"
        if self.now - at < timedelta(minutes=20):
            return None
        return "E21" if self.rng.random() < 0.012 else "I0"

    def _cut(self, at: datetime) -> bool:
        return any(outage.starts_at <= at < outage.ends_at for outage in self.outages)

    def _failed_install(self) -> Iterator[dict[str, Any]]:
        hub = self.home.device("CHF")
        if hub:
            at = datetime.combine(self.home.installed, datetime.min.time(), UTC)
            yield from self._request(hub, "8.14.2", max(at, self.now - PERIOD), "DCC Only")

    def _alerts(self) -> Iterator[dict[str, Any]]:
        home, esme, hub = self.home, self.home.device("ESME"), self.home.device("CHF")
        gsme = home.device("GSME")
        for outage in self.outages:
            if esme and hub:
                told_at = outage.starts_at + timedelta(minutes=3)
                yield self._alert(hub, "AD1", told_at, "DCC Alert")
                distributor = EASTMOOR.user_id(UserRole.ED)
                yield self._alert(hub, "AD1", told_at, "DCC Alert", recipient=distributor)
                if outage.ends_at < self.now:
                    yield self._alert(esme, "8F36", outage.ends_at, "Device Alert")
        if home.condition is Condition.LOW_BATTERY and gsme:
            yield self._alert(gsme, "8F1F", self._on(home.trouble_since), "Device Alert")
        if home.condition is Condition.GAS_LOST and gsme and hub:
            yield self._alert(hub, "8F29", self._on(home.trouble_since), "Device Alert")
        if esme and self.rng.random() < 0.02:
            code = self.rng.choice(("81A0", "8F3F", "8F76", "8002", "8145"))
            yield self._alert(esme, code, self._instant(), "Device Alert")

    def _on(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 4, self.rng.randint(0, 59), tzinfo=UTC)

    def _alert(
        self, device: DemoDevice, code: str, at: datetime, mode: str, recipient: str = ""
    ) -> dict[str, Any]:
        at = min(at, self.now)
        recipient = recipient or self._supplier_of(device, at)
        return {
            "type": "alert",
            "alert_id": f"{device.device_id}:{recipient}:{code}:{int(at.timestamp())}",
            "device_id": device.device_id,
            "recipient": recipient,
            "alert_code": code,
            "received_at": _iso(at),
            "mode": mode,
            "csp_region": self.home.postcode.place.region,
            "mpxn": self._mpxn(device),
        }


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
