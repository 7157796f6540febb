"""The table: where everybody stands, in pages along a Hilbert curve that are changed in place.

Format. Plain columns of rows (`ids`, `lon`, `lat`, and once anybody needs them `radius_m` and `more`), cut into pages
of 2^`shift` rows (256). Of a page the first `fill` rows are alive, the rest is slack: there are no tombstones. The first
`primary` pages stand in the order of the curve; each owns the stretch of it from its `key` to the next, its territory.
A territory that is full leans on its neighbours: people by the border go over, and the border with them (the helper's
work). Where these are full too there is an overflow page, chained to the primary one by `next`. Over the primary pages
stands a tree of boxes, FAN to a node (`levels`). A directory finds the rows of an id again.

Invariants, at every moment when the lock of the index is free:
- every row alive is found from its id: the directory names the first, `more` of each the following one, NOWHERE the end;
- the box of a page holds the positions of its rows, its `reach_m` is at least their radius, and a node holds the boxes
  and reaches of its pages and of all pages chained to them (all of them may be larger than needed, never smaller);
- a row stands in the chain of the territory that its position belongs to, or on a page whose box held the position
  anyway when it came there: so boxes do not grow without need;
- a page in no chain is empty and stands in the free list, or was never used.

The pages that the table may yet take are allocated with it and cost nothing until they are written to. When they are
used up, or mostly empty, the table is packed afresh (`geo.packing`).
"""

from __future__ import annotations

from ctypes import addressof
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.bounds import Floats
from geo.directory import NOWHERE, Directory, Ids, Rows, ranges
from geo.layout import Layout
from geo.people import People

FAN = 16
NO_PAGE = -1
LAST_KEY = np.uint64(2**64 - 1)

Numbers = NDArray[np.int32]
Level = tuple[Floats, Floats]  # boxes (n, 4) as west, south, east, north; reach in metres (n,)
_BYTES_OF_PAGE = 4 + 32 + 8 + 4 + 4  # fill, box, reach_m, next, home
NO_BOX = (np.inf, np.inf, -np.inf, -np.inf)  # of nobody


class Pages:
    """Columns that only the owner of the index's lock may read or write. Counts stand in `layout`."""

    radius_m: Floats | None
    more: Ids | None
    levels: list[Level]

    def __init__(self, primary: int, shift: int, bits: int) -> None:
        """An empty table with room for half as many overflow pages as primary ones."""
        capacity = primary + primary // 2 + 8
        rows = capacity << shift
        self.ids = np.zeros(rows, np.uint32)
        self.lon, self.lat = np.zeros(rows), np.zeros(rows)
        self.radius_m, self.more = None, None
        self.fill = np.zeros(capacity, np.int32)
        self.box = np.tile(NO_BOX, (capacity, 1))
        self.reach_m = np.zeros(capacity)
        self.next = np.full(capacity, NO_PAGE, np.int32)
        self.home = np.arange(capacity, dtype=np.int32)
        self.key = np.full(primary + 1, LAST_KEY, np.uint64)
        self.key[0] = 0
        self.levels = []
        self.directory = Directory()
        self.layout = Layout(
            shift=shift, bits=bits, primary=primary, used=primary, capacity=capacity, free=NO_PAGE, frozen=0
        )

    @property
    def address(self) -> int:
        """Of the struct, for the helper; good as long as this object lives."""
        return addressof(self.layout)

    @property
    def primary(self) -> int:
        return int(self.layout.primary)

    @property
    def used(self) -> int:
        return int(self.layout.used)

    @property
    def free_pages(self) -> int:
        return int(self.layout.capacity - self.layout.used + self.layout.spare)

    @property
    def mostly_empty(self) -> bool:
        return self.used > 8 and self.layout.positions < (self.used << self.layout.shift) // 4

    def take_page(self) -> int:
        """An empty page; there must be a free one."""
        page = int(self.layout.free)
        if page == NO_PAGE:
            page = self.used
            self.layout.used += 1
        else:
            self.layout.free = int(self.next[page])
            self.layout.spare -= 1
        return page

    def give_back(self, page: int) -> None:
        self.next[page], self.layout.free = self.layout.free, page
        self.layout.spare += 1

    @property
    def nbytes(self) -> int:
        """Of the pages in use, their boxes and the directory."""
        columns = [column for column in (self.ids, self.lon, self.lat, self.radius_m, self.more) if column is not None]
        rows: int = sum(column.itemsize for column in columns) * (self.used << self.layout.shift)
        by_page = self.used * _BYTES_OF_PAGE
        tree: int = self.key.nbytes + sum(box.nbytes + reach_m.nbytes for box, reach_m in self.levels)
        return rows + by_page + tree + self.directory.nbytes

    def rows_of_pages(self, pages: NDArray[Any]) -> Rows:
        """All rows alive of these pages."""
        first = pages.astype(np.intp) << self.layout.shift
        return ranges(first, first + self.fill[pages])

    def rows_alive(self) -> Rows:
        """Primary pages in the order of the curve, then overflow pages."""
        return self.rows_of_pages(np.arange(self.used))

    def people_of(self, rows: Rows) -> People:
        radius_m = None if self.radius_m is None else self.radius_m[rows]
        return People(self.ids[rows], self.lon[rows], self.lat[rows], radius_m)

    def grow_tree(self) -> None:
        """The levels over the primary pages, from the boxes of all pages."""
        box, reach_m = self.box[: self.primary].copy(), self.reach_m[: self.primary].copy()
        chained = np.arange(self.primary, self.used)
        widen(box, reach_m, self.home[chained], self.box[chained], self.reach_m[chained])
        self.levels = []
        while not self.levels or len(box) > 1:
            starts = np.arange(0, len(box), FAN)
            sides = [np.minimum.reduceat(box[:, side], starts) for side in (0, 1)]
            sides += [np.maximum.reduceat(box[:, side], starts) for side in (2, 3)]
            box, reach_m = np.column_stack(sides), np.maximum.reduceat(reach_m, starts)
            self.levels.append((box, reach_m))

    def link(self, ids: Ids, rows: Rows) -> None:
        """Makes these rows (n,) all the rows that their ids (n,) have."""
        if self.more is None:
            self.more = np.full(len(self.ids), NOWHERE, np.uint32)
        order = np.argsort(ids, kind="stable")
        ids, rows = ids[order], rows[order]
        first = np.diff(ids, prepend=~ids[:1]) != 0
        self.directory.rows[self.directory.slots(ids[first])] = rows[first]
        self.more[rows] = NOWHERE
        self.more[rows[:-1][~first[1:]]] = rows[1:][~first[1:]]

    def tell(self) -> None:
        """Tells the helper where the columns lie; after any of them was allocated afresh."""
        layout = self.layout
        for name in ("ids", "lon", "lat", "radius_m", "more", "fill", "box", "reach_m", "next", "home", "key"):
            setattr(layout, name, _address(getattr(self, name)))
        for name in ("block_of", "rows", "codes"):
            setattr(layout, name, _address(getattr(self.directory, name)))
        layout.levels = len(self.levels)
        for number, (box, reach_m) in enumerate(self.levels):
            layout.level_size[number] = len(reach_m)
            layout.level_box[number], layout.level_reach_m[number] = _address(box), _address(reach_m)


def widen(box: Floats, reach_m: Floats, which: NDArray[Any], boxes: Floats, reaches_m: Floats) -> None:
    """Boxes and reaches `which` made to hold the given ones also, in place."""
    for side in (0, 1):
        np.minimum.at(box[:, side], which, boxes[:, side])
        np.maximum.at(box[:, side + 2], which, boxes[:, side + 2])
    np.maximum.at(reach_m, which, reaches_m)


def _address(column: NDArray[Any] | None) -> int | None:
    return None if column is None else column.ctypes.data
