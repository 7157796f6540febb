"""A server comes back: from its start to the first answer out of a snapshot, then caught up with the store.

As a module it is that server: `python -m benchmarks.restarting SNAPSHOT DATABASE`, a fresh process that prints what it
found. The store here holds only what changed since the snapshot; finding that is one look into its index of changes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sqlalchemy import create_engine

from benchmarks import areas, timing
from benchmarks.population import People
from benchmarks.within import WrongAnswer
from geo import RecipientIndex, Shape, store, tables

CHANGED = 100_000
STARTS = 3


@dataclass(frozen=True, slots=True)
class Restarted:
    """Seconds; the file in bytes."""

    written: float
    file_bytes: int
    serving: float  # from the start of the process to its first answer, by the clock on the wall
    serving_cpu: float
    caught_up: float


def measure(people: People) -> Restarted:
    index = RecipientIndex.build(people.ids, people.lon, people.lat, seq=1)
    with TemporaryDirectory(prefix="restart-") as name:
        snapshot, database = Path(name) / "index", Path(name) / "store.db"
        written, _ = timing.timed(index.snapshot, snapshot)
        before = _sum(index)
        _change(index, database, people)
        starts = [_start(snapshot, database, before, _sum(index)) for _ in range(STARTS)]
        middle = [timing.median(column) for column in zip(*starts, strict=True)]
        return Restarted(written, snapshot.stat().st_size, middle[0], middle[1], middle[2])


def _change(index: RecipientIndex, database: Path, people: People) -> None:
    """So many people go to where others are, in the store and in the index."""
    rng = np.random.default_rng(9)
    rows = rng.choice(len(people), min(CHANGED, len(people) // 10), replace=False)
    ids, lon, lat = people.ids[rows], people.lon[np.roll(rows, 1)], people.lat[np.roll(rows, 1)]
    engine = create_engine(f"sqlite:///{database}")
    tables.metadata.create_all(engine)
    placed = [store.Position(*row) for row in zip(ids.tolist(), lon.tolist(), lat.tolist(), strict=True)]
    with engine.begin() as connection:
        store.place(connection, [], datetime.now(UTC))  # the snapshot's sequence
        index.seq = store.place(connection, placed, datetime.now(UTC))
    engine.dispose()
    index.move(ids, lon, lat)


def _start(snapshot: Path, database: Path, before: int, after: int) -> tuple[float, float, float]:
    command = [sys.executable, "-m", "benchmarks.restarting", str(snapshot), str(database)]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        serving = time.perf_counter() - begin
        then = json.loads(process.stdout.readline())
    if (first["sum"], then["sum"]) != (before, after):
        raise WrongAnswer("a restored index answers otherwise than the one it was made from")
    return serving, first["cpu"], then["cpu"] - first["cpu"]


def _question() -> Shape:
    return next(area for area in areas.all_areas() if area.name == areas.METRO).at(0.0, 0.0)


def _sum(index: RecipientIndex) -> int:
    return int(index.within(_question()).astype(np.int64).sum())


def _serve(snapshot: Path, database: Path) -> None:
    index = RecipientIndex.restore(snapshot)
    _say(index)
    with create_engine(f"sqlite:///{database}").connect() as connection:
        changed = store.changes_since(connection, index.seq)
    index.remove(changed.removed)
    index.move(changed.ids, changed.lon, changed.lat, changed.radius_m)
    index.seq = changed.seq
    _say(index)


def _say(index: RecipientIndex) -> None:
    answer: dict[str, Any] = {"sum": _sum(index), "cpu": time.process_time()}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[2]))
