"""`python -m benchmarks.chaos`: N people (a million unless N says so) are told while everything dies; counted at the receiver.

Each story is one notice to all of them. What must hold is a row with its goal: nobody lost, no more repeats than the
windows of the dead, each of them known to the ledger by its place, all of one Topic so that a device shows one, and
states that add up whenever somebody looks. Writes `results/chaos.json`.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from benchmarks import postgres, report, sending
from benchmarks.cluster import Missing
from benchmarks.havoc import Blackout, Killer, Scraper, Sleeper, until
from benchmarks.processes import cpu_s, tree
from benchmarks.receiving import Receiver
from benchmarks.report import Row, at_most, figure
from benchmarks.sending import House
from benchmarks.serving import Serving
from notifiers import bits, fanout, ledger
from notifiers.members import IDS
from notifiers.packing import unpack
from notifiers.tables import batch, subscription
from notifiers.transactions import reading

PEOPLE = 1_000_000
FEWER = 10  # for the receivers that ask for patience and for the server that dies: these take their time
WINDOW = 256
LEASE_S = 5.0
CREW = 3
SLOWEST = 400  # pushes a second at least, while everything dies
FAULTS = {"reset": 0.02, "cut": 0.01, "stall": 0.001, "429": 0.05, "503": 0.05}
FULL_S = 5.0  # how long there is no room
HEALED_AFTER = 0.6  # of the people
LIBRARIES = ("pyreqwest", "psycopg", "SQLAlchemy")


@dataclass
class Story:
    """One notice on its way, and what went wrong meanwhile."""

    name: str
    house: House
    receiver: Receiver
    crew: subprocess.Popen[bytes]
    asking: threading.Lock = field(default_factory=threading.Lock)
    notice_id: int = 0
    scraper: Scraper | None = None

    def tell(self, incident_id: int) -> float:
        """From the approval to the last; seconds. The fan-out is taken up again as a server's dispatcher does."""
        return self.through(lambda: sending.approve(self.house, incident_id)[1], self._plan)

    def through(self, approve: Callable[[], int], plan: Callable[[], None]) -> float:
        """Seconds until all that `approve` (it returns the notice's id) and `plan` set going has come to its end."""
        began_s = time.monotonic()
        self.notice_id = approve()
        self.scraper = Scraper(self.house.engine, self.notice_id)
        with self.scraper:
            planning = threading.Thread(target=plan)
            planning.start()
            assert until(self._over, 60 + self.house.people / SLOWEST), f"{self.name}: it did not come to an end"
            planning.join()
        return time.monotonic() - began_s

    def _plan(self) -> None:
        house = self.house
        for _ in range(100):
            with suppress(SQLAlchemyError):
                if not fanout.run(house.engine, house.vault, house.index, self.notice_id).stopped:
                    return
            time.sleep(0.5)

    def _over(self) -> bool:
        try:
            with reading(self.house.engine) as connection:
                found = ledger.tally(connection, self.notice_id).get("web_push")
        except SQLAlchemyError:
            return False
        return found is not None and found.planned == self.house.people and not found.open


def main() -> None:
    people = int(os.environ.get("N", PEOPLE))
    rows = []
    for row in stories(people):
        report.show(row)
        rows.append(row)
    before = os.getloadavg()[0]
    path = report.write(rows, people, "chaos.json", report.machine(LIBRARIES) | {"load_after": round(before, 2)})
    missed = [row.name for row in rows if row.reached is False]
    print(f"\n{path}: {len(missed)} broken{': ' if missed else ''}{', '.join(missed)}")


def stories(people: int) -> Iterator[Row]:
    """All of them, one after the other."""
    try:
        with postgres.running() as server:
            yield from _on_postgresql(server, people)
    except Missing as missing:
        yield report.absent("PostgreSQL", str(missing))
    yield from _on_sqlite(people)


def _on_postgresql(server: postgres.Server, people: int) -> Iterator[Row]:
    with populated(server.create("chaos"), people) as (house, receiver):
        yield from _clock_off(house, receiver, f"a clock an hour off, {people:,} people", 3)
        yield from killed(house, receiver, f"PostgreSQL, {people:,} people", 1)
        yield from _blackouts(house, receiver, server, f"PostgreSQL killed, {people:,} people", 2)
    with populated(server.create("serving"), _fewer(people)) as (house, receiver):
        yield from server_killed(house, receiver, f"server killed, {house.people:,} people")


def _on_sqlite(people: int) -> Iterator[Row]:
    with populated("", people) as (house, receiver):
        yield from killed(house, receiver, f"SQLite, {people:,} people", 1)
    with populated("", _fewer(people)) as (house, receiver):
        yield from unruly(house, receiver, f"unruly receivers, {house.people:,} people", 1)
    yield from _disk_full(people)


def _fewer(people: int) -> int:
    return max(people // FEWER, 1_000)


def killed(
    house: House, receiver: Receiver, where: str, incident_id: int, every_s: float = 2.0, most: int | None = None
) -> Iterator[Row]:
    """A random worker killed every so often (`most` times at most), another stopped longer than its lease."""
    name = f"{where}: workers killed"
    with _crew(house) as crew, Killer(crew.pid, every_s, most) as killer, Sleeper(crew.pid, killer, LEASE_S) as sleeper:
        story = Story(name, house, receiver, crew)
        seconds = story.tell(incident_id)
    yield figure(name, killer.times, "deaths", f"and {sleeper.times} stopped longer than their lease")
    yield from verdict(story, seconds, killer.times + sleeper.times)


def server_killed(house: House, receiver: Receiver, name: str, deaths: int = 5) -> Iterator[Row]:
    """The server dies so often while an alert is submitted, so often while it is approved, and while it is planned.

    The house must be a fresh one. No worker dies, so nobody may be told twice.
    """
    with _crew(house) as crew, Serving(house) as serving:
        story = Story(name, house, receiver, crew)
        seconds = story.through(partial(serving.approved, deaths), partial(serving.dies, deaths))
        incidents, notices = serving.counted()
    yield figure(name, serving.deaths, "deaths", "in submission, approval and planning")
    yield at_most(f"{name}: incidents of one submission", incidents, "incidents", 1)
    yield at_most(f"{name}: notices of one approval", notices, "notices", 1)
    yield from verdict(story, seconds, 0)


def _blackouts(house: House, receiver: Receiver, server: postgres.Server, name: str, incident_id: int) -> Iterator[Row]:
    """The database dies every 10 s, with all that was not committed."""
    with _crew(house) as crew:
        story = Story(name, house, receiver, crew)
        with Blackout(server, receiver, story.asking) as blackout:
            seconds = story.tell(incident_id)
    yield figure(f"{name}: times", blackout.times, "blackouts")
    if blackout.back_s:
        yield at_most(f"{name}: next push after its return, the longest", max(blackout.back_s), "s", 5.0)
    yield from verdict(story, seconds, blackout.times * CREW)


def _clock_off(house: House, receiver: Receiver, name: str, incident_id: int) -> Iterator[Row]:
    """Half of the workers on a machine whose clock is an hour ahead (libfaketime); leases are on the database's."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        yield report.absent(name, "libfaketime is not here")
        return
    ahead = {"LD_PRELOAD": str(library), "FAKETIME": "+1h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with _crew(house) as crew, _crew(house, **ahead) as other:
        story = Story(name, house, receiver, crew)
        seconds = story.tell(incident_id)
        share = sum(map(cpu_s, tree(other.pid))) / sum(map(cpu_s, [*tree(other.pid), *tree(crew.pid)]))
    yield figure(f"{name}: work of those whose clock is wrong", 100 * share, "% of the CPU")
    yield from verdict(story, seconds, 0)


def _disk_full(people: int) -> Iterator[Row]:
    """The disk of the database (SQLite on a small tmpfs) is filled to the last byte for some seconds in the middle."""
    name = f"disk full, {people:,} people"
    with tempfile.TemporaryDirectory(prefix="disk-") as folder:
        size = 64 * 2**20 + 4_000 * people
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False).returncode:
            yield report.absent(name, "nothing may be mounted here")
            return
        try:
            with populated("", people, Path(folder)) as (house, receiver):
                with _crew(house) as crew:
                    story = Story(name, house, receiver, crew)
                    filling = threading.Thread(target=_fill, args=(story, Path(folder) / "ballast", people // 4))
                    filling.start()
                    seconds = story.tell(1)
                    filling.join()
                yield from verdict(story, seconds, CREW)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def _fill(story: Story, path: Path, at: int) -> None:
    def enough() -> bool:
        with story.asking:
            return story.receiver.count() >= at

    until(enough, 600, 0.02)
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(2**16)):
            pass
    time.sleep(FULL_S)
    path.unlink()


def unruly(
    house: House, receiver: Receiver, name: str, incident_id: int, faults: Mapping[str, float] = FAULTS
) -> Iterator[Row]:
    """Receivers that reset, cut, stall and ask to come later, until most are told; then they are well again."""
    receiver.misbehave(**faults)
    with _crew(house) as crew:
        story = Story(name, house, receiver, crew)
        healing = threading.Thread(target=_heal, args=(story, int(HEALED_AFTER * house.people)))
        healing.start()
        seconds = story.tell(incident_id)
        healing.join()
    yield from verdict(story, seconds, None)


def verdict(story: Story, seconds: float, deaths: int | None) -> Iterator[Row]:
    """What the receiver saw beside what the ledger says. `deaths` None: repeats have no bound but the ledger's marks.

    Asked when all workers have ended: one that was stopped writes, as it goes on, what it had in hand.
    """
    name, house = story.name, story.house
    with story.asking:
        got = story.receiver.ask()
    first, marked = _marked(house, story.notice_id)
    again = set(np.array(got["again"], np.int64) + first)
    with reading(house.engine) as connection:
        tally = ledger.tally(connection, story.notice_id)["web_push"]
    yield figure(f"{name}: sent", house.people / seconds, "a second", f"{seconds:.0f} s in all")
    yield at_most(f"{name}: lost", house.people - got["numbers"] + tally.open, "people", 0)
    if deaths is None:
        yield figure(f"{name}: repeats at the receiver", got["repeated"], "sends")
    else:
        yield at_most(f"{name}: repeats at the receiver", got["repeated"], "sends", WINDOW * deaths, "window x deaths")
    yield at_most(
        f"{name}: repeats the ledger does not know", len(again - marked), "people", 0, f"it knows {len(marked)}"
    )
    yield at_most(f"{name}: Topics among repeats", got["topics"], "Topics", 1, "a device shows one")
    yield at_most(f"{name}: unreadable bodies", got["kept"] - got["decrypted"], "of a sample", 0, f"of {got['kept']}")
    assert story.scraper is not None
    looks = f"of {story.scraper.times} looks; {story.scraper.silent} found no database"
    yield at_most(f"{name}: looks at which the states did not add up", story.scraper.wrong, "looks", 0, looks)
    story.receiver.misbehave(forget=True)


def _marked(house: House, notice_id: int) -> tuple[int, set[int]]:
    """The id of who is number 0, and all ids that the ledger says were sent to again."""
    with reading(house.engine) as connection:
        first = connection.scalar(select(subscription.c.id).order_by(subscription.c.id).limit(1)) or 0
        rows = connection.execute(
            select(batch.c.size, IDS, batch.c.repeated).where(batch.c.notice_id == notice_id)
        ).all()
    found: set[int] = set()
    for size, ids, repeated in rows:
        numbers = unpack(ids, size)
        found.update(int(numbers[position]) for position in bits.positions(bits.unpack(repeated or b"")))
    return first, found


def _heal(story: Story, at: int) -> None:
    def enough() -> bool:
        with story.asking:
            return story.receiver.count() >= at

    until(enough, 600)
    with story.asking:
        story.receiver.misbehave()


@contextmanager
def populated(url: str, people: int, folder: Path | None = None) -> Iterator[tuple[House, Receiver]]:
    """A house with so many people, and the receiver of all their pushes."""
    seed = secrets.token_bytes(32)
    with ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True))
        folder = folder or Path(made)
        receiver = stack.enter_context(Receiver(people + 1, 0.01, seed))
        yield stack.enter_context(sending.house(url, folder, receiver, seed, people)), receiver


def _crew(house: House, **more: str) -> Any:
    variables: Mapping[str, str] = {"LOOKOUT_LEASE_S": str(LEASE_S), "LOOKOUT_WINDOW": str(WINDOW), **more}
    return sending.workers(house.settings, CREW, **variables)


if __name__ == "__main__":
    main()
