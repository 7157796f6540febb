"""People spread like real cities: a city by its inhabitants, and around its middle thinning out exponentially.

Nineteen in twenty live in the United States, whose authorities issue the alerts; one in twenty anywhere on earth, so
that 180 degrees and the far side of the index are not empty. Density falls with exp(-distance / scale) as in Clark
(1951), "Urban population densities"; the scale grows with the root of the inhabitants. One seed, the same people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo import cities

Floats = NDArray[np.float64]
Ids = NDArray[np.uint32]

SEED = 20260821
HOME_SHARE = 0.95
SCALE_M = 4.5  # metres for the root of one inhabitant: 9 km for four million, 0.45 km for ten thousand
DEGREE_M = 111_320.0


@dataclass(frozen=True, slots=True)
class People:
    """Parallel columns; ids are serials, in no relation to where somebody is."""

    ids: Ids
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def first(self, count: int) -> People:
        return self.slice(0, count)

    def slice(self, first: int, count: int) -> People:
        rows = slice(first, first + count)
        return People(self.ids[rows], self.lon[rows], self.lat[rows])


def draw(count: int) -> People:
    rng = np.random.default_rng(SEED)
    known = cities.load()
    weight = known.inhabitants / known.inhabitants.sum() * (1 - HOME_SHARE)
    home = np.where(known.country == "US", known.inhabitants, 0)
    city = rng.choice(len(known), count, p=weight + home / home.sum() * HOME_SHARE)
    away_m = rng.gamma(2.0, SCALE_M * np.sqrt(known.inhabitants[city]))
    lon, lat = _around(known.lon[city], known.lat[city], away_m, rng)
    return People(np.arange(count, dtype=np.uint32), lon, lat)


def stepped(lon: Floats, lat: Floats, step_m: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Everybody a random step further: normal, `step_m` in each direction."""
    return _around(lon, lat, np.abs(rng.normal(0, step_m * np.sqrt(2), len(lon))), rng)


def _around(lon: Floats, lat: Floats, away_m: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    turn = rng.uniform(0, 2 * np.pi, len(lon))
    moved_lat = np.clip(lat + away_m * np.sin(turn) / DEGREE_M, -89.9, 89.9)
    moved_lon = lon + away_m * np.cos(turn) / (DEGREE_M * np.cos(np.radians(moved_lat)))
    return (moved_lon + 180.0) % 360.0 - 180.0, moved_lat
