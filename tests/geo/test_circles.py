"""Boxes around circles: nothing inside a circle escapes them, not at 180 degrees and not at a pole."""

from __future__ import annotations

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import example, given
from hypothesis import strategies as st

from geo.circles import Circle, reach

longitude, latitude = st.floats(-180, 180), st.floats(-90, 90)


@given(longitude, latitude, st.floats(0, 2_500_000), st.floats(0, 360), st.floats(0, 1))
@example(179.99, 0.0, 5000.0, 90.0, 1.0)
@example(0.0, 89.99, 5000.0, 0.0, 1.0)
@example(-180.0, -90.0, 0.0, 0.0, 1.0)
def test_no_place_of_a_circle_is_outside_its_boxes(lon, lat, radius_m, bearing, share):
    there = Geodesic.WGS84.Direct(lat, lon, bearing, radius_m * share)
    x, y = there["lon2"], there["lat2"]
    turned = {x, -180.0 if x == 180.0 else x}
    boxes = Circle(lon, lat, radius_m).boxes()
    assert any(west <= at <= east and south <= y <= north for west, south, east, north in boxes for at in turned)


@pytest.mark.parametrize(("lon", "lat"), [(-104.99, 39.74), (20.0, 70.0), (0.0, 0.0)])
def test_boxes_are_hardly_larger_than_they_must_be(lon, lat):
    west, south, east, north = (side[0] for side in reach(lon, lat, 10_000.0))
    assert Geodesic.WGS84.Inverse(south, lon, north, lon)["s12"] < 2 * 10_000 * 1.01
    assert Geodesic.WGS84.Inverse(lat, west, lat, east)["s12"] < 2 * 10_000 * 1.01


def test_a_circle_over_a_pole_reaches_all_longitudes():
    assert Circle(10.0, 89.9, 50_000.0).boxes()[0][::2] == (-180.0, 180.0)


def test_many_circles_are_boxed_at_once():
    west, _, east, _ = reach(np.array([0.0, 179.9]), np.array([0.0, 60.0]), np.array([1000.0, 50_000.0]))
    assert (west[0], east[0]) == pytest.approx((-0.009, 0.009), abs=1e-4)
    assert east[1] > 180
