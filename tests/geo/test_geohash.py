import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import distance, geohash
from geo.shapes import Circle, Shape, from_circle, from_geojson

lons, lats = st.floats(-180, 180), st.floats(-90, 90)


def square(lon, lat, half):
    ring = [[lon - half, lat - half], [lon + half, lat - half], [lon + half, lat + half], [lon - half, lat + half]]
    return from_geojson({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})


@pytest.mark.parametrize(
    ("lon", "lat", "name"),
    [(10.40744, 57.64911, "u4pruydqqvj"), (-5.6, 42.6, "ezs42"), (-49.265506, -25.382708, "6gkzwgjzn820")],
)
def test_published_names_are_ours(lon, lat, name):
    assert geohash.encode(lon, lat, len(name)) == name


@given(lons, lats, st.integers(1, 9))
def test_a_place_lies_in_the_cell_of_its_name(lon, lat, length):
    west, south, east, north = geohash.box(geohash.encode(lon, lat, length))
    hair = 1e-12  # degrees: what is hardly west of a border is rounded onto it
    assert west - hair <= lon <= east + hair
    assert south - hair <= lat <= north + hair


@given(lons, lats)
def test_a_longer_name_begins_with_the_shorter(lon, lat):
    assert geohash.encode(lon, lat, 6).startswith(geohash.encode(lon, lat, 3))


@settings(max_examples=40, deadline=None)
@given(st.floats(-170, 170), st.floats(-70, 70), st.floats(0.001, 5))
def test_a_polygon_s_cells_are_all_that_touch_it_and_no_other(lon, lat, half):
    area = square(lon, lat, half)
    cells = geohash.cover(area)
    boxes = [shapely.box(*geohash.box(cell)) for cell in cells]
    assert 1 <= len(cells) <= 64
    assert all(area.polygons.intersects(one) for one in boxes)
    # With the hair of rounding that a union of boxes has: nothing of the area lies outside of them.
    assert area.polygons.difference(shapely.union_all(boxes).buffer(1e-9)).is_empty


@settings(max_examples=40, deadline=None)
@given(st.floats(-180, 180), st.floats(-80, 80), st.floats(10, 400_000), st.integers(0, 2**32 - 1))
def test_a_circle_s_cells_hold_every_place_of_it_and_each_touches_it(lon, lat, radius_m, seed):
    area = from_circle(lon, lat, radius_m)
    cells = geohash.cover(area)
    rng = np.random.default_rng(seed)
    around = distance._wgs84().fwd(
        np.full(200, lon),
        np.full(200, lat),
        rng.uniform(0, 360, 200),
        radius_m * (1 - 1e-6) * np.sqrt(rng.uniform(0, 1, 200)),
    )
    length = len(cells[0])
    assert {geohash.encode(x, y, length) for x, y in zip(around[0], around[1], strict=True)} <= set(cells)
    for cell in cells:  # the nearest of many places of the cell is hardly farther than the radius
        west, south, east, north = geohash.box(cell)
        x, y = np.meshgrid(np.linspace(west, east, 60), np.linspace(south, north, 60))
        metres = distance.between(lon, lat, x.ravel(), y.ravel())
        step = max(np.hypot(east - west, north - south) / 59 * 111_700, 1)
        assert metres.min() <= radius_m + step


def test_a_small_area_has_fine_cells_and_a_large_one_coarse_cells():
    assert {len(cell) for cell in geohash.cover(from_circle(-104.99, 39.74, 500))} == {6}
    assert {len(cell) for cell in geohash.cover(from_circle(-104.99, 39.74, 100_000))} <= {3, 4}


def test_a_circle_across_180_degrees_has_cells_on_both_sides():
    cells = geohash.cover(from_circle(179.99, 0.5, 5_000))
    assert {geohash.box(cell)[0] > 0 for cell in cells} == {True, False}


def test_the_whole_globe_is_32_cells():
    world = Shape(shapely.MultiPolygon([shapely.box(-180, -90, 180, 90)]))
    assert len(geohash.cover(world)) == 32


def test_no_cell_that_only_the_box_around_a_circle_touches():
    circle = Circle(-104.99, 39.74, 5_000)
    around = Shape(shapely.MultiPolygon([shapely.box(*circle.boxes()[0])]))
    cells, boxed = (set(geohash.cover(area, most=400)) for area in (Shape(circles=(circle,)), around))
    assert cells < boxed
    west, south, _, _ = circle.boxes()[0]
    assert geohash.encode(west + 1e-6, south + 1e-6, 6) in boxed - cells


def test_too_few_cells_for_the_globe_are_refused():
    with pytest.raises(ValueError, match="globe"):
        geohash.cover(from_circle(0.5, 0.5, 1), most=31)
