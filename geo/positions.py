"""GeoJSON positions to numbers: a ring of thousands in a few calls, and each fault with its place where there is one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.faults import Faults

Floats = NDArray[np.float64]
_HEIGHTS = "Heights are left out: an area is the same at every height."


def read(listed: Sequence[Any], path: str, faults: Faults) -> Floats | None:
    """Positions (n, 2) as lon, lat; None with a fault for each that is none."""
    found = _at_once(listed)
    if found is None:
        singly = [position(one, f"{path}/{place}", faults) for place, one in enumerate(listed)]
        numbers = [one for one in singly if one is not None]
        found = np.array(numbers, np.float64).reshape(-1, 2)
        if len(numbers) < len(listed):
            return None
    if any(len(one) > 2 for one in listed):
        faults.repair("heights", path, _HEIGHTS)
    return found + 0.0  # no negative zero


def position(value: Any, path: str, faults: Faults) -> tuple[float, float] | None:
    """One position [lon, lat, ...]; None with its fault."""
    if not isinstance(value, (list, tuple)) or len(value) < 2:
        faults.add("malformed", path, "A position is [longitude, latitude].")
    elif not all(is_number(number) for number in value[:2]):
        faults.add("not_a_number", path, "Longitude and latitude must be numbers.")
    else:
        return float(value[0]), float(value[1])
    return None


def in_range(found: Floats, path: str, faults: Faults, most: float = 360.0) -> bool:
    """Whether all are on the earth; rings may run on past 180 (to 360) where `rings` finds the meaning certain."""
    lon, lat = np.abs(found).T
    wrong = np.flatnonzero((lat > 90) | (lon > most))
    if not len(wrong):
        return True
    if (lat > 90).any() and (lon <= 90).all() and (lat <= 180).all():
        faults.add("swapped", path, "Latitude and longitude look swapped: longitude comes first.")
        return False
    for place in wrong[: Faults.MOST].tolist():
        said = f"{found[place, 0]:g}, {found[place, 1]:g}"
        where = path if len(found) == 1 else f"{path}/{place}"  # a circle's centre has the circle's path
        faults.add("out_of_range", where, f"{said} is not on the earth: longitude ends at 180, latitude at 90.")
    return False


def closed(ring: Floats, path: str, faults: Faults) -> Floats:
    """The ring as it is meant: the last position like the first, and none written twice in a row."""
    if len(ring) > 2 and not np.array_equal(ring[0], ring[-1]):
        faults.repair("closed", path, "The last position of a ring is not its first: it was closed by a straight line.")
        ring = np.vstack([ring, ring[:1]])
    again = 1 + np.flatnonzero((ring[1:] == ring[:-1]).all(axis=1))
    if len(again):
        faults.repair("repeated", path, "Positions written twice in a row count once.")
    return np.delete(ring, again, axis=0)


def is_number(value: Any) -> bool:
    """A finite JSON number: neither NaN, nor a boolean, nor a number in quotes, nor an integer past all floats."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _at_once(listed: Sequence[Any]) -> Floats | None:
    """(n, 2) where all are plain pairs of numbers, else None."""
    if not set(map(type, listed)) <= {list, tuple} or set(map(len, listed)) != {2}:
        return None
    flat = list(chain.from_iterable(listed))
    if not set(map(type, flat)) <= {float, int}:
        return None
    try:
        found = np.array(flat, np.float64).reshape(-1, 2)
    except OverflowError:
        return None
    return found if np.isfinite(found).all() else None
