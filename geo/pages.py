"""People packed into pages in Hilbert order, and which of them an area takes.

A page is PAGE rows that follow each other; its box holds their positions, its reach also their circles of uncertainty.
Rows never change once written but for `died`: the version of the index from which a row no longer counts. A reader of
version v takes the rows with died > v, so a writer may mark rows for v + 1 while readers of v go on undisturbed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo.bounds import Boxes, Mask
from geo.directory import Directory, Ids, Rows, distinct, ranges
from geo.hilbert import hilbert_order
from geo.parts import Part
from geo.people import People

PAGE = 256
ALIVE = np.uint32(0xFFFFFFFF)  # of `died`: no version yet


class Pages:
    """One packed run. `died` is None as long as everybody lives."""

    def __init__(self, people: People) -> None:
        self.people = people.take(hilbert_order(people.lon, people.lat))
        self.died: NDArray[np.uint32] | None = None
        self.alive = len(people)
        starts = np.arange(0, len(people), PAGE)
        west, south, east, north = (
            np.minimum.reduceat(self.people.lon, starts),
            np.minimum.reduceat(self.people.lat, starts),
            np.maximum.reduceat(self.people.lon, starts),
            np.maximum.reduceat(self.people.lat, starts),
        )
        self.boxes = Boxes(west, south, east, north)
        radius_m = self.people.radius_m
        self.radius_m = np.zeros(len(starts)) if radius_m is None else np.maximum.reduceat(radius_m, starts)
        self.reach = self.boxes if radius_m is None else self.boxes.grown(self.radius_m)

    @cached_property
    def _directory(self) -> Directory:
        return Directory(self.people.ids)

    @property
    def half_dead(self) -> bool:
        return 2 * self.alive < len(self.people)

    def living_rows_of(self, ids: Ids, version: int) -> Rows:
        """Rows to bury. The writer's alone, as `bury`; room for the burial is made here, where failing does no harm."""
        rows = self._living(self._directory.rows(ids), version)
        if self.died is None and len(rows):
            self.died = np.full(len(self.people), ALIVE, np.uint32)
        return rows

    def bury(self, rows: Rows, version: int) -> None:
        """From `version` on the rows do not count."""
        if self.died is not None:
            self.died[rows] = version
            self.alive -= len(rows)

    def living(self, version: int) -> People:
        return self.people if self.died is None else self.people.take(np.flatnonzero(self.died > version))

    def on_pages(self, pages: Rows, version: int) -> People:
        starts = pages * PAGE
        rows = ranges(starts, np.minimum(starts + PAGE, len(self.people)))
        return self.people.take(self._living(rows, version))

    def touching(self, parts: list[Part], version: int) -> Iterator[Ids]:
        """Ids of the rows that touch the union of the parts: each row once."""
        inside, perhaps = zip(*(part.sort(self.boxes, self.reach) for part in parts), strict=True)
        whole = np.logical_or.reduce(inside)
        yield from self._whole(whole, version)
        tested = [self._tested(part, pages & ~whole) for part, pages in zip(parts, perhaps, strict=True)]
        rows = tested[0] if len(tested) == 1 else distinct(np.concatenate(tested).astype(np.uint32)).astype(np.intp)
        yield self.people.ids[self._living(rows, version)]

    def _living(self, rows: Rows, version: int) -> Rows:
        return rows if self.died is None else rows[self.died[rows] > version]

    def _whole(self, inside: Mask, version: int) -> Iterator[Ids]:
        """Whole pages without looking at a person: one slice for each stretch of neighbours."""
        for first, last in np.flatnonzero(np.diff(inside, prepend=False, append=False)).reshape(-1, 2) * PAGE:
            ids = self.people.ids[first:last]
            yield ids if self.died is None else ids[self.died[first:last] > version]

    def _tested(self, part: Part, pages: Mask) -> Rows:
        starts = np.flatnonzero(pages) * PAGE
        rows = ranges(starts, np.minimum(starts + PAGE, len(self.people)))
        people = self.people.take(rows)
        return rows[part.touched_by(people.lon, people.lat, people.radius_m)]
