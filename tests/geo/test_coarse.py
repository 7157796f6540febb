"""Public positions become cells: the circle that is stored always covers the true place."""

from __future__ import annotations

import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import example, given
from hypothesis import strategies as st

from geo.coarse import coarsen

longitude, latitude = st.floats(-180, 180), st.floats(-90, 90)


@given(longitude, latitude)
@example(180.0, 90.0)
@example(-180.0, -90.0)
@example(-121.49, 38.58)
@example(0.0, 89.99)
def test_the_circle_of_a_cell_covers_every_place_that_falls_into_it(lon, lat):
    x, y, radius_m = coarsen(lon, lat)
    assert Geodesic.WGS84.Inverse(lat, lon, y, x)["s12"] <= radius_m
    assert radius_m < 1000
    assert -180 <= x <= 180
    assert -90 <= y <= 90


@given(longitude, latitude)
def test_what_is_coarse_already_stays_where_it_is(lon, lat):
    once = coarsen(lon, lat)
    assert coarsen(*once[:2]) == once


def test_neighbours_cannot_be_told_apart():
    assert coarsen(-121.4944, 38.5816) == coarsen(-121.4951, 38.5809)


@pytest.mark.parametrize("lat", [-33.3, 0.0, 61.2, 89.999])
def test_both_meridians_of_180_are_one(lat):
    assert coarsen(180.0, lat) == coarsen(-180.0, lat)
