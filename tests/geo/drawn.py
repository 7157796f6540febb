"""Random pairs of an area and a population, each with who is in it by the oracle (tests/geo/oracle.py)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import oracle
import shapely
from numpy.typing import NDArray

from geo import Circle, Shape, shapes

GRID = 1 / 1024  # degrees that a whole turn does not round
WORLD = shapely.box(-180, -90, 180, 90)


@dataclass
class Pair:
    area: object
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    inside: NDArray[np.bool_]
    open_: NDArray[np.bool_] | None = None  # rounding, or the limit that is promised, leaves these either way
    own_m: NDArray[np.float64] | None = None


def draw(seed):
    return KINDS[seed % len(KINDS)](np.random.default_rng(seed))


def on_a_lattice(rng):
    """Corners and people on whole degrees: half of them on edges, on corners, and in each other's place."""
    lon, lat = rng.integers(-6, 7, (2, 120)).astype(float)
    west, east, south, north = *np.sort(rng.integers(-6, 7, 2)), *np.sort(rng.integers(-6, 7, 2))
    hull = shapely.MultiPoint(rng.integers(-6, 7, (rng.integers(3, 9), 2))).convex_hull
    area = polygons_of(hull.difference(shapely.box(west, south, east, north)))
    return Pair(Shape(area) if rng.random() < 0.5 else area, lon, lat, oracle.covered(area, lon, lat))


def in_towns(rng):
    """Up to three stars with or without holes over a crowd in towns."""
    lon, lat = towns(rng, 1200, 0.3)
    size, first = 10 ** rng.uniform(-2, 1.3), rng.integers(len(lon))
    places = [(lon[first], lat[first]) + rng.normal(0, size, 2) * number for number in range(rng.integers(1, 4))]
    area = polygons_of(shapely.union_all([holed(rng, star(rng, place, size)) for place in places]).intersection(WORLD))
    return Pair(Shape(area), lon, lat, oracle.covered(area, lon, lat))


def along_edges(rng):
    """People put down on the edges as well as floats can, a hair beside them, and on every corner."""
    area = holed(rng, star(rng, rng.uniform(-70, 70, 2), 10 ** rng.uniform(-3, 1)))
    corners = shapely.get_coordinates(area)
    edge, along = rng.integers(0, len(corners) - 1, 400), rng.random((400, 1))
    places = corners[edge] + along * (corners[edge + 1] - corners[edge])
    places[::3] += rng.choice([0, 1e-15, -1e-15, 1e-12], (len(places[::3]), 2))
    lon, lat = np.vstack([places, corners]).T
    return Pair(area, lon, lat, oracle.covered(area, lon, lat))


def over_the_seam(rng):
    """Past 180 degrees one way or the other, as drawn or cut in two."""
    side = rng.choice([-180, 180])
    ring = (
        np.round(shapely.get_coordinates(star(rng, (side + rng.uniform(-3, 3), rng.uniform(-60, 60)), 8)) / GRID) * GRID
    )
    area = max(polygons_of(shapely.make_valid(shapely.Polygon(ring))).geoms, key=shapely.area)
    lon, lat = np.round((side + rng.normal(0, 8, 500)) / GRID) * GRID, np.round(rng.uniform(-70, 70, 500) / GRID) * GRID
    lon = np.where(np.abs(lon) > 180, lon - 360 * np.sign(lon), lon)
    lon[:20] = rng.choice([-180.0, 180.0], 20)
    inside = oracle.covered(area, lon, lat)
    if rng.random() < 0.5:
        return Pair(area, lon, lat, inside)
    close = [shapely.dwithin(area.exterior, shapely.points(lon + turn, lat), 1e-9) for turn in oracle.TURNS]
    cut = shapes.from_ring(list(shapely.Polygon(area.exterior).exterior.coords))  # cutting rounds
    return Pair(cut, lon, lat, oracle.covered(shapely.Polygon(area.exterior), lon, lat), np.logical_or.reduce(close))


def at_a_pole(rng):
    """Caps, and pieces of one, with a crowd around the pole and a dozen on it."""
    pole, west = rng.choice([-90.0, 90.0]), rng.integers(-180, 120)
    lon, lat = rng.uniform(-180, 180, 200), pole * (1 - rng.exponential(0.05, 200).clip(0, 1))
    lat[:12] = pole
    south, north = np.sort([pole, pole * rng.uniform(0.8, 0.99)]) - rng.choice([0.0, 0.0, np.sign(pole)])
    area = shapely.box(west, south, rng.choice([west + 360, west + rng.integers(1, 60)]), north)
    return Pair(area, lon, lat, oracle.covered(area, lon, lat))


def beside_long_edges(rng):
    """Near (0.5, 0.5), where floats are finer than the way to the corners allows a plain determinant to tell sides."""
    places = rng.uniform(0.5, 0.51, 2) + rng.integers(-20, 21, (200, 2)) * 2.0**-53
    places[::10] = rng.uniform(-9, 9, (20, 2))  # so that the box of a page is not a hair itself
    along = rng.normal(0, 1, 2)
    start, end = places[1] - along * rng.integers(2, 20), places[1] + along * rng.integers(2, 20)
    area = shapely.Polygon([start, end, end + rng.normal(0, 9, 2)])
    lon, lat = places.T
    return Pair(area, lon, lat, oracle.covered(area, lon, lat))


def in_circles(rng):
    """One or two circles, also over the seam and the poles, many people at their rims; half of the crowds with radii."""
    lon, lat = towns(rng, 30, rng.choice([0.01, 0.3, 5]))
    lon[0], lat[1] = 180, rng.choice([-90, 90])
    own_m = rng.choice([0.0, 500.0, 40_000.0], 30) if rng.random() < 0.5 else np.zeros(30)
    middles = rng.integers(0, 30, rng.integers(1, 3))
    north = (lat[middles] + rng.normal(0, 0.01, len(middles))).clip(-90, 90)
    radii = 10 ** rng.uniform(1, 7.28, len(middles))
    circles = tuple(Circle(*one) for one in np.column_stack([lon[middles], north, radii]).tolist())
    for row, beyond in enumerate(rng.choice([-1e-2, -1e-4, -1e-6, 1e-6, 1e-4, 1e-2], 12), start=5):
        limit_m = circles[0].radius_m + own_m[row]
        lon[row], lat[row] = oracle.on_rim(circles[0], rng.uniform(0, 360), limit_m + beyond * max(limit_m / 1000, 1))
    beyond = np.array([oracle.from_middle(circle, lon, lat) - circle.radius_m - own_m for circle in circles])
    close, held = (np.abs(beyond) < 1e-7).any(axis=0), (beyond <= 0).any(axis=0)
    return Pair(Shape(circles=circles), lon, lat, held, close, own_m if own_m.any() else None)


def touched(rng):
    """Near a ring of some kilometres, anywhere on earth, with circles that just reach it or just do not."""
    middle = np.array([rng.uniform(-179, 179), rng.choice([rng.uniform(-80, 80), rng.uniform(80, 89.9)])])
    size = 10 ** rng.uniform(-2.3, -1.3)
    stretch = np.array([1 / np.cos(np.radians(middle[1])), 1])
    area = shapely.transform(holed(rng, star(rng, (0, 0), size)), lambda places: places * stretch + middle)
    lon, lat = (middle + rng.normal(0, 1.2 * size, (24, 2)) * stretch).clip((-180, -90), (180, 90)).T
    away_m, held = oracle.to_border(area, lon, lat), oracle.covered(area, lon, lat)
    own_m = away_m * rng.choice([0.0, 0.5, 0.97, 0.985, 0.995, 1.005, 1.015, 1.03, 3.0], 24)
    close = np.abs(away_m - own_m) < np.maximum(1.0, own_m / 1000)
    return Pair(area, lon, lat, held | ((away_m <= own_m) & (own_m > 0)), close & ~held, own_m)


KINDS = (on_a_lattice, in_towns, along_edges, over_the_seam, at_a_pole, in_circles, touched, beside_long_edges)


def towns(rng, count, spread):
    """People in a dozen towns, so that pages are of every size."""
    middles = np.column_stack([rng.uniform(-180, 180, 12), rng.uniform(-85, 85, 12)])
    lon, lat = (middles[rng.integers(0, 12, count)] + rng.normal(0, spread, (count, 2))).T
    return (lon + 180) % 360 - 180, np.clip(lat, -90, 90)


def star(rng, place, size):
    """A valid ring of 3 to 60 corners around a place."""
    corners = rng.integers(3, 61)
    turn = np.sort(rng.uniform(0, 2 * np.pi, corners))
    ring = np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(0.3, 1, (corners, 1)) * size + place
    return max(polygons_of(shapely.make_valid(shapely.Polygon(ring))).geoms, key=shapely.area)


def holed(rng, whole):
    """Half of the time with a hole, which may cut the polygon; then the largest piece."""
    if rng.random() < 0.5:
        return whole
    west, south, east, north = whole.bounds
    hole = star(rng, (rng.uniform(west, east), rng.uniform(south, north)), (east - west) / 5)
    return max(polygons_of(whole.difference(hole)).geoms, key=shapely.area, default=whole)


def polygons_of(geometry):
    flat = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.MultiPolygon([part for part in flat if part.geom_type == "Polygon" and part.area > 0])
