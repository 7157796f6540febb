"""The globe in square cells, and an area as ranges of them: which cells it holds whole, and which its border crosses.

Cells are FINEST of a degree wide and numbered along a Z-order curve (Morton 1966), so a cell of a coarser level, whose
side is 2^level of the finest, is one range of 4^level numbers. A `Covering` is an area's ranges (a linear quadtree,
Gargantini 1982): nothing of the area lies outside of them, nothing outside the area lies in the whole ones, with a
hair to spare for rounding; only a place in a cell that the border crosses is left to be asked exactly.

Longitudes and latitudes are taken as they are, in [-180, 180] and [-90, 90]: that 180 and -180 are one meridian and a
pole one place is for whoever asks (`geo.watch`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo.bounds import Boxes, Floats, Mask
from geo.circles import Box

Codes = NDArray[np.int64]
Sort = Callable[[Boxes], tuple[Mask, Mask]]  # which boxes are surely inside whole, and which may hold any of the area

FINEST = 64  # cells a degree: 1.7 km
ROOT = 8  # level of the largest cells: 4 degrees
MIDDLE, SMALL = 4, 2  # levels between: a quarter and a sixteenth of a degree
EAST, NORTH = 180 * FINEST, 90 * FINEST  # cells from the corner at -180, -90 to 0, 0

_HAIR = 1e-9  # degrees, a tenth of a millimetre: far more than the rounding of a cell's number
_BORDER_CELLS = 2_048  # that an area's border is followed with at most: long ones in larger cells
_BITS = np.arange(1 << 15, dtype=np.int64)
for _shift, _mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
    _BITS = (_BITS | (_BITS << _shift)) & _mask
_SPREAD = _BITS.tolist()

NOTHING, BORDER, WHOLE = 0, 1, 2


def columns(lon: Floats) -> NDArray[np.int64]:
    return np.asarray((lon * FINEST + EAST).astype(np.int64))


def rows(lat: Floats) -> NDArray[np.int64]:
    return np.asarray((lat * FINEST + NORTH).astype(np.int64))


def codes(x: NDArray[np.int64], y: NDArray[np.int64]) -> Codes:
    """Z-order numbers of cells by column and row, of any one level."""
    return np.asarray(_BITS[x] | (_BITS[y] << 1))


def numbers(x: int, y: int, level: int) -> tuple[int, int]:
    """The range [first, last) of the finest cells in the cell in column x and row y of a level."""
    code = _SPREAD[x] | _SPREAD[y] << 1
    return code << 2 * level, (code + 1) << 2 * level


@dataclass(frozen=True)
class Covering:
    """Ranges [start, end) of cell numbers, ascending and apart; `whole`: all of the range is inside the area.

    `roots`: the cells of level ROOT that hold any of it, as (column, row, whether whole).
    """

    starts: Codes
    ends: Codes
    whole: Mask
    roots: tuple[tuple[int, int, bool], ...]

    def at(self, first: int, last: int) -> int:
        """NOTHING, BORDER or WHOLE, of a cell as its range of numbers."""
        starts, ends, whole = self._plain
        here = bisect_right(starts, first) - 1
        if here >= 0 and ends[here] > first:
            return WHOLE if whole[here] and ends[here] >= last else BORDER
        return BORDER if here + 1 < len(starts) and starts[here + 1] < last else NOTHING

    @cached_property
    def _plain(self) -> tuple[array[int], array[int], bytes]:
        """For asking one cell: a number from a numpy array costs more than the whole search in these."""
        starts, ends = (array("i", one.astype(np.int32).tobytes()) for one in (self.starts, self.ends))
        return starts, ends, self.whole.tobytes()


def cover(boxes: list[Box], sort: Sort) -> Covering:
    """The covering of an area that lies in `boxes`: from the largest cells down, wherever its border is."""
    found: list[tuple[Codes, int, bool]] = []
    x, y = _roots(boxes)
    roots: list[tuple[int, int, bool]] = []
    for level in range(ROOT, -1, -1):
        inside, perhaps = sort(_boxes(x, y, level))
        border = perhaps & ~inside
        if level == ROOT:
            roots = [*_named(x[inside], y[inside], whole=True), *_named(x[border], y[border], whole=False)]
        found.append((codes(x[inside], y[inside]), level, True))
        x, y = x[border], y[border]
        if level == 0 or 2 * len(x) > _BORDER_CELLS:
            found.append((codes(x, y), level, False))
            break
        x, y = _quarters(x, y)
    return _joined(found, tuple(roots))


def _roots(boxes: list[Box]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of the largest cells that meet the boxes, each once."""
    met: set[tuple[int, int]] = set()
    for west, south, east, north in boxes:
        (left, right), (low, high) = (
            of(np.clip(np.array([least - _HAIR, most + _HAIR]), -end, end)) >> ROOT
            for of, least, most, end in ((columns, west, east, 180.0), (rows, south, north, 90.0))
        )
        met.update((x, y) for x in range(left, right + 1) for y in range(low, high + 1))
    cells = np.array(sorted(met), np.int64).reshape(-1, 2)
    return cells[:, 0], cells[:, 1]


def _boxes(x: NDArray[np.int64], y: NDArray[np.int64], level: int) -> Boxes:
    """The cells in degrees, a hair larger."""
    side = (1 << level) / FINEST
    west, south = x.astype(np.float64) * side - 180.0, y.astype(np.float64) * side - 90.0
    return Boxes(west - _HAIR, south - _HAIR, west + (side + _HAIR), south + (side + _HAIR))


def _quarters(x: NDArray[np.int64], y: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.repeat(2 * x, 4) + np.tile([0, 1, 0, 1], len(x)), np.repeat(2 * y, 4) + np.tile([0, 0, 1, 1], len(y))


def _named(x: NDArray[np.int64], y: NDArray[np.int64], *, whole: bool) -> list[tuple[int, int, bool]]:
    return [(column, row, whole) for column, row in zip(x.tolist(), y.tolist(), strict=True)]


def _joined(found: list[tuple[Codes, int, bool]], roots: tuple[tuple[int, int, bool], ...]) -> Covering:
    """Cells of all levels as ranges of the finest; neighbours of one kind are one range."""
    starts = np.concatenate([cells << (2 * level) for cells, level, _ in found])
    ends = np.concatenate([(cells + 1) << (2 * level) for cells, level, _ in found])
    whole = np.concatenate([np.full(len(cells), inside) for cells, _, inside in found])
    order = np.argsort(starts)
    starts, ends, whole = starts[order], ends[order], whole[order]
    fresh = np.ones(len(starts), bool)
    fresh[1:] = (starts[1:] != ends[:-1]) | (whole[1:] != whole[:-1])
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(starts))[: len(first)] - 1
    return Covering(starts[first], ends[last], whole[first], roots)
