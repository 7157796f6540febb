"""What the bounds promise, against geographiclib: boxes hold their circles, spreads are not too short."""

from __future__ import annotations

import numpy as np
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.bounds import FLATTENING_SLACK, Boxes, around, on_sphere_m, places

LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


@given(LON, LAT, st.floats(1, 19_000_000), st.floats(0, 360))
@settings(max_examples=1000, deadline=None)
def test_a_grown_box_holds_the_circle(lon, lat, radius_m, azimuth):
    west, south, east, north = around(lon, lat, radius_m)
    end = Geodesic.WGS84.Direct(lat, lon, azimuth, radius_m)
    assert south <= end["lat2"] <= north
    assert any(west <= end["lon2"] + turn <= east for turn in (-360, 0, 360))


@given(LON, LAT, st.floats(0, 30), st.floats(0, 30), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=500, deadline=None)
def test_no_place_of_a_box_is_farther_from_its_middle_than_its_spread(lon, lat, wide, high, across, up):
    north = min(90.0, lat + high)
    boxes = Boxes(*(np.array([side]) for side in (lon, lat, lon + wide, north)))
    (middle_lon,), (middle_lat,) = boxes.middle()
    place = Geodesic.WGS84.Inverse(middle_lat, middle_lon, lat + up * (north - lat), lon + across * wide)
    assert place["s12"] <= boxes.spread_m()[0] + 1e-6


@given(LON, LAT, LON, LAT)
@settings(max_examples=500, deadline=None)
def test_the_mean_sphere_is_within_its_slack_of_the_ellipsoid(lon, lat, to_lon, to_lat):
    exact = Geodesic.WGS84.Inverse(lat, lon, to_lat, to_lon)["s12"]
    round_m = on_sphere_m(np.array([lon]), np.array([lat]), to_lon, to_lat)[0]
    assert round_m * (1 - FLATTENING_SLACK) - 1 <= exact <= round_m * (1 + FLATTENING_SLACK) + 1


def test_boxes_are_moved_by_whole_turns_only_where_that_helps():
    boxes = places(np.array([-179.0, 170.0]), np.array([0.0, 0.0]))
    assert boxes.turns((160, -1, 175, 1)) == [0.0]
    assert boxes.turns((175, -1, 185, 1)) == [360.0]
    assert boxes.meets((175, -1, 185, 1), 360.0).tolist() == [True, False]
