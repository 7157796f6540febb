"""The whole path: from the approval of a notice to the last of N pushes at the receiver, with everything that it takes.

A house with N people inside one area, each with a subscription and keys of its own, enrolled the usual way; the map in
memory; worker processes as `lookout worker` starts them; a push service that counts and decrypts a share. Nothing is
left out of the clock: the receiver, the database and the fan-out run on the same cores.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import shapely
from sqlalchemy import Engine, delete, func, select

from alerts.database import make_engine, migrate, settle_mode
from alerts.settings import Settings
from benchmarks import browsers
from benchmarks.processes import Clock
from benchmarks.receiving import Receiver
from geo import RecipientIndex, Shape
from geo import store as positions
from notifiers import addresses, fanout, ledger, notices, origins, subscriptions
from notifiers.model import Kind, Notice, Text
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import keying
from notifiers.transactions import reading, writing
from notifiers.vault import Vault

WORKERS = 2
DECRYPTED = 0.01
RATE_PER_S = 100_000.0  # of the one receiver, as an operator sets it: unless they do, no origin gets more than 10,000
_BLOCK = 5_000
CENTER = (-118.25, 34.05)
_LONGEST_S = 1_800.0


class Wrong(Exception):
    """Somebody was told twice, or not at all, or could not read it: then no figure counts."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Of one run. Seconds from the approval; CPU seconds by who spent them; bytes of the largest worker."""

    people: int
    planned_s: float
    first_s: float
    last_s: float
    cpu: dict[str, float]
    worker_bytes: int

    @property
    def rate(self) -> float:
        """Pushes a second, from the approval to the last."""
        return self.people / self.last_s


@dataclass(frozen=True, slots=True)
class House:
    """A populated database, ready to send."""

    settings: Settings
    engine: Engine
    vault: Vault
    index: RecipientIndex
    people: int


def measure(database_url: str, folder: Path, people: int, server_pid: int | None = None, *, ahead: bool = True) -> Sent:
    """On the database of that URL (empty: SQLite in the folder), whose server process is counted too. Wrong.

    `ahead`: idle workers had the time to make the keyings, as on any day; without it every key is made at the send.
    """
    seed = secrets.token_bytes(32)
    with (
        Receiver(people + 1, DECRYPTED, seed) as receiver,
        house(database_url, folder, receiver, seed, people) as populated,
        workers(populated.settings) as crew,
    ):
        _keyings(populated, people if ahead else 0)
        return _run(populated, receiver, crew, server_pid)


@contextmanager
def house(database_url: str, folder: Path, receiver: Receiver, seed: bytes, people: int) -> Iterator[House]:
    """Enrolled and on the map, in a database of its own."""
    settings = Settings(data=folder / "data", database_url=database_url, sandbox_push_port=receiver.port)
    settings.data.mkdir(parents=True)
    engine = make_engine(settings.engine_url)
    migrate(engine)
    settle_mode(engine, settings)
    vault = Vault(settings.keys_directory)
    found = browsers.addresses(seed, receiver.url, people)
    index = _populate(engine, addresses.secret(vault), found)
    with writing(engine) as connection:
        origins.set_rate(connection, addresses.origin("web_push", found[0]), "web_push", RATE_PER_S, None)
    yield House(settings, engine, vault, index, people)
    engine.dispose()


def _populate(engine: Engine, secret: bytes, found: list[dict[str, str]]) -> RecipientIndex:
    now, rng = datetime.now(UTC), random.Random(1)
    for start in range(0, len(found), _BLOCK):
        some = [Enrolment("partner", True, "", [_subscription(one, now)]) for one in found[start : start + _BLOCK]]
        with writing(engine) as connection:
            enrolled = subscriptions.enrol(connection, some, secret=secret, now=now)
            placed = [
                positions.Position(one.recipient_id or 0, *(at + rng.uniform(-0.2, 0.2) for at in CENTER), 0.0)
                for one in enrolled
            ]
            positions.place(connection, placed, now)
    with reading(engine) as connection:
        all_ = positions.load_all(connection)
    return RecipientIndex.build(all_.ids, all_.lon, all_.lat, all_.radius_m, seq=all_.seq)


def _subscription(address: dict[str, str], now: datetime) -> NewSubscription:
    return NewSubscription("web_push", address, "en", "benchmark", "Yes.", now, now)


@contextmanager
def workers(settings: Settings, count: int = WORKERS, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """`lookout worker` with so many processes, running and ready; `variables` come into their environment."""
    environment = {
        **os.environ,
        "LOOKOUT_DATABASE_URL": settings.database_url,
        "LOOKOUT_SANDBOX_PUSH_PORT": str(settings.sandbox_push_port),
        "LOOKOUT_LOG_LEVEL": "error",
        **variables,
    }
    command = [sys.executable, "-m", "alerts.cli", "worker", "--data", str(settings.data)]
    process = subprocess.Popen([*command, "--concurrency", str(count)], env=environment)
    time.sleep(4.0)  # they stand ready, as on any day without an alert
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _keyings(house: House, people: int) -> None:
    """Waits until the idle workers have made that many ahead; none at all for 0."""
    with writing(house.engine) as connection:
        if not people:
            connection.execute(delete(keying))
    over = time.monotonic() + _LONGEST_S
    while time.monotonic() < over:
        with reading(house.engine) as connection:
            if (connection.scalar(select(func.count()).select_from(keying)) or 0) >= people:
                return
        time.sleep(1.0)
    raise Wrong("the keyings were not made")


def _run(house: House, receiver: Receiver, workers: subprocess.Popen[bytes], server_pid: int | None) -> Sent:
    clock = Clock(workers.pid, receiver.pid, server_pid)
    approved_at, notice_id = approve(house)
    thread = threading.Thread(target=fanout.run, args=(house.engine, house.vault, house.index, notice_id))
    thread.start()
    planned_s = _wait(house, thread, notice_id, approved_at, clock)
    got, cpu = receiver.ask(), clock.spent()
    if (got["numbers"], got["repeated"], got["decrypted"]) != (house.people, 0, got["kept"]):
        raise Wrong(str(got))
    since = approved_at.timestamp()
    return Sent(house.people, planned_s, got["first_at"] - since, got["last_at"] - since, cpu, clock.largest_worker)


def _wait(house: House, thread: threading.Thread, notice_id: int, approved_at: datetime, clock: Clock) -> float:
    """Until nobody waits any more. When all were planned."""
    planned_s, over = 0.0, time.monotonic() + _LONGEST_S
    while time.monotonic() < over:
        time.sleep(0.25)
        clock.look()
        if thread.is_alive():
            continue
        planned_s = planned_s or (datetime.now(UTC) - approved_at).total_seconds()
        with reading(house.engine) as connection:
            tally = ledger.tally(connection, notice_id)["web_push"]
        if tally.planned == house.people and not tally.open:
            return planned_s
    raise Wrong("it did not come to an end")


def approve(house: House, incident_id: int = 1) -> tuple[datetime, int]:
    """A notice for all of them, approved and queued: when, and its id."""
    area = Shape(shapely.MultiPolygon([shapely.box(CENTER[0] - 1, CENTER[1] - 1, CENTER[0] + 1, CENTER[1] + 1)]))
    now = datetime.now(UTC)
    said = Notice(
        incident=secrets.token_hex(8),
        version=1,
        number=1,
        kind=Kind.ALERT,
        status="Exercise",
        sent_at=now,
        expires_at=now + timedelta(hours=5),
        sender_name="Exercise Police Department",
        page_url="https://lookout.example/a/benchmark",
        texts={"en": Text("Missing child: Los Angeles", _BODY, "Call 911 if you see them.", "Los Angeles")},
        area=area,
        area_digest=area.digest(),
        reach=house.people,
        last_seen=CENTER,
    )
    with writing(house.engine) as connection:
        return now, notices.add(connection, house.vault, said, incident_id=incident_id, key_name=None, approved_at=now)


_BODY = "Girl, 9 years, brown hair, blue jacket, last seen at 4 p.m. near Main Street. Silver van, plate 8ABC123."


def main() -> None:
    """`python -m benchmarks.sending N [URL]`: one run, for who works on it."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        sent = measure(sys.argv[2] if len(sys.argv) > 2 else "", Path(name), int(sys.argv[1]))
    print(sent)
    print(
        f"{sent.rate:,.0f} a second; us a push: ", {who: round(s / sent.people * 1e6, 1) for who, s in sent.cpu.items()}
    )


if __name__ == "__main__":
    main()
