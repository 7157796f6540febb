"""Invented people around an area, drawn from real places: cities with their coordinates and inhabitants (GeoNames).

Pure but for the random generator passed in; one seed gives the same people again. Quotas are those of a convincing
drill: at least a fifth of the people inside the area, a tenth within 5 km outside of it, the rest farther away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo import cities, distance
from geo.coarse import coarsen
from geo.shapes import Shape

Floats = NDArray[np.float64]
Points = tuple[Floats, Floats]
Rows = NDArray[np.intp]

INSIDE_SHARE = 0.26  # a little over the fifth and the tenth asked for: coarsened positions shift by up to a cell
NEAR_SHARE = 0.13
NEAR_M = 4_700.0
SURROUNDINGS_M = 250_000.0
COARSE_SHARE = 0.25  # people who signed up in public: their position is a cell, not a point
CONSENT_SHARE = 0.88
CONFIRMED_SHARE = 0.95  # of those who consented: the rest never confirmed their address
LANGUAGES = ("en", "es", "fr", "vi")
LANGUAGE_SHARES = (0.62, 0.27, 0.06, 0.05)
CHANNEL_SETS = (
    ("web_push",),
    ("email",),
    ("inbox",),
    ("web_push", "inbox"),
    ("email", "web_push"),
    ("email", "inbox", "web_push"),
)
CHANNEL_SHARES = (0.45, 0.13, 0.17, 0.12, 0.08, 0.05)
_DEGREE_M = 111_320.0
_ROUNDS = 60  # draws before a quota that cities cannot fill is filled otherwise


@dataclass(frozen=True, slots=True)
class People:
    """Parallel columns, one row a person. `radius_m` is 0 for a point, else the circle of uncertainty."""

    lon: Floats
    lat: Floats
    close: NDArray[np.bool_]  # inside the area or a few kilometres outside; the others can wait
    radius_m: Floats
    language: NDArray[np.int8]  # index into LANGUAGES
    channels: NDArray[np.int8]  # index into CHANNEL_SETS
    consent: NDArray[np.bool_]
    confirmed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.lon)


def draw(area: Shape, population: int, rng: np.random.Generator) -> People:
    """`population` people around `area` (not empty)."""
    inside = round(population * INSIDE_SHARE)
    near = round(population * NEAR_SHARE)
    groups = (
        _people_inside(area, inside, rng),
        _people_near(area, near, rng),
        _people_far(area, population - inside - near, rng),
    )
    lon = np.concatenate([group[0] for group in groups])
    lat = np.concatenate([group[1] for group in groups])
    order = rng.permutation(population)
    return _with_traits(lon[order], lat[order], order < inside + near, rng)


def _with_traits(lon: Floats, lat: Floats, close: NDArray[np.bool_], rng: np.random.Generator) -> People:
    count = len(lon)
    coarse = rng.random(count) < COARSE_SHARE
    radius_m = np.zeros(count)
    for row in np.flatnonzero(coarse):
        lon[row], lat[row], radius_m[row] = coarsen(float(lon[row]), float(lat[row]))
    consent = rng.random(count) < CONSENT_SHARE
    return People(
        lon=lon,
        lat=lat,
        close=close,
        radius_m=radius_m,
        language=rng.choice(len(LANGUAGES), count, p=LANGUAGE_SHARES).astype(np.int8),
        channels=rng.choice(len(CHANNEL_SETS), count, p=CHANNEL_SHARES).astype(np.int8),
        consent=consent,
        confirmed=consent & (rng.random(count) < CONFIRMED_SHARE),
    )


def _people_inside(area: Shape, wanted: int, rng: np.random.Generator) -> Points:
    """In the cities of the area; where there are none (a park, the sea), evenly over it."""
    inside = _collect(lambda count: _in_cities(area, 20_000.0, count, rng), wanted, lambda gap: gap <= 0, area)
    missing = wanted - len(inside[0])
    evenly = _collect(lambda count: _in_boxes(area, count, rng), missing, lambda gap: gap <= 0, area, rounds=2000)
    lon, lat = area.representative_point()
    rest = wanted - len(inside[0]) - len(evenly[0])  # a sliver that no draw hits
    return _join(inside, evenly, (np.full(rest, lon), np.full(rest, lat)))


def _people_near(area: Shape, wanted: int, rng: np.random.Generator) -> Points:
    """Outside, at most 5 km from the edge: the area's own points pushed outwards until they are."""
    return _collect(
        lambda count: _around(area, count, rng), wanted, lambda gap: (gap > 0) & (gap <= NEAR_M), area, rounds=2000
    )


def _people_far(area: Shape, wanted: int, rng: np.random.Generator) -> Points:
    """In the cities around, farther than 5 km; anywhere on earth where the surroundings are empty."""
    around = _collect(
        lambda count: _in_cities(area, SURROUNDINGS_M, count, rng), wanted, lambda gap: gap > 5_000.0, area
    )
    missing = wanted - len(around[0])
    elsewhere = _collect(
        lambda count: _scatter(np.arange(len(cities.load())), count, rng),
        missing,
        lambda gap: gap > 5_000.0,
        area,
        rounds=2000,
    )
    return _join(around, elsewhere)


def _collect(
    source: Callable[[int], Points],
    wanted: int,
    keep: Callable[[Floats], NDArray[np.bool_]],
    area: Shape,
    rounds: int = _ROUNDS,
) -> Points:
    """Draws from `source` until `wanted` points are kept, by their distance to the area in metres, or rounds run out."""
    kept: list[Points] = []
    found = 0
    for _ in range(rounds):
        if found >= wanted:
            break
        lon, lat = source(max(2 * (wanted - found), 256))
        chosen = keep(distance.to_shape(lon, lat, area)) if len(lon) else np.zeros(0, np.bool_)
        kept.append((lon[chosen], lat[chosen]))
        found += int(chosen.sum())
    lon, lat = _join(*kept)
    return lon[:wanted], lat[:wanted]


def _in_cities(area: Shape, margin_m: float, count: int, rng: np.random.Generator) -> Points:
    """Points scattered over the cities within `margin_m` of the area's boxes; none where there is no city."""
    known = cities.load()
    rows = [known.within_box(*_grown(box, margin_m)) for box in area.bounds]
    return _scatter(np.unique(np.concatenate(rows)) if rows else np.zeros(0, np.intp), count, rng)


def _scatter(rows: NDArray[np.intp], count: int, rng: np.random.Generator) -> Points:
    """Points around cities, as many as each has inhabitants in proportion, thinning out from its middle."""
    if not len(rows):
        return np.zeros(0), np.zeros(0)
    known = cities.load()
    weight = np.sqrt(known.inhabitants[rows] + 1000.0)  # the root, or one metropolis would be everybody
    city = rows[rng.choice(len(rows), count, p=weight / weight.sum())]
    spread_m = 12.0 * np.sqrt(known.inhabitants[city] + 10_000.0) / 2.0
    return _shifted(known.lon[city], known.lat[city], rng.normal(0, 1, (2, count)) * spread_m)


def _in_boxes(area: Shape, count: int, rng: np.random.Generator) -> Points:
    boxes = np.array(area.bounds)
    west, south, east, north = boxes[rng.integers(len(boxes), size=count)].T
    return rng.uniform(west, east), rng.uniform(south, north)


def _around(area: Shape, count: int, rng: np.random.Generator) -> Points:
    """Points up to 5 km from points on the edge: a ring's own edges, a circle's own rim."""
    lon, lat = _on_edge(area, count, rng)
    return _shifted(lon, lat, rng.uniform(-NEAR_M, NEAR_M, (2, count)))


def _on_edge(area: Shape, count: int, rng: np.random.Generator) -> Points:
    import shapely

    parts = [*area.polygons.geoms, *area.circles]
    part = [parts[number] for number in rng.integers(len(parts), size=min(count, 64))]
    along = rng.random((len(part), -(-count // len(part))))
    lon, lat = [], []
    for one, fractions in zip(part, along, strict=True):
        if hasattr(one, "radius_m"):
            turn = fractions * 2 * np.pi
            rim = _shifted(
                np.full(len(turn), one.lon),
                np.full(len(turn), one.lat),
                one.radius_m * np.stack([np.cos(turn), np.sin(turn)]),
            )
        else:
            on_line = shapely.line_interpolate_point(one.exterior, fractions, normalized=True)
            rim = (shapely.get_x(on_line), shapely.get_y(on_line))
        lon.append(rim[0])
        lat.append(rim[1])
    return np.concatenate(lon)[:count], np.concatenate(lat)[:count]


def _shifted(lon: Floats, lat: Floats, metres: Floats) -> Points:
    """Points moved east and north by about `metres` (2, n), kept on the globe."""
    moved_lat = np.clip(lat + metres[1] / _DEGREE_M, -89.9, 89.9)
    moved_lon = lon + metres[0] / (_DEGREE_M * np.cos(np.radians(moved_lat)))
    return (moved_lon + 180.0) % 360.0 - 180.0, moved_lat


def _grown(box: tuple[float, float, float, float], margin_m: float) -> tuple[float, float, float, float]:
    west, south, east, north = box
    up = margin_m / _DEGREE_M
    side = up / max(0.1, float(np.cos(np.radians(min(80.0, max(abs(south), abs(north)))))))
    return west - side, south - up, east + side, north + up


def _join(*points: Points) -> Points:
    return np.concatenate([np.zeros(0), *(p[0] for p in points)]), np.concatenate(
        [np.zeros(0), *(p[1] for p in points)]
    )
