"""The reverse question: somebody is somewhere now; which of the active areas hold or touch that place?

An R-tree (`rtree`) holds a box for every part of every area; what its boxes find is asked exactly, part by part, as the
index asks (`geo.parts`). One lock guards both: neither the tree nor a prepared polygon is safe for threads by itself.
It is held for a fraction of a millisecond a question.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from rtree.index import Index as RTree

from geo.circles import Box, reach, split
from geo.parts import Part, parts_of
from geo.shapes import Shape

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Watched:
    """An active area: its parts stand in the tree under `numbers`, one a box."""

    parts: tuple[Part, ...]
    boxes: tuple[Box, ...]
    numbers: range
    until: datetime


class Watch:
    """The active areas, by key. Safe for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tree = RTree()
        self._areas: dict[int, _Watched] = {}
        self._key_of: dict[int, int] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._areas)

    def __contains__(self, key: int) -> bool:
        return key in self._areas

    def add(self, key: int, shape: Shape, until: datetime) -> None:
        """Watches an area until it is removed or its time (aware UTC) has come; one of the same key is replaced."""
        parts, boxes = tuple(parts_of(shape)), tuple(_boxes(shape))
        with self._lock:
            self._forget(key)
            watched = _Watched(parts, boxes, range(self._next, self._next + len(boxes)), until)
            self._next = watched.numbers.stop
            for number, box in zip(watched.numbers, boxes, strict=True):
                self._tree.insert(number, box)
                self._key_of[number] = key
            self._areas[key] = watched

    def remove(self, key: int) -> None:
        """Watches it no longer; nothing happens if it is not watched."""
        with self._lock:
            self._forget(key)

    def expire(self, now: datetime) -> list[int]:
        """Removes the areas whose time has come, and says which."""
        with self._lock:
            over = [key for key, watched in self._areas.items() if watched.until <= now]
            for key in over:
                self._forget(key)
        return over

    def containing(self, lon: float, lat: float, radius_m: float = 0.0, now: datetime | None = None) -> list[int]:
        """Keys, ascending, of the areas that hold the place (degrees) or touch its circle of uncertainty. Exact.

        With `now`, areas whose time has come are left out even before they are removed.
        """
        with self._lock:
            near = {
                self._key_of[number] for box in _around(lon, lat, radius_m) for number in self._tree.intersection(box)
            }
            active = (key for key in near if now is None or self._areas[key].until > now)
            return sorted(key for key in active if _touches(self._areas[key].parts, lon, lat, radius_m))

    def containing_each(self, lon: Floats, lat: Floats, radius_m: Floats) -> dict[int, NDArray[np.intp]]:
        """For many places at once (parallel arrays): by key of an area, the rows of those that it holds or touches.

        Asked area by area over all rows, as the index asks: for a hundred thousand who are placed together.
        """
        with self._lock:
            rows = {
                key: np.flatnonzero(_touching(watched.parts, lon, lat, radius_m))
                for key, watched in self._areas.items()
            }
        return {key: found for key, found in rows.items() if len(found)}

    def _forget(self, key: int) -> None:
        watched = self._areas.pop(key, None)
        if watched is not None:
            for number, box in zip(watched.numbers, watched.boxes, strict=True):
                self._tree.delete(number, box)
                del self._key_of[number]


def _touches(parts: Iterable[Part], lon: float, lat: float, radius_m: float) -> bool:
    x, y, r = (np.array([value], np.float64) for value in (lon, lat, radius_m))
    return any(part.touched_by(x, y, r)[0] for part in parts)


def _touching(parts: Iterable[Part], lon: Floats, lat: Floats, radius_m: Floats) -> NDArray[np.bool_]:
    touched = np.zeros(len(lon), np.bool_)
    for part in parts:
        rest = np.flatnonzero(~touched)
        touched[rest] = part.touched_by(lon[rest], lat[rest], radius_m[rest])
    return touched


def _boxes(shape: Shape) -> Iterator[Box]:
    for polygon in shape.polygons.geoms:
        west, south, east, north = polygon.bounds
        yield west, south, east, north
    for circle in shape.circles:
        yield from circle.boxes()


def _around(lon: float, lat: float, radius_m: float) -> list[Box]:
    """Boxes that hold the place's circle; a place on 180 degrees or at a pole is asked for from all sides."""
    west, south, east, north = (float(side[0]) for side in reach(lon, lat, radius_m))
    return split(west, south, east, north)
