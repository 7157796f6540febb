"""The area map: what is shown where, in how few bytes, and never anything but text in it."""

from __future__ import annotations

import gzip
import re

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from alerts.pages.map import Place, around, draw
from alerts.pages.map.frame import SHEET, fit
from alerts.pages.map.labels import choose
from alerts.pages.map.surroundings import Scene
from alerts.pages.map.svg import Captions
from geo.shapes import Shape, from_circle, from_geojson

CAPTIONS = Captions("Map of the search area")
DATE_LINE = {"type": "Polygon", "coordinates": [[[179, -17], [181, -17], [181, -16], [179, -16], [179, -17]]]}


class Somewhere:
    """Surroundings of one place, wherever one looks."""

    def __init__(self, name: str) -> None:
        self.name = name

    def within(self, box) -> Scene:
        return Scene(places=(Place(self.name, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 1),))


def path_of(drawn: str) -> list[tuple[float, float]]:
    """The corners of the area's path, in sheet units."""
    data = re.search(r'class="m-area" d="([^"]+)"', drawn)[1]
    corners = []
    for ring in data.split("z")[:-1]:
        start, steps = ring[1:].split("l")
        x, y = map(int, start.split())
        corners.append((x / 4, y / 4))
        numbers = list(map(int, re.findall(r"-?\d+", steps)))
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            corners.append((x / 4, y / 4))
    return corners


@pytest.mark.parametrize("place", [(0, 0), (-104.99, 39.74), (179.99, -17), (-179.99, 65), (20, 88), (0, -87)])
def test_an_area_anywhere_on_earth_lies_inside_the_sheet(place):
    corners = path_of(draw(from_circle(*place, 5_000), captions=CAPTIONS))
    assert all(0 <= x <= SHEET[0] and 0 <= y <= SHEET[1] for x, y in corners)


def test_an_area_over_the_pole_is_drawn_somehow_and_fails_nobody():
    assert draw(from_circle(0, 90, 5_000), captions=CAPTIONS).endswith("</svg>")


@given(st.floats(-180, 180), st.floats(-80, 80), st.floats(100, 300_000))
def test_a_circle_is_drawn_round_and_whole(lon, lat, radius_m):
    xs, ys = zip(*path_of(draw(from_circle(lon, lat, radius_m), captions=CAPTIONS)), strict=True)
    assert max(ys) - min(ys) > 1
    assert (max(xs) - min(xs)) == pytest.approx(max(ys) - min(ys), rel=0.25, abs=2)


def test_an_area_across_the_date_line_is_one_piece_in_the_middle():
    drawn = draw(from_geojson(DATE_LINE), captions=CAPTIONS)
    xs = [x for x, _ in path_of(drawn)]
    assert drawn.count("z") == 1
    assert min(xs) + max(xs) == pytest.approx(SHEET[0], abs=2)


def test_a_hole_stays_a_hole():
    ring = shapely.box(-105, 39, -104, 40)
    area = Shape(shapely.MultiPolygon([ring - shapely.box(-104.8, 39.2, -104.2, 39.8)]))
    assert draw(area, captions=CAPTIONS).count("z") == 2


def test_a_place_name_is_text_and_cannot_be_markup(area):
    drawn = draw(area, Somewhere("<script>alert(1)</script>"), captions=CAPTIONS)
    assert "<script>" not in drawn
    etree.fromstring(drawn)


def test_the_last_place_is_marked_where_it_is(area):
    at = (-104.9, 39.8)
    drawn = draw(area, captions=CAPTIONS, last_seen=at)
    x, y = fit(area, [at]).xy(*at)
    assert f'class="m-seen" cx="{x:.0f}" cy="{y:.0f}"' in drawn


def test_an_empty_area_still_makes_a_sheet():
    assert draw(Shape(), captions=CAPTIONS).endswith("</svg>")


def test_names_never_touch_each_other_and_the_largest_comes_first():
    labels = choose([("Denver", 200, 150), ("Aurora", 205, 152), ("Boulder", 60, 40)])
    assert [label.text for label in labels] == ["Denver", "Boulder"]


def test_a_county_in_its_surroundings_takes_few_bytes(gazetteer):
    drawn = draw(gazetteer.get("008031"), around(gazetteer), captions=CAPTIONS)
    assert "Denver" in drawn
    assert 'class="m-county"' in drawn
    assert len(gzip.compress(drawn.encode())) < 4096
