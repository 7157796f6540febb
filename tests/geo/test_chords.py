"""What chords say about geodesics, against geographiclib: never too much, and at small distances nearly all."""

from __future__ import annotations

import numpy as np
import oracle
from geographiclib.geodesic import Geodesic
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.bounds import Boxes
from geo.chords import chords, spread_m, surely_beyond, surely_within

LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


@given(LON, LAT, st.floats(0, 360), st.floats(0, 20_003_931))
@settings(max_examples=1000, deadline=None)
@example(0.0, 0.0, 90.0, 19_900_000.0)
@example(0.0, 90.0, 0.0, 20_003_931.0)
def test_no_geodesic_is_told_to_be_shorter_or_longer_than_it_is(lon, lat, azimuth, metres):
    end = Geodesic.WGS84.Direct(lat, lon, azimuth, metres)
    shortest = oracle.metres(lon, lat, end["lon2"], end["lat2"])
    chord = chords(np.array([end["lon2"]]), np.array([end["lat2"]]), lon, lat)[0]
    assert chord <= surely_beyond(shortest)
    assert chord > surely_within(shortest - 1e-6)


def test_what_is_left_open_is_a_thin_shell():
    reach = np.array([8_000.0, 160_000.0, 1_000_000.0])
    assert (surely_beyond(reach) - surely_within(reach) < [3e-4, 0.1, 25]).all()


@given(LON, LAT, st.floats(0, 30), st.floats(0, 30), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=500, deadline=None)
def test_no_place_of_a_box_is_farther_from_its_middle_than_its_spread(lon, lat, wide, high, across, up):
    north = min(90.0, lat + high)
    boxes = Boxes(*(np.array([side]) for side in (lon, lat, lon + wide, north)))
    (x,), (y,) = boxes.middle()
    place = np.array([lon + across * wide]), np.array([lat + up * (north - lat)])
    assert chords(*place, x, y)[0] <= spread_m(boxes)[0]
