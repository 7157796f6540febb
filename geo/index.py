"""RecipientIndex: who is inside an area, exactly, now; everybody may move all the time.

Storage: one table of pages along a Hilbert curve, changed in place (`geo.pages` says its format and its invariants).
Whoever moves within the territory or the box of a page is written over there; else the person goes to another page.
When the pages that a table may grow by are used up, or it has become mostly empty, a new table is packed beside it.

Why a reader is safe beside a writer: there is one lock for the table. A question holds it while it looks (a
millisecond); a change takes it for TURN people at a time, and each person's change is whole within one turn, so a reader
sees everybody exactly once, where they were or where they are. `_turn` lets whoever waits go first between two turns.
Packing and writing a snapshot only read the table, for which no lock is needed as long as nobody writes: writers exclude
each other by `_writing`, and those who take no part in that (`move_one`) find the table `frozen`. All checks are made
before the first turn. What stands on disk (`snapshot`) is mapped copy-on-write: changes never reach the file.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from ctypes import ArgumentError
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo import query, snapshot
from geo.circles import Circle
from geo.directory import Ids, distinct
from geo.moving import by_person, label, make_room, mover_of_one, repacked, step, take_out
from geo.nearest import nearest
from geo.outline import Area, Outline
from geo.packing import packed
from geo.pages import Pages
from geo.parts import parts_of_outline
from geo.people import People, checked_ids, checked_labels

TURN = 4096  # people changed while a reader waits


class RecipientIndex:
    """Positions of recipients (WGS 84 degrees), asked by area. Any number of threads may read, move and remove.

    An id may stand at several places (home, device): then all of them count, and it is still answered once.
    """

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._gate, self._lock = threading.Lock(), threading.Lock()
        self._seq = 0
        self._mover = mover_of_one()
        self._use(packed(People.nobody()))

    @classmethod
    def build(
        cls, ids: ArrayLike, lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike | None = None, seq: int = 0
    ) -> RecipientIndex:
        """From columns (n,) that stand at the store's sequence `seq`. ValueError as `move`."""
        index = cls()
        index._use(packed(People.checked(ids, lon, lat, radius_m)))
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
        return int(self._pages.layout.recipients)

    def within(self, area: Area, *, centre: bool = False) -> Ids:
        """Ids (uint32) of all inside the area or on its boundary, each once; of a circle of uncertainty that touches it.

        `centre`: only whose position itself is inside. A ring's edges are straight in lon/lat, circles are geodesic. An
        empty area holds nobody. ValueError for a geometry that is not valid, is not made of polygons, or is wider than
        the globe.
        """
        outline = Outline.of(area)
        with self._turn():
            return query.within(self._pages, outline, centre=centre)

    def count(self, area: Area, *, centre: bool = False) -> int:
        """How many `within` would answer."""
        outline = Outline.of(area)
        with self._turn():
            return query.count(self._pages, outline, centre=centre)

    def count_by_label(self, area: Area, *, centre: bool = False) -> NDArray[np.int64]:
        """(65536,) how many recipients of each label (`label`) `within` would answer."""
        outline = Outline.of(area)
        with self._turn():
            return query.count_by_label(self._pages, outline, centre=centre)

    def nearest(self, area_or_point: Area | tuple[float, float], n: int) -> Ids:
        """At most n ids, nearest to an area or to a place (lon, lat) first: by metres, then by id.

        Metres are geodesic and to the edge of a circle of uncertainty; 0 for all who touch. Nobody is near an empty area.
        """
        outline = _around(area_or_point)
        parts = parts_of_outline(outline)
        with self._turn():
            return nearest(parts, self._pages, query.within(self._pages, outline), n)

    def move(self, ids: ArrayLike, lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike | None = None) -> None:
        """Puts recipients, new or known, where these rows say and nowhere else; each person at once for every reader.

        Several rows of an id are its several places. ValueError, and nothing moved, if a row is no position.
        """
        people = by_person(People.checked(ids, lon, lat, radius_m))
        with self._writing:
            with self._turn():
                make_room(self._pages, people)
            done = 0
            while done < len(people):
                with self._turn():
                    moved = step(self._pages, people, done, TURN)
                done += moved
                if not moved:
                    self._repack(people.take(slice(done, None)))
                    break

    def move_one(self, recipient_id: int, lon: float, lat: float, radius_m: float = 0.0) -> None:
        """As `move` with a single row, many times faster: a position as it comes in."""
        try:
            with self._lock:
                undone = self._mover(self._address, recipient_id, lon, lat, radius_m)
        except ArgumentError:  # not even numbers: `move` says so
            undone = True
        if undone:
            self.move([recipient_id], [lon], [lat], [radius_m])

    def remove(self, ids: ArrayLike) -> None:
        """Takes recipients off the map; ids that are not on it are no error."""
        gone = distinct(checked_ids(ids))
        with self._writing:
            for first in range(0, len(gone), TURN):
                with self._turn():
                    take_out(self._pages, gone[first : first + TURN])
            if self._pages.mostly_empty:
                self._repack(People.nobody())

    def label(self, ids: ArrayLike, codes: ArrayLike) -> None:
        """Gives each id a label in [0, 65535] to be counted by; 0 is that of those without one, and of the removed."""
        who, what = checked_labels(ids, codes)
        with self._writing, self._turn():
            label(self._pages, who, what)

    def snapshot(self, path: str | Path, held: AbstractContextManager[Any] | None = None) -> int:
        """Writes everything to a file (mode 0600) that takes its name when it is whole; returns its sequence.

        Readers go on meanwhile. `held` is entered while the table is read and left before the disk is waited for.
        OSError if it cannot be written; an older file of that name is as it was then.
        """
        with held or nullcontext(), self._writing, self._frozen():
            seq = self.seq
            drafted = snapshot.draft(self._pages, seq, Path(path))
        snapshot.keep(drafted, Path(path))
        return seq

    @classmethod
    def restore(cls, path: str | Path) -> RecipientIndex:
        """The index as it was written, with its sequence; changes do not reach the file, which may be replaced.

        ValueError for a file that is damaged, cut off, or not of this kind; OSError if it cannot be read.
        """
        index = cls()
        pages, index.seq = snapshot.read(Path(path))
        index._use(pages)
        return index

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The lock, in turns: whoever holds the gate is next, so a change of many does not keep a question waiting."""
        with self._gate:
            self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def _repack(self, people: People) -> None:
        """A fresh table with these people where they are now; readers go on with the old one meanwhile."""
        with self._frozen():
            new = repacked(self._pages, people)
            with self._turn():
                self._use(new)

    @contextmanager
    def _frozen(self) -> Iterator[None]:
        """The table stays as it is, readers may read on. For whoever holds `_writing`: `move_one` does without that."""
        layout = self._pages.layout
        with self._turn():
            layout.frozen = 1
        try:
            yield
        finally:
            layout.frozen = 0

    def _use(self, pages: Pages) -> None:
        self._pages, self._address = pages, pages.address


def _around(target: Area | tuple[float, float]) -> Outline:
    """What to measure from; a single place is a circle of no radius."""
    if isinstance(target, shapely.Point):
        target = (target.x, target.y)
    return Outline(shapely.MultiPolygon(), (Circle(*target, 0.0),)) if isinstance(target, tuple) else Outline.of(target)
