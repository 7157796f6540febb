"""Metres to shapes, against geographiclib and a search along densified edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import distance
from geo.shapes import Shape, from_circle, from_geojson, from_ring


def box(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def metres(lon, lat, lon2, lat2):
    return Geodesic.WGS84.Inverse(lat, lon, lat2, lon2)["s12"]


def to_ring_m(lon, lat, ring):
    """The nearest of places along every edge, each time looked for again between the neighbours of the best."""
    best = np.inf
    for (x, y), (x2, y2) in pairwise(ring):
        low, high = 0.0, 1.0
        for _ in range(6):
            along = np.linspace(low, high, 65)
            gaps = [metres(lon, lat, x + part * (x2 - x), y + part * (y2 - y)) for part in along]
            nearest = int(np.argmin(gaps))
            low, high = along[max(nearest - 1, 0)], along[min(nearest + 1, 64)]
            best = min(best, gaps[nearest])
    return best


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))
def test_between_two_places_it_is_the_geodesic(lon, lat, lon2, lat2):
    assert distance.between(lon, lat, lon2, lat2)[0] == pytest.approx(metres(lon, lat, lon2, lat2), abs=1e-6)


RINGS = {
    "a county": box(-105, 39, -104, 40),
    "in the far north": box(5, 70, 40, 72),
    "near the pole": box(-120, 86, -10, 89.5),
    "over 180": box(178, -2, 182, 1),
    "a long slope": [(-10, 0), (10, 50), (11, 50), (-10, 0)],
}


@settings(max_examples=12, deadline=None)
@pytest.mark.parametrize("ring", RINGS.values(), ids=RINGS)
@given(data=st.data())
def test_to_a_polygon_it_is_the_nearest_place_of_an_edge_that_is_straight_in_lon_and_lat(ring, data):
    lons, lats = zip(*ring, strict=True)
    lon = data.draw(st.floats(min(lons) - 20, max(lons) + 20))
    lat = data.draw(st.floats(max(-90, min(lats) - 10), min(90, max(lats) + 10)))
    inside = to_inside(lon, lat, ring)
    found = distance.to_shape((lon + 180) % 360 - 180, lat, from_ring(ring))[0]
    expected = 0.0 if inside else to_ring_m(lon, lat, ring)
    assert found == pytest.approx(expected, rel=1e-4, abs=0.1)


def to_inside(lon, lat, ring):
    turns = (lon - 360, lon, lon + 360)
    return any(shapely.Polygon(ring).intersects(shapely.Point(turn, lat)) for turn in turns)


def test_inside_and_on_the_edge_it_is_nothing():
    area = from_ring(box(0, 0, 1, 1)).union(from_circle(5, 5, 1000))
    assert distance.to_shape([0.5, 0.0, 1.0, 5.0], [0.5, 0.5, 1.0, 5.005], area).tolist() == [0, 0, 0, 0]


def test_inside_a_hole_it_is_the_way_out():
    area = from_geojson({"type": "Polygon", "coordinates": [box(0, 0, 10, 10), box(4, 4, 6, 6)]})
    assert distance.to_shape(4.5, 5.0, area)[0] == pytest.approx(metres(4.5, 5.0, 4.0, 5.0), rel=1e-4)


def test_to_a_circle_it_is_the_geodesic_less_the_radius():
    found = distance.to_shape([0.0, 0.05], [0.0, 0.0], from_circle(0, 0, 1000))
    assert found == pytest.approx([0.0, metres(0, 0, 0.05, 0) - 1000], abs=1e-6)


def test_the_cut_at_180_is_no_edge_and_both_meridians_are_one():
    area = from_ring(box(179, 0, 181, 1))
    assert distance.to_shape([180.0, -180.0], [0.5, 0.5], area).tolist() == [0, 0]
    to_edge = distance.to_border([180.0, -180.0], [0.5, 0.5], area.polygons)
    assert to_edge == pytest.approx(metres(180, 0.5, 180, 0), rel=1e-4)


def test_an_edge_along_180_is_one_where_only_one_side_has_land():
    area = from_ring(box(-180, 0, -179, 1))
    assert distance.to_shape(179.99, 0.5, area)[0] == pytest.approx(metres(179.99, 0.5, 180, 0.5), abs=0.01)
    assert distance.to_border(-179.99, 0.5, area.polygons)[0] == pytest.approx(metres(0, 0.5, 0.01, 0.5), abs=0.01)


def test_a_pole_is_one_place_and_no_edge():
    cap = from_ring([(0, 80), (120, 80), (-120, 80), (0, 80)])
    assert distance.to_shape([77.0], [90.0], cap)[0] == 0
    assert distance.to_border([77.0], [90.0], cap.polygons)[0] == pytest.approx(metres(0, 90, 0, 80), rel=1e-4)


def test_to_nothing_it_is_without_end():
    assert distance.to_shape(0.0, 0.0, Shape())[0] == np.inf


def test_a_rim_lies_on_its_circle():
    ring = distance.rim(179.9, 60.0, 40_000.0, 16)
    assert (ring[0] == ring[-1]).all()
    assert distance.between(ring[:, 0], ring[:, 1], 179.9, 60.0) == pytest.approx(40_000.0, abs=1e-6)
