"""Who is inside: against shapely for rings, geographiclib point by point for circles and radii, by hand at the seams."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.index import RecipientIndex
from geo.shapes import Circle, Shape

pytestmark = pytest.mark.usefixtures("path")
LATTICE = st.integers(-6, 6).map(float)
PLACES = st.lists(st.tuples(LATTICE, LATTICE), min_size=1, max_size=60)


def index_of(places, radius_m=None):
    lon, lat = np.array(places, float).T
    return RecipientIndex.build(np.arange(len(lon)), lon, lat, radius_m)


def found(index, area):
    ids = index.within(area)
    assert ids.dtype == np.uint32
    assert len(set(ids.tolist())) == len(ids) == index.count(area)
    return sorted(ids.tolist())


def round_area(lon, lat, radius_m):
    return Shape(circles=(Circle(lon, lat, radius_m),))


def metres(place, other):
    return Geodesic.WGS84.Inverse(place[1], place[0], other[1], other[0], Geodesic.DISTANCE)["s12"]


def crowd(rng, count=3000):
    """People in towns, so that pages are of every size."""
    towns = np.column_stack([rng.uniform(-180, 180, 12), rng.uniform(-89, 89, 12)])
    lon, lat = (towns[rng.integers(0, 12, count)] + rng.normal(0, 0.3, (count, 2))).T
    return np.column_stack([(lon + 180) % 360 - 180, np.clip(lat, -90, 90)])


def polygons(geometry):
    return shapely.MultiPolygon([part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"])


@given(
    PLACES, st.lists(st.tuples(LATTICE, LATTICE), min_size=3, max_size=9), st.tuples(LATTICE, LATTICE, LATTICE, LATTICE)
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rings_take_whom_shapely_covers_also_on_edges_and_corners(places, corners, hole):
    west, east, south, north = *sorted(hole[:2]), *sorted(hole[2:])
    area = polygons(shapely.MultiPoint(corners).convex_hull.difference(shapely.box(west, south, east, north)))
    expected = [i for i, place in enumerate(places) if area.covers(shapely.Point(place))]
    assert found(index_of(places), area) == found(index_of(places), Shape(area)) == expected


@pytest.mark.parametrize("seed", range(12))
def test_circles_take_whom_geographiclib_says_point_by_point(seed):
    rng = np.random.default_rng(seed)
    people = crowd(rng, 400)
    middle, radius_m = people[rng.integers(400)] + rng.normal(0, 0.01, 2), 10 ** rng.uniform(3, 7.3)
    own_m = rng.choice([0.0, 500.0, 40_000.0], 400)
    away = np.array([metres(person, middle) for person in people])
    area = round_area(*middle, radius_m)
    assert found(index_of(people), area) == np.flatnonzero(away <= radius_m).tolist()
    assert found(index_of(people, own_m), area) == np.flatnonzero(away <= radius_m + own_m).tolist()


def test_the_edge_of_a_circle_belongs_to_it_to_the_millimetre():
    azimuths = np.arange(0, 360, 10)
    for reach, inside in ((8046.719, True), (8046.721, False)):
        ends = [Geodesic.WGS84.Direct(60, 25, azimuth, reach) for azimuth in azimuths]
        index = index_of([(end["lon2"], end["lat2"]) for end in ends])
        assert index.count(round_area(25, 60, 8046.72)) == (36 if inside else 0)


@pytest.mark.parametrize(("seed", "lat"), [(1, 0), (2, 40), (3, -65), (4, 85), (5, 89.9)])
def test_a_circle_of_uncertainty_matches_when_it_touches_by_brute_force(seed, lat):
    rng = np.random.default_rng(seed)
    wide = 0.01 / np.cos(np.radians(lat))
    ring = np.array([(10, lat), (10 + wide, lat), (10 + wide / 2, lat + 0.01)])
    people = np.column_stack([rng.uniform(10 - wide, 10 + 2 * wide, 40), rng.uniform(lat - 0.01, lat + 0.02, 40)])
    own_m = rng.uniform(0, 900, 40)
    edges = zip(ring, np.roll(ring, -1, axis=0), strict=True)
    border = [start + (end - start) * part for start, end in edges for part in np.linspace(0, 1, 120)]  # 10 m apart
    away = np.array([min(metres(person, place) for place in border) for person in people])
    away[shapely.covers(shapely.Polygon(ring), shapely.points(people))] = 0
    sure = np.abs(away - own_m) > 1.0
    touching = set(found(index_of(people, own_m), shapely.Polygon(ring)))
    assert 5 < len(touching) < 40
    assert all((i in touching) == (away[i] <= own_m[i]) for i in np.flatnonzero(sure))


FIJI = shapely.box(177, -19, 183, -15)  # reaches past 180
CUT = Shape(shapely.MultiPolygon([shapely.box(177, -19, 180, -15), shapely.box(-180, -19, -177, -15)]))
WRAPPED = shapely.box(-183, -19, -177, -15)


@pytest.mark.parametrize("area", [FIJI, CUT, WRAPPED, round_area(180, -17, 300_000), round_area(-180, -17, 300_000)])
def test_an_area_over_180_degrees_takes_both_sides_and_the_meridian(area):
    people = [(178, -17), (-178, -17), (180, -17), (-180, -17), (0, -17), (174, -17), (-174, -17), (181, -17)]
    assert found(index_of(people), area) == [0, 1, 2, 3, 7]


def test_an_area_that_ends_at_180_degrees_takes_the_meridian_by_either_name():
    people = [(180, 5), (-180, 5), (179, 5), (-179, 5)]
    assert found(index_of(people), shapely.box(170, 0, 180, 10)) == [0, 1, 2]
    assert found(index_of(people), shapely.box(-180, 0, -170, 10)) == [0, 1, 3]


def test_a_circle_of_uncertainty_reaches_over_180_degrees():
    people, own_m = [(179.999, 0), (-179.999, 0), (179.99, 0)], [112.0, 0.0, 112.0]  # 0.001 degrees are 111.3 m
    assert found(index_of(people, own_m), shapely.box(-180, -1, -179, 1)) == [0, 1]
    assert found(index_of(people, own_m), round_area(-179.999, 0, 112.0)) == [0, 1]


def test_a_pole_is_one_place_whatever_its_longitude():
    people = [(lon, 90) for lon in (-180, -90, 0, 135)] + [(45, 89.9), (-135, 89.9), (0, -90)]
    assert found(index_of(people), shapely.box(0, 80, 90, 90)) == [0, 1, 2, 3, 4]
    assert found(index_of(people), shapely.box(-180, 89.5, 180, 90)) == [0, 1, 2, 3, 4, 5]
    assert found(index_of(people), round_area(45, 89.9, 12_000)) == [0, 1, 2, 3, 4]
    assert found(index_of(people), round_area(45, 89.9, 23_000)) == [0, 1, 2, 3, 4, 5]


def test_a_circle_of_uncertainty_reaches_over_the_pole():
    people, own_m = [(-135, 89.9), (-135, 89.9)], [22_000.0, 23_000.0]  # 22.3 km to the other side
    far_side = shapely.Polygon([(40, 89.9), (50, 89.9), (50, 89.0), (40, 89.0)])
    assert found(index_of(people, own_m), far_side) == [1]
    assert found(index_of(people, [200.0, 12_000.0]), shapely.box(40, 85, 50, 90)) == [1]


def test_a_whole_world_takes_everybody_and_an_empty_area_nobody():
    people = crowd(np.random.default_rng(1))
    index = index_of(people, np.full(len(people), 800.0))
    assert index.count(shapely.box(-180, -90, 180, 90)) == index.count(round_area(0, 0, 20_100_000)) == len(people)
    assert found(index, Shape()) == found(index, shapely.Polygon()) == found(index, shapely.GeometryCollection()) == []
    assert found(RecipientIndex.build([], [], []), shapely.box(-180, -90, 180, 90)) == []


def test_overlapping_parts_and_several_places_of_one_id_answer_it_once():
    index = RecipientIndex.build([7, 7, 8, 9], [0.5, 1.5, 0.5, 9], [0.5, 0.5, 0.5, 9])
    area = Shape(shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]), (Circle(0.5, 0.5, 90_000),))
    assert found(index, area) == [7, 8]
    assert len(index) == 3


@pytest.mark.parametrize(
    ("area", "why"),
    [
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "not a valid area"),
        (shapely.LineString([(0, 0), (1, 1)]), "not of a LineString"),
        (shapely.box(-200, 0, 200, 10), "outside the globe"),
        (shapely.box(0, 80, 10, 91), "outside the globe"),
    ],
)
def test_an_area_that_is_not_understood_reaches_nobody(area, why):
    with pytest.raises(ValueError, match=why):
        index_of([(0.5, 0.5)]).within(area)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (([1], [np.nan], [0]), "finite longitude"),
        (([1], [0], [91]), "latitude"),
        (([1], [0], [0], [-1]), "at least 0"),
        (([1, 2], [0], [0]), "one length"),
        (([-1], [0], [0]), "an id must be"),
        (([2**32], [0], [0]), "an id must be"),
        (([1.5], [0], [0]), "whole numbers"),
    ],
)
def test_what_is_no_position_is_refused_and_nothing_moves(row, why):
    index = index_of([(1, 1), (1, 1)])
    with pytest.raises(ValueError, match=why):
        index.move(*row)
    assert found(index, shapely.box(0.5, 0.5, 2, 2)) == [0, 1]


def test_importing_the_index_stays_light():
    probe = "import sys, geo.index; print(any(name in sys.modules for name in ('geopandas', 'pandas', 'sqlalchemy')))"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout == "False\n"
