"""A server comes back: from its start to the first answer out of a snapshot, then caught up with the store.

As a module it is that server: `python -m benchmarks.restarting DIRECTORY`, a fresh process that starts from its file of
the map as `lookout serve` does and prints what it found. The store here holds only what changed since the file was
written; finding that is one look into its index of changes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sqlalchemy import Engine

from alerts import logs
from alerts.database import make_engine
from alerts.map_file import MapFile
from alerts.tables import map_file
from benchmarks import areas, timing
from benchmarks.population import People
from benchmarks.within import WrongAnswer
from geo import RecipientIndex, Shape, store, tables
from notifiers.transactions import reading, writing

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
    with TemporaryDirectory(prefix="restart-") as name:
        folder = Path(name)
        engine = _store(folder)
        index = RecipientIndex.build(people.ids, people.lon, people.lat, seq=_place(engine, []))
        written, _ = timing.timed(_map_file(engine, folder).save, index, threading.Lock())
        before = _sum(index)
        _change(index, engine, people)
        engine.dispose()
        starts = [_start(folder, before, _sum(index)) for _ in range(STARTS)]
        middle = [timing.median(column) for column in zip(*starts, strict=True)]
        file_bytes = next(folder.glob("people-*.map")).stat().st_size
        return Restarted(written, file_bytes, middle[0], middle[1], middle[2])


def _store(folder: Path) -> Engine:
    engine = make_engine(f"sqlite:///{folder}/store.db")
    tables.metadata.create_all(engine)
    map_file.create(engine, checkfirst=True)
    return engine


def _map_file(engine: Engine, folder: Path) -> MapFile:
    return MapFile(engine, folder, leavers_s=3_600.0, least=1)


def _place(engine: Engine, placed: list[store.Position]) -> int:
    with writing(engine) as connection:
        return store.place(connection, placed, datetime.now(UTC))


def _change(index: RecipientIndex, engine: Engine, people: People) -> None:
    """So many people go to where others are, in the store and in the index."""
    rng = np.random.default_rng(9)
    rows = rng.choice(len(people), min(CHANGED, len(people) // 10), replace=False)
    ids, lon, lat = people.ids[rows], people.lon[np.roll(rows, 1)], people.lat[np.roll(rows, 1)]
    rows_of = zip(ids.tolist(), lon.tolist(), lat.tolist(), strict=True)
    index.seq = _place(engine, [store.Position(*row) for row in rows_of])
    index.move(ids, lon, lat)


def _start(folder: Path, before: int, after: int) -> tuple[float, float, float]:
    command = [sys.executable, "-m", "benchmarks.restarting", str(folder)]
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


def _serve(folder: Path) -> None:
    logs.configure("json", "warning")
    engine = make_engine(f"sqlite:///{folder}/store.db")
    index = _map_file(engine, folder).load()
    _say(index)
    with reading(engine) as connection:
        changed = store.changes_since(connection, index.seq)
    index.remove(changed.removed)
    index.move(changed.ids, changed.lon, changed.lat, changed.radius_m)
    index.seq = changed.seq
    _say(index)


def _say(index: RecipientIndex) -> None:
    answer: dict[str, Any] = {"sum": _sum(index), "cpu": time.process_time()}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
