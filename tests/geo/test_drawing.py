"""An area to look at: drawn for maps, measured, and still the same area when it comes back."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from geo import distance
from geo.drawing import area_km2, draw
from geo.shapes import Shape, from_circle, from_geojson, from_ring

SQUARE = [(-105, 39), (-104, 39), (-104, 40), (-105, 40), (-105, 39)]


def test_the_drawing_marks_what_is_only_approximate():
    drawing = draw(from_ring(SQUARE).union(from_circle(10, 50, 5_000)))
    assert [one["properties"]["approximation"] for one in drawing["features"]] == [False, True]
    assert drawing["features"][1]["properties"]["circles"] == [[10, 50, 5_000]]


@pytest.mark.parametrize(("lon", "lat"), [(10, 50), (179.99, 0), (-180, 60), (20, 89.9), (0, -90)])
def test_a_drawing_that_comes_back_is_the_area_and_not_its_picture(lon, lat):
    area = from_circle(lon, lat, 30_000).union(from_ring(SQUARE))
    assert from_geojson(draw(area)).digest() == area.digest()


@settings(deadline=None, max_examples=60)
@given(st.floats(-180, 180), st.floats(-88, 88), st.floats(10, 100_000))
def test_a_circle_is_drawn_on_its_edge(lon, lat, radius_m):
    [feature] = draw(from_circle(lon, lat, radius_m))["features"]
    rim = shapely.get_coordinates(shape(feature["geometry"]))
    rim = rim[(np.abs(rim[:, 0]) < 180) & (np.abs(rim[:, 1]) < 90)]
    assert distance.between(rim[:, 0], rim[:, 1], lon, lat) == pytest.approx(radius_m, abs=0.01)


def test_nothing_draws_nothing():
    assert draw(Shape())["features"] == []
    assert area_km2(Shape()) == 0


@settings(deadline=None, max_examples=60)
@given(st.floats(-170, 169), st.floats(-85, 84), st.floats(0.001, 2), st.floats(0.001, 2))
def test_a_box_is_as_large_as_its_geodesic_outline_with_parallels_cut_short(west, south, wide, high):
    box = shapely.segmentize(shapely.box(west, south, west + wide, min(south + high, 90)), 0.01)
    outline = Geodesic.WGS84.Polygon()
    for lon, lat in box.exterior.coords[:-1]:
        outline.AddPoint(lat, lon)
    assert area_km2(from_ring(list(box.exterior.coords))) == pytest.approx(abs(outline.Compute()[2]) / 1e6, rel=1e-3)


def test_what_lies_in_two_parts_is_measured_once():
    one = from_circle(-104.5, 39.5, 10_000)
    assert area_km2(one) == pytest.approx(np.pi * 100, rel=1e-3)
    assert area_km2(one.union(from_ring(SQUARE))) == pytest.approx(area_km2(from_ring(SQUARE)))
