"""Which parts reach farther than so many metres, against points laid densely over every part."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo import distance
from geo.farthest import reach_farther
from geo.jurisdictions import sticks_out
from geo.shapes import Shape, from_circle, from_ring

STEP_DEG = 4e-5  # of the oracle: four metres
HOME = from_ring([(-105, 39), (-104, 39), (-104, 40), (-105, 40), (-105, 39)])


def farthest_m(part, shape):
    """The farthest of places STEP_DEG apart, in the part and on its edge."""
    west, south, east, north = part.bounds
    lon, lat = (
        axis.ravel() for axis in np.meshgrid(np.arange(west, east, STEP_DEG), np.arange(south, north, STEP_DEG))
    )
    inside = shapely.intersects_xy(part, lon, lat)
    edge = shapely.get_coordinates(shapely.segmentize(part, STEP_DEG))
    lon, lat = np.concatenate([np.column_stack([lon[inside], lat[inside]]), edge]).T
    return distance.to_shape(lon, lat, shape).max()


corners = st.lists(st.tuples(st.floats(-0.004, 0.006), st.floats(-0.004, 0.004)), min_size=3, max_size=7)


@settings(deadline=None, max_examples=40)
@given(corners, st.floats(20.0, 500.0), st.booleans())
def test_a_part_is_judged_as_by_places_laid_densely_over_it(offsets, metres, round_too):
    shape = HOME.union(from_circle(-103.997, 39.5, 150.0)) if round_too else HOME
    part = shapely.MultiPoint([(-104 + x, 39.5 + y) for x, y in offsets]).convex_hull
    assume(part.geom_type == "Polygon" and part.area > 1e-9)
    found_m = farthest_m(part, shape)
    assume(abs(found_m - metres) > 6.0)
    assert bool(reach_farther([part], shape, metres)) == (found_m > metres)


@pytest.mark.parametrize(("gap_m", "out"), [(390, False), (410, True)])
def test_the_middle_of_a_gap_is_found_though_every_edge_is_near(gap_m, out):
    """Between two banks the farthest place is in the middle: neither a corner nor near one tells it."""
    wide = gap_m / distance.between(-104, 39.5, -103.99, 39.5)[0] * 0.01
    banks = HOME.union(from_ring([(-104 + wide, 39), (-103, 39), (-103, 40), (-104 + wide, 40), (-104 + wide, 39)]))
    part = shapely.box(-104, 39.4, -104 + wide, 39.6)
    assert bool(reach_farther([part], banks, 200.0)) == out


def test_only_the_parts_that_reach_out_are_told():
    near, far = shapely.box(-104, 39.5, -103.999, 39.6), shapely.box(-104, 39.2, -103.99, 39.3)
    assert reach_farther([near, far], HOME, 200.0) == [far]
    assert reach_farther([], HOME, 200.0) == []
    assert reach_farther([near], Shape(), 200.0) == [near]


@pytest.mark.parametrize("lat", [0.0, 65.0, -80.0])
def test_the_other_side_of_180_degrees_is_near(lat):
    east = from_ring([(179, lat - 1), (180, lat - 1), (180, lat + 1), (179, lat + 1), (179, lat - 1)])
    strip = shapely.box(-180, lat - 0.5, -179.9999, lat + 0.5)
    assert reach_farther([strip], east, 200.0) == []
    assert reach_farther([shapely.box(-180, lat - 0.5, -179.9, lat + 0.5)], east, 200.0)


def rough(corners, metres, seed):
    """A round border of many corners, each some metres off."""
    rng, turn = np.random.default_rng(seed), np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = 0.5 + rng.normal(0, metres / 111_000, corners)
    ring = np.column_stack([-105 + radius * np.cos(turn) / 0.77, 39.5 + radius * np.sin(turn)])
    return from_ring([*map(tuple, ring.tolist()), tuple(ring[0].tolist())])


def test_two_surveys_of_one_border_differ_by_noise_alone():
    one, other = rough(3_000, 20, 1), rough(3_000, 20, 2)
    assert sticks_out(one, other) is None
    assert sticks_out(other, one) is None


def test_in_two_rough_borders_the_same_parts_stick_out_as_without_the_short_cuts(monkeypatch):
    one, other = rough(800, 120, 1), rough(800, 120, 2)
    quick = sticks_out(one, other)
    monkeypatch.setattr("geo.jurisdictions._not_noise", lambda parts, *_: parts)
    monkeypatch.setattr("geo.farthest._WORTH_CUTTING", 10**9)
    assert quick is not None
    assert sticks_out(one, other).polygons.equals(quick.polygons)
