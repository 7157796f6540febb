"""Cities of the world with at least 5,000 inhabitants (GeoNames, CC BY 4.0), for names on maps and people in drills.

Built by `geo.build_cities`; the source, vintage and licence stand in `geo/data/README.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EARTH_M = 6_371_000.0
DATA = Path(__file__).parent / "data" / "cities.npz"


@dataclass(frozen=True, slots=True)
class Cities:
    """Parallel columns, the largest city first. `lon`, `lat` in degrees, WGS 84."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    inhabitants: NDArray[np.int64]
    country: NDArray[np.str_]
    name: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.lon)

    def within_box(self, west: float, south: float, east: float, north: float) -> NDArray[np.intp]:
        """Row numbers inside a box that does not cross 180 degrees, the largest city first."""
        inside = (self.lon >= west) & (self.lon <= east) & (self.lat >= south) & (self.lat <= north)
        return np.flatnonzero(inside)


@cache
def load() -> Cities:
    """All cities; read once a process (about 20 ms)."""
    with np.load(DATA) as archive:
        names = bytes(archive["names"]).decode().split("\n")
        return Cities(
            lon=archive["lon"].astype(np.float64),
            lat=archive["lat"].astype(np.float64),
            inhabitants=archive["inhabitants"].astype(np.int64),
            country=archive["country"].astype("U2"),
            name=np.array(names),
        )


def nearest(lon: float, lat: float, within_m: float = 100_000.0) -> str | None:
    """The name of the nearest city, None if none is near. On a sphere: a name, not a measurement."""
    known = load()
    south_m = np.radians(known.lat - lat) * EARTH_M
    east_m = np.radians((known.lon - lon + 540.0) % 360.0 - 180.0) * EARTH_M * np.cos(np.radians(lat))
    away_m = np.hypot(south_m, east_m)
    best = int(np.argmin(away_m))
    return str(known.name[best]) if away_m[best] <= within_m else None
