"""Geohash (Niemeyer 2008): names for cells of the globe that everybody can compute, and the cells that an area touches.

A name of n characters is a box of 5n bits, longitude first; a longer name lies inside of its beginning. A sign that
knows where it is listens for its own cell's name, and needs nothing of ours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import distance
from geo.circles import Box, Circle
from geo.shapes import Shape

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
FINEST = 6  # characters: 1.2 km by 0.6 km at the equator
_STEPS = 60  # of halving a side by the golden ratio: far below a millimetre
_GOLDEN = (math.sqrt(5) - 1) / 2


def encode(lon: float, lat: float, length: int) -> str:
    """The name of the cell that holds this place, `length` characters long."""
    columns, rows = _grid(length)
    x = min(int((lon + 180) / 360 * columns), columns - 1)
    y = min(int((lat + 90) / 180 * rows), rows - 1)
    return _name(x, y, length)


def box(name: str) -> Box:
    """West, south, east, north of a cell. ValueError for what is no name."""
    x = y = 0
    for at, bit in enumerate(bit for letter in name for bit in f"{ALPHABET.index(letter):05b}"):
        x, y = (x * 2 + int(bit), y) if at % 2 == 0 else (x, y * 2 + int(bit))
    return _box(x, y, len(name))


def cover(area: Shape, most: int = 64, finest: int = FINEST) -> list[str]:
    """The names of all cells that touch `area`, and of no other: of the finest size at which they are `most` or fewer.

    Some 32 cells are the whole globe, so `most` is at least that. The edge belongs to both, area and cell. A circle that
    reaches into a cell by less than a micrometre may be missed; none is named that it does not reach.
    """
    if most < len(ALPHABET):
        raise ValueError("fewer cells than the globe has at the coarsest")
    found: list[str] = []
    for length in range(1, finest + 1):
        names = list(_within(found, length))
        finer = [
            name for name, touched in zip(names, _touched([box(one) for one in names], area), strict=True) if touched
        ]
        if len(finer) > most:
            break
        found = finer
    return found


def _within(coarser: list[str], length: int) -> Iterator[str]:
    beginnings = coarser if length > 1 else [""]
    return (beginning + letter for beginning in beginnings for letter in ALPHABET)


def _touched(cells: Sequence[Box], area: Shape) -> Mask:
    """Which cells touch the area."""
    sides = np.array(cells, np.float64).T
    found: Mask = np.asarray(shapely.intersects(area.polygons, shapely.box(*sides)))
    for circle in area.circles:
        found = found | _reached(circle, *sides)
    return found


def _reached(circle: Circle, west: Floats, south: Floats, east: Floats, north: Floats) -> Mask:
    """Whether the place of each cell that is nearest to the centre lies within the radius.

    Along a parallel the nearest is the nearest longitude; along the cell's sides it is looked for (one minimum).
    """
    clamped = np.array([np.clip(circle.lon + turn, west, east) for turn in (-360, 0, 360)])
    apart = np.abs((clamped - circle.lon + 180) % 360 - 180)
    lon = clamped[apart.argmin(axis=0), np.arange(len(west))]
    low, high = south, north
    for _ in range(_STEPS):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        lower = _metres(circle, lon, left) <= _metres(circle, lon, right)
        low, high = np.where(lower, low, left), np.where(lower, right, high)
    ends = (south, north, (low + high) / 2, np.clip(circle.lat, south, north))
    reached: Mask = np.min([_metres(circle, lon, lat) for lat in ends], axis=0) <= circle.radius_m
    return reached


def _metres(circle: Circle, lon: Floats, lat: Floats) -> Floats:
    return distance.between(np.full_like(lon, circle.lon), np.full_like(lon, circle.lat), lon, lat)


def _grid(length: int) -> tuple[int, int]:
    bits = 5 * length
    return 1 << (bits + 1) // 2, 1 << bits // 2


def _box(x: int, y: int, length: int) -> Box:
    columns, rows = _grid(length)
    return (
        x * 360 / columns - 180,
        y * 180 / rows - 90,
        (x + 1) * 360 / columns - 180,
        (y + 1) * 180 / rows - 90,
    )


def _name(x: int, y: int, length: int) -> str:
    bits = 5 * length
    mixed = 0
    for at in range(bits):  # the first bit is of the longitude
        source, left = (x, (bits + 1) // 2 - at // 2 - 1) if at % 2 == 0 else (y, bits // 2 - at // 2 - 1)
        mixed = mixed << 1 | source >> left & 1
    return "".join(ALPHABET[mixed >> 5 * (length - 1 - place) & 31] for place in range(length))
