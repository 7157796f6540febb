"""What sticks out of a jurisdiction, on the globe and beyond the noise of maps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import distance
from geo.jurisdictions import SLIVER_M, sticks_out
from geo.shapes import Shape, from_circle, from_geojson, from_ring


def box(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


HOME = from_ring(box(-105, 39, -104, 40))
METRE = 1 / distance.between(-104.0, 39.5, -103.99, 39.5)[0] * 0.01  # of longitude, there, in degrees


def test_an_area_inside_sticks_out_nowhere():
    assert sticks_out(from_ring(box(-104.9, 39.1, -104, 40)), HOME) is None
    assert sticks_out(HOME, HOME) is None
    assert sticks_out(Shape(), HOME) is None


def test_only_the_part_outside_is_shown():
    part = sticks_out(from_ring(box(-104.5, 39.1, -103.5, 39.9)), HOME)
    assert part is not None
    assert part.bounds == [(-104.0, 39.1, -103.5, 39.9)]


def test_without_a_jurisdiction_everything_sticks_out():
    part = sticks_out(HOME, Shape())
    assert part is not None
    assert part.polygons.equals(HOME.polygons)


@given(st.floats(1, 2 * SLIVER_M).filter(lambda m: abs(m - SLIVER_M) > 1))
def test_a_strip_is_noise_as_far_as_maps_of_the_border_differ(beyond_m):
    part = sticks_out(from_ring(box(-104.5, 39.5, -104 + beyond_m * METRE, 39.5001)), HOME)
    assert (part is not None) == (beyond_m > SLIVER_M)


def test_an_enclave_of_another_authority_sticks_out_though_every_corner_is_ours():
    ring = from_geojson({"type": "Polygon", "coordinates": [box(0, 0, 10, 10), box(4, 4, 5, 5)]})
    part = sticks_out(from_ring(box(0, 0, 10, 10)), ring)
    assert part is not None
    assert part.bounds == [(4, 4, 5, 5)]


def test_a_strip_over_a_gap_between_two_parts_sticks_out_though_its_corners_are_ours():
    banks = HOME.union(from_ring(box(-103.99, 39, -103, 40)))
    part = sticks_out(from_ring(box(-104.5, 39.5, -103.5, 39.501)), banks)
    assert part is not None
    assert part.bounds == [(-104, 39.5, -103.99, 39.501)]


@pytest.mark.parametrize("more_m", [-49.0, 0.0, 1.0])
@pytest.mark.parametrize("lat", [89.99, 80.0, -80.0])
def test_a_circle_whose_rim_runs_through_a_pole_is_judged_like_any_other(lat, more_m):
    pole_m = distance.between(20, lat, 20, 90 if lat > 0 else -90)[0]
    circle = from_circle(20, lat, pole_m + more_m)
    assert sticks_out(circle, from_circle(20, lat, pole_m + more_m + 1)) is None
    assert sticks_out(circle, HOME) is not None
    assert sticks_out(HOME, circle) is not None


@pytest.mark.parametrize(("radius_m", "inside"), [(40_000, True), (42_900, True), (43_600, False), (90_000, False)])
def test_a_circle_is_judged_by_geodesics_against_the_border(radius_m, inside):
    nearest_m = distance.to_border(-104.5, 39.5, HOME.polygons)[0]
    assert (radius_m <= nearest_m + SLIVER_M) == inside
    assert (sticks_out(from_circle(-104.5, 39.5, radius_m), HOME) is None) == inside


@pytest.mark.parametrize("lat", [0.0, 60.0, 89.9])
def test_a_circle_in_a_circle_over_180_and_at_the_pole(lat):
    wide = from_circle(180, lat, 100_000)
    assert sticks_out(from_circle(-180, lat, 99_999), wide) is None
    assert sticks_out(from_circle(-179.999, lat, 100_500), wide) is not None


def test_a_circle_held_only_by_several_parts_together_is_inside():
    halves = from_ring(box(-105, 39, -104.5, 40)).union(from_circle(-104.3, 39.5, 60_000))
    assert sticks_out(from_circle(-104.55, 39.5, 20_000), halves) is None


def test_a_polygon_in_a_circle_is_judged_by_the_circle_itself():
    assert sticks_out(from_ring(box(179.5, 0, 180.5, 1)), from_circle(180, 0.5, 80_000)) is None
    assert sticks_out(from_ring(box(179.5, 0, 180.5, 1)), from_circle(180, 0.5, 70_000)) is not None


@pytest.mark.parametrize("radius_m", [5e-324, 1e-9, 1e-3])
def test_a_circle_too_small_to_draw_is_judged_all_the_same(radius_m):
    ours = from_ring([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    assert sticks_out(from_circle(2.0, 0.5, radius_m), ours) is not None
    assert sticks_out(from_circle(0.5, 0.5, radius_m), ours) is None
