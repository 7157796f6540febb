"""RecipientIndex: who is inside an area, exactly, now. The format, its invariants, and why a reader is safe.

Positions stand in packed runs of pages in Hilbert order (`geo.pages`) and, for those who moved last, in a short tail
(`geo.tail`). A move marks the old rows as died and appends new ones; a full tail is packed into a run of its own, and
runs of like size are merged (as in a log-structured merge tree), so there are few of them, each at least FAN times the
next. Everything lies in plain numpy columns: id 4 bytes, lon and lat 8 each, 8 more for the radius once anybody has
one, 4 for `died` once anybody moved, and 4 (dense ids; else 12) to find ids again.

Why readers are safe beside a writer, without a lock: a reader takes one reference, the snapshot, and asks nothing else.
A snapshot is immutable (version, runs, tail, how many rows of the tail), and no row that it counts is ever overwritten
but for `died`, which only ever goes from ALIVE to a version later than the snapshot's. A change therefore shows whole
or not at all, at the one assignment of the next snapshot: nobody is seen twice or not at all while moving. Writers
exclude each other with a lock; what may fail is done before the first row is marked.

Invariant: at each version a row counts if died > version, and an id has just the rows that its last `move` gave it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import ArrayLike

from geo.directory import Ids, distinct
from geo.nearest import nearest
from geo.pages import Pages
from geo.parts import Part, Round, parts_of
from geo.people import People, checked_ids
from geo.shapes import Circle, Shape
from geo.tail import Tail

FAN = 4
LAST_VERSION = 2**32 - 3  # below ALIVE; then all is packed afresh and counting starts again

Area = Shape | shapely.Geometry
_NOBODY = np.zeros(0, np.uint32)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a reader sees."""

    version: int = 0
    runs: tuple[Pages, ...] = ()
    tail: Tail = field(default_factory=Tail)
    size: int = 0  # rows of the tail that are the snapshot's
    recipients: int = 0
    positions: int = 0

    @property
    def one_each(self) -> bool:
        return self.positions == self.recipients

    def touching(self, area: Area) -> list[Ids]:
        """Ids of the rows that touch the area, in arrays that may be views of the columns."""
        parts = parts_of(area)
        if not parts:
            return []
        found = [ids for run in self.runs for ids in run.touching(parts, self.version)]
        return [*found, self.tail.touching(parts, self.version, self.size)]


class RecipientIndex:
    """Positions of recipients (WGS 84 degrees), asked by area. Any number of threads may read while one writes.

    An id may stand at several places (home, device): then all of them count, and it is still answered once.
    """

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._now = Snapshot()
        self._seq = 0

    @classmethod
    def build(
        cls, ids: ArrayLike, lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike | None = None, seq: int = 0
    ) -> RecipientIndex:
        """From columns (n,) that stand at the store's sequence `seq`. ValueError as `move`."""
        index = cls()
        index.move(ids, lon, lat, radius_m)
        index.seq = seq
        return index

    @property
    def seq(self) -> int:
        """The sequence of the store up to which every change has been put in here; whoever puts them in says so."""
        return self._seq

    @seq.setter
    def seq(self, seq: int) -> None:
        self._seq = seq

    def __len__(self) -> int:
        """How many recipients, whatever the number of their places."""
        return self._now.recipients

    def within(self, area: Area) -> Ids:
        """Ids (uint32) of all inside the area or on its boundary, each once; of a circle of uncertainty that touches it.

        A ring's edges are straight in lon/lat, circles are geodesic. An empty area holds nobody. ValueError for a
        geometry that is not valid, is not made of polygons, or is wider than the globe.
        """
        now = self._now
        found = np.concatenate([_NOBODY, *now.touching(area)])
        return found if now.one_each else distinct(found)

    def count(self, area: Area) -> int:
        """How many `within` would answer."""
        now = self._now
        found = now.touching(area)
        return sum(map(len, found)) if now.one_each else len(distinct(np.concatenate([_NOBODY, *found])))

    def nearest(self, area_or_point: Area | tuple[float, float], n: int) -> Ids:
        """At most n ids, nearest to an area or to a place (lon, lat) first: by metres, then by id.

        Metres are geodesic and to the edge of a circle of uncertainty; 0 for all who touch. Nobody is near an empty area.
        """
        now = self._now
        parts = _around(area_or_point)
        return nearest(parts, now.runs, now.tail.living(now.version, now.size), now.version, n) if parts else _NOBODY

    def move(self, ids: ArrayLike, lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike | None = None) -> None:
        """Puts recipients, new or known, where these rows say and nowhere else; all at once for every reader.

        Several rows of an id are its several places. ValueError, and nothing moved, if a row is no position.
        """
        people = People.checked(ids, lon, lat, radius_m)
        with self._writing:
            self._change(distinct(people.ids), people)

    def remove(self, ids: ArrayLike) -> None:
        """Takes recipients off the map; ids that are not on it are no error."""
        gone = distinct(checked_ids(ids))
        with self._writing:
            self._change(gone, None)

    def _change(self, ids: Ids, people: People | None) -> None:
        """The rows of `ids` die, those of `people` (all of them of `ids`) come to life."""
        self._make_room(0 if people is None else len(people))
        now = self._now
        version = now.version + 1
        old = [(run, run.living_rows_of(ids, now.version)) for run in now.runs]
        old_tail = now.tail.living_rows_of(ids, now.version, now.size)
        known = distinct(np.concatenate([now.tail.ids(old_tail), *(run.people.ids[rows] for run, rows in old)]))
        after = replace(
            _with(now, people),
            version=version,
            recipients=now.recipients - len(known) + (0 if people is None else len(ids)),
            positions=now.positions - len(old_tail) - sum(len(rows) for _, rows in old) + len(people or ()),
        )
        for run, rows in old:
            run.bury(rows, version)
        now.tail.bury(old_tail, version)
        self._now = after
        if len(after.runs) > len(now.runs) or any(run.half_dead for run in after.runs):
            self._now = replace(after, runs=merged(after.runs, version))

    def _make_room(self, rows: int) -> None:
        """A tail too full for so many rows is packed, which no reader can tell; so it is when the versions are used up."""
        now = self._now
        fresh = now.version >= LAST_VERSION
        if not fresh and now.size + min(rows, Tail.ROOM) <= Tail.ROOM:
            return
        late = now.tail.living(now.version, now.size)
        runs = (*now.runs, Pages(late)) if len(late) else now.runs
        packed = merged(runs, now.version, whole=fresh)
        self._now = replace(now, runs=packed, tail=Tail(), size=0, version=0 if fresh else now.version)


def merged(runs: Iterable[Pages], version: int, *, whole: bool = False) -> tuple[Pages, ...]:
    """Few runs, the largest first, each at least FAN times the next and at least half alive; `whole`: one, all alive."""
    kept = sorted((run for run in runs if run.alive), key=lambda run: -run.alive)
    loose = [kept.pop()] if kept else []
    while kept and (whole or kept[-1].alive < FAN * sum(run.alive for run in loose)):
        loose.append(kept.pop())
    if len(loose) > 1 or (whole and loose):
        loose = [Pages(People.joined([run.living(version) for run in loose]))]
    return tuple(Pages(run.living(version)) if run.half_dead else run for run in (*kept, *loose))


def _with(now: Snapshot, people: People | None) -> Snapshot:
    if people is None:
        return now
    if len(people) > Tail.ROOM:
        return replace(now, runs=(*now.runs, Pages(people)))
    return replace(now, size=now.tail.put(people, now.size))


def _around(target: Area | tuple[float, float]) -> list[Part]:
    """The parts to measure from; a single place is a circle of no radius."""
    if isinstance(target, shapely.Point):
        target = (target.x, target.y)
    return [Round(Circle(*target, 0.0))] if isinstance(target, tuple) else parts_of(target)
