"""The HTTP hot path beside wrk and beside aiohttp: requests a CPU-second of the sender alone, measured in turns.

`python -m benchmarks.senders` shows the rows. Every request is a web push as it leaves: headers, 600 bytes of body,
the guard asked, the answer read.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from benchmarks import report, timing
from benchmarks.receiver import receiving
from benchmarks.report import Row, at_least, figure
from notifiers import scheduling
from notifiers.guard import Guard, Mode
from notifiers.sender import Answer, HttpClient, Limits
from notifiers.senders import make_sender
from notifiers.still import still

IN_FLIGHT = (64, 256, 512)
ROUNDS = 5
REQUESTS = 20_000
WRK_S = 1
BODY = b"x" * 600
HEADERS = {
    "Content-Encoding": "aes128gcm",
    "Content-Type": "application/octet-stream",
    "Urgency": "high",
    "Topic": "t" * 32,
    "TTL": "3600",
    "Authorization": "vapid t=" + "t" * 250 + ", k=" + "k" * 87,
}
_COUNT = re.compile(r"(\d+) requests in")


def rows() -> Iterator[Row]:
    """The figures with their goals."""
    if shutil.which("wrk") is None:
        yield report.absent("senders", "no wrk command")
        return
    with receiving() as port:
        for in_flight in IN_FLIGHT:
            yield from _compared(port, in_flight)


def _compared(port: int, in_flight: int) -> Iterator[Row]:
    rounds = [(sent(port, HttpClient.PYREQWEST, in_flight), sent(port, HttpClient.AIOHTTP, in_flight),
               wrk(port, in_flight)) for _ in range(ROUNDS)]  # fmt: skip
    ours, theirs, limit = (timing.median(column) for column in zip(*rounds, strict=True))
    where, how = f"{in_flight} in flight", f"median of {ROUNDS} rounds in turns"
    yield figure(f"wrk, {where}", limit, "requests/CPU-s", how)
    yield figure(f"sender over pyreqwest, {where}", ours, "requests/CPU-s", how)
    yield figure(f"sender over aiohttp, {where}", theirs, "requests/CPU-s", how)
    by_wrk, by_aiohttp = (timing.median(one[0] / one[k] for one in rounds) for k in (2, 1))
    yield at_least(f"sender by wrk, {where}", 100 * by_wrk, "%", 15.0, how)
    yield at_least(f"sender by aiohttp, {where}", by_aiohttp, "times", 2.5, how)


def sent(port: int, client: HttpClient, in_flight: int, requests: int = REQUESTS) -> float:
    """Requests a CPU-second of this process over one of our senders; RuntimeError if one was not answered well."""
    with _as_a_worker():
        return uvloop.run(_send(port, client, in_flight, requests))


@contextmanager
def _as_a_worker() -> Iterator[None]:
    """In long turns, whichever client it is; wrk and what is measured later are as they were."""
    before = os.sched_getscheduler(0)
    scheduling.take_long_turns()
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, os.sched_param(0))


async def _send(port: int, client: HttpClient, in_flight: int, requests: int) -> float:
    sender = make_sender(Guard(Mode.SANDBOX, frozenset({("127.0.0.1", port)})), client, Limits(per_origin=in_flight))
    url = f"http://127.0.0.1:{port}/push/" + "p" * 100
    still.set(lambda: time.clock_gettime(time.CLOCK_BOOTTIME) > 0)  # as `sending` has it: a clock is read

    async def some(count: int) -> None:
        for _ in range(count):
            said = await sender.post(url, HEADERS, BODY, 15.0)
            if not isinstance(said, Answer) or said.status != 201:
                raise RuntimeError(str(said))

    try:
        await asyncio.gather(*(some(2) for _ in range(in_flight)))
        begin = time.process_time()
        await asyncio.gather(*(some(requests // in_flight) for _ in range(in_flight)))
        return requests // in_flight * in_flight / (time.process_time() - begin)
    finally:
        await sender.close()


def wrk(port: int, in_flight: int) -> float:
    """Requests a CPU-second of wrk, with the same requests."""
    lines = [f'wrk.headers["{name}"] = "{value}"' for name, value in HEADERS.items()]
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "push.lua"
        script.write_text("\n".join(['wrk.method = "POST"', f'wrk.body = "{BODY.decode()}"', *lines]))
        url = f"http://127.0.0.1:{port}/push/" + "p" * 100
        begin = _children_s()
        command = ["wrk", "-t1", f"-c{in_flight}", f"-d{WRK_S}s", "-s", str(script), url]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        taken = _children_s() - begin
    found = _COUNT.search(said.stdout)
    if found is None:
        raise ValueError("wrk says nothing of its requests")
    return int(found[1]) / taken


def _children_s() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def main() -> None:
    print(f"core {timing.pin()}")
    for row in rows():
        report.show(row)


if __name__ == "__main__":
    main()
