"""Loads the API on loopback: one web worker on one core, the callers on the other."""

import http.client
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import cycle

from tests.scale.figures import Spread

PORT = 8911
CALLERS = 8


def load_api(username: str, devices: list[str], seconds: int) -> Iterator[tuple[str, str, str]]:
    """Look Devices up for `seconds` (bounded) and yield what was seen."""
    token = subprocess.run(
        [sys.executable, "-m", "meterdesk.cli", "token", username],
        check=True, capture_output=True, text=True,
        env={**os.environ, "METERDESK_PROCESS": "command"},
    ).stdout.strip()  # fmt: skip
    pin = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    command = [sys.executable, "-m", "meterdesk.cli", "serve", "--port", str(PORT)]
    server = subprocess.Popen(
        [*pin, *command, "--workers", "1", "--no-worker"],
        env={**os.environ, "METERDESK_API_RATE": "1000000"},
    )
    try:
        wait_until_ready()
        times = _call(token, devices, seconds)
        yield (
            "Device look-up by API, one worker, one core",
            "400 requests a second",
            f"{len(times.milliseconds) / seconds:.0f} a second; {times}",
        )
        yield "web worker's memory after it", "under 200 MB", _memory(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_until_ready(path: str = "/healthz") -> None:
    """Wait, a minute at most, until the server answers that it is well."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=2)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit("The server did not start.")


def _call(token: str, devices: list[str], seconds: int) -> Spread:
    ends, times, wrong = time.monotonic() + seconds, [], []

    def caller(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
        for device_id in cycle(devices[number::CALLERS]):
            if time.monotonic() >= ends:
                return
            started = time.perf_counter()
            headers = {"Authorization": f"Bearer {token}"}
            connection.request("GET", f"/api/v1/devices/{device_id}", headers=headers)
            answer = connection.getresponse()
            answer.read()
            times.append((time.perf_counter() - started) * 1000)
            if answer.status != 200:
                wrong.append(answer.status)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(f"{len(wrong)} calls were not answered with 200: {set(wrong)}")
    return Spread(times)


def _memory(pid: int) -> str:
    """The largest resident size among the server's processes."""
    sizes = []
    for child in family(pid):
        status = open(f"/proc/{child}/status", encoding="ascii").read()  # noqa: SIM115, PTH123
        if found := re.search(r"VmRSS:\s+(\d+) kB", status):
            sizes.append(int(found[1]))
    return f"{max(sizes) / 1000:.0f} MB"


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    return [pid, *(member for child in children for member in family(int(child)))]
