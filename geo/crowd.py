"""Many places at once, asked of many areas: sorted by cell, so that each range of an area's cells is one slice of them.

Places in cells that an area holds whole are found without looking at them; those in cells that its border crosses are
asked exactly, all of one piece together. A circle of uncertainty stands with the cells under the corners of a box
around it, at the first level where these are neighbours; whoever it may touch is asked exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.bounds import Floats, Mask
from geo.cells import FINEST, ROOT, Codes, codes, columns, rows
from geo.pieces import HAIR, SURE_LAT, Piece, reach_each

Rows = NDArray[np.intp]

_ROW_BITS = 32  # of a number that holds a cell and a row
_ROW = (1 << _ROW_BITS) - 1
_LARGEST = (1 << ROOT) / FINEST  # degrees


class _Ranges(NamedTuple):
    """Ranges of cells of all pieces, one after the other: of which piece, [start, end), whether whole inside."""

    piece: Rows
    starts: Codes
    ends: Codes
    whole: Mask


class _Standing(NamedTuple):
    """Places sorted by cell: the cells, and whose they are (a place may stand in several)."""

    cells: Codes
    rows: Rows

    @classmethod
    def of(cls, cells: Codes, places: Rows) -> _Standing:
        packed = np.sort((cells << _ROW_BITS) | places)
        return cls(packed >> _ROW_BITS, packed & _ROW)

    def in_each(self, ranges: _Ranges) -> Iterator[tuple[int, Rows, Rows]]:
        """Of each piece that has any: the places in its whole ranges, and those in its others."""
        first, last = np.searchsorted(self.cells, ranges.starts), np.searchsorted(self.cells, ranges.ends)
        hits = np.flatnonzero(last > first)
        pieces, begins = np.unique(ranges.piece[hits], return_index=True)
        for piece, mine in zip(pieces.tolist(), np.split(hits, begins)[1:], strict=True):
            inside, border = mine[ranges.whole[mine]], mine[~ranges.whole[mine]]
            yield piece, self._slices(first, last, inside), self._slices(first, last, border)

    def _slices(self, first: Rows, last: Rows, which: Rows) -> Rows:
        return self.rows[_expanded(first[which], last[which])]


class Crowd:
    """The pieces of all active areas, to be asked for many places at once. Never changed."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = tuple(pieces)
        self._in_larger: dict[int, _Ranges] = {}

    def changed(self, without: Iterable[Piece], added: Iterable[Piece]) -> Crowd:
        gone = {id(piece) for piece in without}
        return Crowd([*(piece for piece in self._pieces if id(piece) not in gone), *added])

    def containing(self, lon: Floats, lat: Floats, radius_m: Floats) -> dict[int, Rows]:
        """By key of an area, the rows, ascending, of the places, none of them `odd`, that it holds or touches."""
        if not len(lon) or not self._pieces:
            return {}
        found = _Found(len(lon))
        standing = _Standing.of(codes(columns(lon), rows(lat)), np.arange(len(lon)))
        for number, inside, border in standing.in_each(self._ranges):
            piece, points = self._pieces[number], border[radius_m[border] == 0]
            found.add(piece.key, inside)
            found.add(piece.key, points[piece.touching(lon[points], lat[points], radius_m[points])])
        wide = np.flatnonzero(radius_m > 0)
        for level, places in _by_level(wide, lon[wide], lat[wide], radius_m[wide]):
            for number, inside, border in places.in_each(self._larger(level)):
                piece = self._pieces[number]
                open_ = found.without(piece.key, np.concatenate([inside, border]))
                found.add(piece.key, open_[piece.touching(lon[open_], lat[open_], radius_m[open_])])
        return found.all()

    @cached_property
    def _ranges(self) -> _Ranges:
        coverings = [piece.covering for piece in self._pieces]
        number = np.repeat(np.arange(len(coverings)), [len(one.starts) for one in coverings])
        columns = ([getattr(one, name) for one in coverings] for name in ("starts", "ends", "whole"))
        return _Ranges(number, *map(np.concatenate, columns))

    def _larger(self, level: int) -> _Ranges:
        """The ranges in cells of a level: a cell stands once for each piece, whatever of it the piece holds."""
        if level not in self._in_larger:
            self._in_larger[level] = self._made_larger(level)
        return self._in_larger[level]

    def _made_larger(self, level: int) -> _Ranges:
        piece, starts, ends, whole = self._ranges
        starts, ends = starts >> (2 * level), ((ends - 1) >> (2 * level)) + 1
        starts[1:] = np.where(piece[1:] == piece[:-1], np.maximum(starts[1:], ends[:-1]), starts[1:])
        some = starts < ends
        return _Ranges(piece[some], starts[some], ends[some], whole[some])


def odd(lon: Floats, lat: Floats, radius_m: Floats) -> Mask:
    """Which places are none for a crowd: those at 180 degrees or a pole, and circles that are larger than a cell."""
    wide, high = reach_each(lat, radius_m)
    near_pole = (np.abs(lat) + high >= SURE_LAT) & ((radius_m > 0) | (np.abs(lat) == 90))
    large = np.maximum(wide, high) > _LARGEST / 2
    return np.asarray((np.abs(lon) + wide + HAIR >= 180.0) | near_pole | large)


class _Found:
    """Rows by key, as they are found."""

    def __init__(self, places: int) -> None:
        self._rows: dict[int, list[Rows]] = {}
        self._mark = np.zeros(places, bool)

    def add(self, key: int, found: Rows) -> None:
        if len(found):
            self._rows.setdefault(key, []).append(found)

    def without(self, key: int, places: Rows) -> Rows:
        """Those of the places, each once, that are not found yet."""
        before = self._rows.get(key, [])
        self._mark[places] = True
        for found in before:
            self._mark[found] = False
        left = places[self._mark[places]]
        self._mark[places] = False
        return np.unique(left)

    def all(self) -> dict[int, Rows]:
        return {key: np.unique(np.concatenate(found)) for key, found in self._rows.items()}


def _by_level(places: Rows, lon: Floats, lat: Floats, radius_m: Floats) -> Iterator[tuple[int, _Standing]]:
    """The places with the cells under boxes around their circles, at the first level where these are neighbours."""
    wide, high = (away + HAIR for away in reach_each(lat, radius_m))
    left, right, low, top = columns(lon - wide), columns(lon + wide), rows(lat - high), rows(lat + high)
    rest = np.arange(len(places))
    for level in range(ROOT + 1):
        apart = np.maximum((right >> level) - (left >> level), (top >> level) - (low >> level))[rest] > 1
        some, rest = rest[~apart], rest[apart]
        if len(some):
            corners = [codes(x[some] >> level, y[some] >> level) for x in (left, right) for y in (low, top)]
            yield level, _Standing.of(np.concatenate(corners), np.tile(places[some], 4))


def _expanded(first: Rows, last: Rows) -> Rows:
    """All numbers of the ranges [first, last), one range after the other."""
    counts = last - first
    before = np.cumsum(counts) - counts
    return np.repeat(first - before, counts) + np.arange(int(counts.sum()))
