"""The reverse question: somebody is somewhere now; which of the active areas hold or touch that place?

Each area is known as ranges of cells (`geo.cells`): cells that it holds whole, and cells that its border crosses. For
one place the cell is looked up among those resolved before (`geo.resolved`): it says which areas hold all of it, and
which pieces of areas (`geo.pieces`) have to be asked exactly. Many places at once are sorted by cell and found range
by range (`geo.crowd`).

A place with a radius asks the at most four cells, large enough, that hold a box around its circle; what any of them
may hold is asked exactly. Its answer is remembered too: public places are coarsened, so many people share few of them.
180 and -180 degrees are one meridian, and a pole is one place.

Why readers need no lock: all that they read hangs on one reference, `_now`. An area that comes or goes makes a new
one, exchanged in one assignment; what is remembered hangs on it as well, so no answer outlives a change.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo.bounds import Floats
from geo.crowd import Crowd, odd
from geo.pieces import Piece, pieces_of
from geo.resolved import Resolved
from geo.shapes import Shape

PLACES, SHORT = 50_000, 32  # whose answers are remembered, and how many keys these have at most
FEW = 8  # places an area: fewer are asked one by one

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Watched:
    pieces: tuple[Piece, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class _Now:
    """All that is watched at one moment; `places` remembers answers."""

    areas: dict[int, _Watched] = field(default_factory=dict)
    cells: Resolved = field(default_factory=Resolved)
    crowd: Crowd = field(default_factory=lambda: Crowd(()))
    places: dict[tuple[float, float, float], list[int]] = field(default_factory=dict)

    def changed(self, without: Sequence[int], added: dict[int, _Watched]) -> _Now:
        gone = [piece for key in without if key in self.areas for piece in self.areas[key].pieces]
        come = [piece for watched in added.values() for piece in watched.pieces]
        areas = {key: watched for key, watched in self.areas.items() if key not in without} | added
        return _Now(areas, self.cells.changed(gone, come), self.crowd.changed(gone, come))


class Watch:
    """The active areas, by key. Safe for any number of threads."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._now = _Now()

    def __len__(self) -> int:
        return len(self._now.areas)

    def __contains__(self, key: int) -> bool:
        return key in self._now.areas

    def __iter__(self) -> Iterator[int]:
        return iter(self._now.areas)

    def add(self, key: int, shape: Shape, until: datetime) -> None:
        """Watches an area until it is removed or its time (aware UTC) has come; one of the same key is replaced."""
        watched = _Watched(tuple(pieces_of(key, shape)), until)
        with self._changing:
            self._now = self._now.changed([key], {key: watched})

    def remove(self, key: int) -> None:
        """Watches it no longer; nothing happens if it is not watched."""
        with self._changing:
            if key in self._now.areas:
                self._now = self._now.changed([key], {})

    def expire(self, now: datetime) -> list[int]:
        """Removes the areas whose time has come, and says which."""
        with self._changing:
            over = [key for key, watched in self._now.areas.items() if watched.until <= now]
            if over:
                self._now = self._now.changed(over, {})
        return over

    def containing(self, lon: float, lat: float, radius_m: float = 0.0, now: datetime | None = None) -> list[int]:
        """Keys, ascending, of the areas that hold the place (degrees) or touch its circle of uncertainty. Exact.

        With `now`, areas whose time has come are left out even before they are removed. ValueError for what is no
        position.
        """
        here = self._now
        if radius_m or not (-180.0 < lon < 180.0 and -90.0 < lat < 90.0):
            found = list(_remembered(here, lon, lat, radius_m))
        else:
            node = here.cells.at(lon, lat)
            found = list(node.whole)
            for piece in node.edges:
                if piece.key not in found and piece.touches(lon, lat, 0.0):
                    found.append(piece.key)
            found.sort()
        return found if now is None else [key for key in found if here.areas[key].until > now]

    def containing_each(self, lon: Floats, lat: Floats, radius_m: Floats) -> dict[int, Rows]:
        """For many places at once (parallel columns): by key of an area, the rows, ascending, of those that it holds or
        touches. ValueError for what is no position.
        """
        x, y, r = (np.asarray(column, np.float64) for column in (lon, lat, radius_m))
        _check(bool((np.isfinite(x) & (np.abs(y) <= 90.0) & (r >= 0.0) & np.isfinite(r)).all()))
        crowd = self._now.crowd
        alone = odd(x, y, r) if len(x) >= FEW * len(self) else np.ones(len(x), bool)
        usual, single = np.flatnonzero(~alone), np.flatnonzero(alone)
        found = {key: usual[mine] for key, mine in crowd.containing(x[usual], y[usual], r[usual]).items()}
        for key, mine in self._one_by_one(x[single], y[single], r[single]).items():
            found[key] = np.union1d(found.get(key, single[:0]), single[mine])
        return found

    def _one_by_one(self, lon: Floats, lat: Floats, radius_m: Floats) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row, place in enumerate(zip(lon.tolist(), lat.tolist(), radius_m.tolist(), strict=True)):
            for key in self.containing(*place):
                found.setdefault(key, []).append(row)
        return found


def _remembered(now: _Now, lon: float, lat: float, radius_m: float) -> list[int]:
    found = now.places.get((lon, lat, radius_m))
    if found is None:
        found = _around(now, lon, lat, radius_m)
        if len(now.places) >= PLACES:
            now.places.clear()
        if len(found) <= SHORT:
            now.places[lon, lat, radius_m] = found
    return found


def _around(now: _Now, lon: float, lat: float, radius_m: float) -> list[int]:
    """For any place at all: with a circle, at 180 degrees, at a pole."""
    _check(math.isfinite(lon) and -90.0 <= lat <= 90.0 and 0.0 <= radius_m < math.inf)
    lon = lon if -180.0 <= lon <= 180.0 else (lon + 180.0) % 360.0 - 180.0
    nodes, here = now.cells.under(lon, lat, radius_m)
    if not any(node.edges or node.whole != nodes[0].whole for node in nodes):
        return list(nodes[0].whole)
    found = set(here.whole)
    near = {key for node in nodes for key in node.whole if key not in found}
    asked = {id(piece): piece for key in near for piece in now.areas[key].pieces}
    asked |= {id(piece): piece for node in nodes for piece in node.edges}
    for piece in asked.values():
        if piece.key not in found and piece.touches(lon, lat, radius_m):
            found.add(piece.key)
    return sorted(found)


def _check(is_position: bool) -> None:
    if not is_position:
        raise ValueError("a position needs a finite longitude, a latitude in [-90, 90] and a radius of at least 0")
