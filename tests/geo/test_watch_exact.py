"""The watch against oracles that are not ours: shapely for rings, geographiclib for circles, both densified for radii."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from geo.cells import FINEST
from geo.shapes import Circle, Shape, from_circle, from_ring
from geo.watch import Watch

LATER = datetime(2030, 1, 1, tzinfo=UTC)
NOBODY = np.zeros(0, np.intp)
CELL = 1 / FINEST


def metres(lon, lat, lon2, lat2) -> float:
    return Geodesic.WGS84.Inverse(lat, lon, lat2, lon2, Geodesic.DISTANCE)["s12"]


def to_edges(polygon: shapely.Polygon, lon: float, lat: float) -> float:
    """Metres to the nearest edge, by its points every ten metres or so where it is near."""
    near = shapely.segmentize(polygon.boundary.intersection(shapely.box(lon - 1, lat - 1, lon + 1, lat + 1)), 1e-4)
    places = shapely.get_coordinates(near)
    away = np.hypot((places[:, 0] - lon) * np.cos(np.radians(lat)), places[:, 1] - lat)
    best = places[np.argsort(away)[:50]]
    return min((metres(lon, lat, *place) for place in best), default=np.inf)


def polygon(seed: int, corners: int = 9, size: float = 0.3, middle=(-105.0, 40.0)) -> Shape:
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    away = rng.uniform(size / 4, size, corners)
    lon, lat = rng.normal(middle, 0.3)
    ring = [(lon + r * np.cos(t), lat + r * np.sin(t)) for r, t in zip(away, turn, strict=True)]
    return from_ring([*ring, ring[0]])


def holds(shape: Shape, lon: float, lat: float) -> bool:
    in_circle = (metres(lon, lat, circle.lon, circle.lat) <= circle.radius_m for circle in shape.circles)
    return bool(shapely.intersects_xy(shape.polygons, lon, lat)) or any(in_circle)


def watching(shapes) -> Watch:
    watch = Watch()
    for key, shape in enumerate(shapes):
        watch.add(key, shape, LATER)
    return watch


def rows_of(watch, lon, lat, radius_m) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row, place in enumerate(zip(lon.tolist(), lat.tolist(), radius_m.tolist(), strict=True)):
        for key in watch.containing(*place):
            found.setdefault(key, []).append(row)
    return found


def in_bulk(watch, lon, lat, radius_m) -> dict[int, list[int]]:
    return {key: rows.tolist() for key, rows in watch.containing_each(lon, lat, radius_m).items()}


@pytest.mark.parametrize("seed", range(4))
def test_points_are_found_as_shapely_finds_them_one_by_one_and_in_bulk(seed):
    rng = np.random.default_rng(seed)
    shapes = [polygon(100 * seed + n, corners=int(rng.integers(3, 40))) for n in range(60)]
    lon, lat, none = rng.uniform(-106, -104, 3000), rng.uniform(39, 41, 3000), np.zeros(3000)
    watch = watching(shapes)
    expected = {
        key: rows.tolist()
        for key, shape in enumerate(shapes)
        if len(rows := np.flatnonzero(shapely.intersects_xy(shape.polygons, lon, lat)))
    }
    assert rows_of(watch, lon, lat, none) == expected
    assert in_bulk(watch, lon, lat, none) == expected


@pytest.mark.parametrize("middle", [(-105.0, 40.0), (180.0, -16.5), (20.0, 89.99), (-70.0, -88.6), (0.0, 0.0)])
def test_circles_and_radii_are_found_as_the_geodesic_says(middle):
    rng = np.random.default_rng(3)
    circles = [
        Circle((middle[0] + rng.normal(0, 0.2) + 180) % 360 - 180, np.clip(middle[1] + rng.normal(0, 0.1), -90, 90), r)
        for r in rng.uniform(100, 60_000, 12).tolist()
    ]
    watch = watching([Shape(circles=(circle,)) for circle in circles])
    lon = (middle[0] + rng.normal(0, 0.5, 200) + 180) % 360 - 180
    lat = np.clip(middle[1] + rng.normal(0, 0.3, 200), -90, 90)
    radius_m = rng.choice([0.0, 791.0, 5_000.0, 40_000.0], 200)
    expected = {
        key: rows
        for key, c in enumerate(circles)
        if (rows := [
            n for n in range(200) if metres(lon[n], lat[n], c.lon, c.lat) <= c.radius_m + radius_m[n]
        ])
    }  # fmt: skip
    assert rows_of(watch, lon, lat, radius_m) == in_bulk(watch, lon, lat, radius_m) == expected


@pytest.mark.parametrize("lat", [0.0, 40.0, -65.0])
def test_a_circle_of_uncertainty_touches_a_ring_where_the_densified_edge_says_so(lat):
    rng = np.random.default_rng(8)
    shape = polygon(17, 12, 0.3, (10.0, lat))
    (ring,) = shape.polygons.geoms
    west, south, east, north = ring.bounds
    x, y = rng.uniform(west - 0.05, east + 0.05, 60), rng.uniform(south - 0.05, north + 0.05, 60)
    away = np.array([to_edges(ring, *place) for place in zip(x, y, strict=True)])
    away[shapely.intersects_xy(ring, x, y)] = 0.0
    watch = watching([shape])
    for factor, found in ((1.002, True), (0.998, False)):
        rows = np.flatnonzero((away > 500) & (away < 50_000))
        radius_m = away[rows] * factor
        assert len(rows) > 10
        assert rows_of(watch, x[rows], y[rows], radius_m) == ({0: list(range(len(rows)))} if found else {})
        assert all(
            watch.containing_each(x[rows], y[rows], radius_m).get(0, NOBODY).size == found * len(rows) for _ in "a"
        )


@given(st.integers(-8, 8), st.integers(-8, 8), st.integers(1, 20), st.integers(1, 20))
@settings(deadline=None, max_examples=60)
def test_borders_that_run_along_cells_belong_to_both_sides_and_a_hair_beyond_is_outside(x, y, wide, high):
    west, south = x * CELL, y * CELL
    east, north = west + wide * CELL, south + high * CELL
    watch = watching([from_ring([(west, south), (east, south), (east, north), (west, north), (west, south)])])
    on = [(west, south), (east, north), ((west + east) / 2, north), (west, (south + north) / 2), (east, south)]
    off = [(np.nextafter(west, -9), south), (np.nextafter(east, 9), north), (west, np.nextafter(north, 9))]
    assert all(watch.containing(*place) == [0] for place in on)
    assert not any(watch.containing(*place) for place in off)
    lon, lat = np.array([*on, *off]).T
    assert in_bulk(watch, lon, lat, np.zeros(len(lon))) == {0: list(range(len(on)))}


def test_a_thousand_areas_over_one_city_are_told_apart():
    rng = np.random.default_rng(5)
    shapes = [polygon(n, 9, 0.4) if n % 2 else from_circle(-105, 40, 2_000 + 50.0 * n) for n in range(1_000)]
    watch = watching(shapes)
    for lon, lat in zip(rng.normal(-105, 0.2, 40).tolist(), rng.normal(40, 0.2, 40).tolist(), strict=True):
        assert watch.containing(lon, lat) == [n for n, shape in enumerate(shapes) if holds(shape, lon, lat)]


def test_the_whole_earth_holds_everybody_and_a_cap_its_pole():
    world = Shape(shapely.MultiPolygon([shapely.box(-180, -90, 180, 90)]))
    cap = from_ring([(0, 70), (90, 70), (180, 70), (-90, 70), (0, 70)])
    watch = watching([world, cap])
    for place in ((0, 0), (180, 5), (-180, 5), (12, -90), (179.99999999, 30)):
        assert watch.containing(*place) == [0]
    for place in ((0, 90), (77, 90), (180, 89.5), (-180, 70), (10, 71), (0, 69, 120_000), (180, 69.5, 60_000)):
        assert watch.containing(*place) == [0, 1]
    assert watch.containing(10, 69, 100_000) == [0]


@pytest.mark.parametrize(
    "place", [(np.nan, 0, 0), (0, 91, 0), (0, 0, -1), (np.inf, 0, 0), (0, 0, np.inf), (0, np.nan, 0)]
)
def test_what_is_no_position_is_refused(place):
    watch = watching([polygon(1)])
    with pytest.raises(ValueError, match="a position needs"):
        watch.containing(*map(float, place))
    with pytest.raises(ValueError, match="a position needs"):
        watch.containing_each(*(np.array([value], float) for value in place))


def test_the_memory_is_bounded_and_forgetting_changes_no_answer(monkeypatch):
    rng = np.random.default_rng(6)
    shapes = [polygon(n) for n in range(30)]
    lon, lat = rng.uniform(-106, -104, 800), rng.uniform(39, 41, 800)
    before = rows_of(watching(shapes), lon, lat, np.zeros(800))
    monkeypatch.setattr("geo.resolved.KEPT", 50)
    watch = watching(shapes)
    assert rows_of(watch, lon, lat, np.zeros(800)) == before
    kept = sum(1 + len(cell.cells) for root in watch._now.cells._roots.values() for cell in root.cells.values())
    assert kept <= 60


class AddRemoveAsk(RuleBasedStateMachine):
    """Areas come, change and go in any order; every answer is that of the areas that are there, asked one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = Watch()
        self.there: dict[int, tuple[Shape, datetime]] = {}

    @rule(key=st.integers(0, 5), seed=st.integers(0, 30), hours=st.integers(0, 5))
    def add(self, key, seed, hours):
        shape = polygon(seed) if seed % 2 else from_circle(-105 + seed / 100, 40, 500.0 * (seed + 1))
        self.there[key] = shape, LATER + timedelta(hours=hours)
        self.watch.add(key, *self.there[key])

    @rule(key=st.integers(0, 5))
    def remove(self, key):
        self.there.pop(key, None)
        self.watch.remove(key)

    @rule(hours=st.integers(0, 5))
    def expire(self, hours):
        now = LATER + timedelta(hours=hours)
        over = [key for key, (_, until) in self.there.items() if until <= now]
        assert sorted(self.watch.expire(now)) == sorted(over)
        self.there = {key: value for key, value in self.there.items() if key not in over}

    @rule(lon=st.floats(-105.6, -104.4), lat=st.floats(39.5, 40.5), hours=st.integers(0, 5))
    def ask(self, lon, lat, hours):
        now = LATER + timedelta(hours=hours)
        holding = sorted(key for key, (shape, _) in self.there.items() if holds(shape, lon, lat))
        assert self.watch.containing(lon, lat) == holding
        assert self.watch.containing(lon, lat, now=now) == [key for key in holding if self.there[key][1] > now]

    @invariant()
    def knows_its_keys(self):
        assert sorted(self.watch) == sorted(self.there)


TestAddRemoveAsk = AddRemoveAsk.TestCase
TestAddRemoveAsk.settings = settings(deadline=None, max_examples=30, stateful_step_count=20)
