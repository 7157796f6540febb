"""The reverse question: which of 1,000 active areas hold this position? One by one and a million at once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks import timing
from benchmarks.population import People
from benchmarks.within import agree
from geo import Circle, Shape, cities
from geo.places import Gazetteer
from geo.watch import Watch

AREAS = 1_000
SINGLE = 10_000
WAKING = 10  # crowds of SINGLE before the watch is measured: it learns where people are
BULK = 1_000_000
CHECKED = 200_000

Found = dict[int, NDArray[np.intp]]  # rows by the area's key


@dataclass(frozen=True, slots=True)
class Arrived:
    """Seconds a position, one by one: of the first crowd, of later ones, their 99th percentile; seconds for the bulk."""

    first: float
    each: float
    p99: float
    strtree_each: float
    strtree_p99: float
    bulk: float
    positions: int


def measure(people: People) -> Arrived:
    shapes = active_areas()
    watch = Watch()
    for key, shape in enumerate(shapes):
        watch.add(key, shape, datetime.now(UTC) + timedelta(days=1))
    first, each, p99 = _one_by_one(watch, people)
    tree_each, tree_p99 = _asked_of_a_tree(shapes, people.first(SINGLE // 2))
    many = people.first(BULK)
    return Arrived(first, each, p99, tree_each, tree_p99, _bulk(watch, shapes, many), len(many))


def active_areas() -> list[Shape]:
    """Where many people live: four in ten polygons of nine corners, three in ten circles, three in ten counties."""
    rng = np.random.default_rng(8)
    known = cities.load()
    weight = np.where(known.country == "US", known.inhabitants, 0)
    middles = rng.choice(len(known), AREAS, replace=False, p=weight / weight.sum())
    counties = rng.permutation(sorted(Gazetteer.load().counties))
    shapes = []
    for number, (lon, lat) in enumerate(zip(known.lon[middles].tolist(), known.lat[middles].tolist(), strict=True)):
        kind = number % 10
        if kind < 4:
            shapes.append(_polygon(lon, lat, rng))
        elif kind < 7:
            shapes.append(Shape(circles=(Circle(lon, lat, float(rng.uniform(3_000, 40_000))),)))
        else:
            shapes.append(Gazetteer.load().get(str(counties[number])))
    return shapes


def _polygon(lon: float, lat: float, rng: np.random.Generator) -> Shape:
    turn = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    radius = rng.uniform(0.05, 0.4, 9)
    ring = np.stack([lon + radius * np.cos(turn) / np.cos(np.radians(lat)), lat + radius * np.sin(turn)], axis=1)
    return Shape(shapely.MultiPolygon([shapely.Polygon(ring)]))


def _one_by_one(watch: Watch, people: People) -> tuple[float, float, float]:
    """The mean of the first crowd, the median of the means once some have been there, and the 99th percentile then.

    Nobody is asked for twice: other people in every repeat.
    """
    crowds = [_places(people.slice(SINGLE * repeat, SINGLE)) for repeat in range(WAKING + timing.REPEATS + 1)]
    means = [timing.timed(_ask, watch, crowd)[0] / SINGLE for crowd in crowds[:-1]]
    clock, each = time.thread_time, []
    for lon, lat in crowds[-1]:
        begin = clock()
        watch.containing(lon, lat)
        each.append(clock() - begin)
    return means[0], timing.median(means[WAKING:]), float(np.percentile(each, 99))


def _ask(watch: Watch, places: list[tuple[float, float]]) -> None:
    for lon, lat in places:
        watch.containing(lon, lat)


def _places(people: People) -> list[tuple[float, float]]:
    return list(zip(people.lon.tolist(), people.lat.tolist(), strict=True))


def _asked_of_a_tree(shapes: list[Shape], people: People) -> tuple[float, float]:
    """An STRtree over the same areas, circles as polygons: its mean and 99th percentile."""
    outlines = [shape.polygons if shape.circles == () else _outline(shape.circles[0]) for shape in shapes]
    tree = shapely.STRtree(outlines)
    clock, each = time.thread_time, []
    for point in np.asarray(shapely.points(people.lon, people.lat)):
        begin = clock()
        tree.query(point, predicate="intersects")
        each.append(clock() - begin)
    return float(np.mean(each)), float(np.percentile(each, 99))


def _outline(circle: Circle) -> shapely.Polygon:
    turned = shapely.Point(0, 0).buffer(circle.radius_m / 111_320.0)
    stretched = shapely.affinity.scale(turned, xfact=1 / np.cos(np.radians(circle.lat)))
    return shapely.affinity.translate(stretched, circle.lon, circle.lat)


def _bulk(watch: Watch, shapes: list[Shape], people: People) -> float:
    radius_m = np.zeros(len(people))
    seconds = []
    found: Found = {}
    for shift in (1e-5, 2e-5, 0.0):
        taken, found = timing.timed(watch.containing_each, people.lon + shift, people.lat, radius_m)
        seconds.append(taken)
    _checked(found, shapes, people)
    return timing.median(seconds)


def _checked(found: Found, shapes: list[Shape], people: People) -> None:
    """Against shapely for every polygon, over some of the people; circles are checked by the tests' oracle."""
    few = people.first(CHECKED)
    tree = shapely.STRtree(np.asarray(shapely.points(few.lon, few.lat)))
    for key, shape in enumerate(shapes):
        if shape.circles == ():
            expected = np.unique(tree.query(shape.polygons, predicate="covers"))
            rows = found.get(key, np.zeros(0, np.intp))
            agree(f"arrivals in area {key}", rows[rows < CHECKED], expected)
