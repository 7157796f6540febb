"""The map to draw on, in a real browser: what is drawn stands in the fields and is counted; what is typed is drawn."""

from __future__ import annotations

import json

import pytest
from cast import DENVER
from test_pages_in_chromium import chromium, pytestmark, signed_in, visit  # noqa: F401 fixtures

LON, LAT = DENVER


@pytest.fixture
def drawing(house, signed_in):  # noqa: F811 the fixture
    """The form of a new alert with its map open around Denver."""
    house.enrol([DENVER] * 3)
    visitor = signed_in("submitter")
    page = visitor.open("/console/new")
    page.fill("#latitude", str(LAT))
    page.fill("#longitude", str(LON))
    page.fill("#radius", "10")
    page.locator(".count", has_text="3").wait_for()
    page.locator("[data-draw] summary").click()
    page.locator(".drawing path.d-drawn").wait_for()
    page.locator(".drawing path.d-counties").first.wait_for()
    return visitor


def click(page, *at: tuple[float, float]) -> None:
    """On the map, by shares of its width and height."""
    box = page.locator("[data-map]").bounding_box()
    for x, y in at:
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)


def test_a_drawn_polygon_stands_in_its_field_and_is_counted(drawing):
    page = drawing.page
    page.fill("#radius", "")
    page.locator("[data-map]").scroll_into_view_if_needed()
    page.locator(".leaflet-pm-icon-polygon").click()
    before = page.locator("[data-map]").bounding_box()
    click(page, (0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7), (0.3, 0.3))
    page.wait_for_function("document.querySelector('#coordinates').value.includes('Polygon')")
    ring = json.loads(page.input_value("#coordinates"))["coordinates"][0]
    assert len(ring) == 5
    assert min(x for x, _ in ring) < LON < max(x for x, _ in ring)
    page.locator(".count", has_text="3").wait_for()
    page.locator(".drawing path.d-area").nth(1).wait_for(state="detached")  # the circle that was there before
    page.locator(".drawing path.d-area").wait_for(state="attached")
    assert page.locator("[data-map]").bounding_box() == before  # what is drawn on stays where it is
    drawing.looks_right()


def test_a_drawn_circle_fills_point_and_radius_and_takes_the_place_of_the_old_one(drawing):
    page = drawing.page
    page.locator("[data-map]").scroll_into_view_if_needed()
    page.locator(".leaflet-pm-icon-circle").click()
    click(page, (0.5, 0.5), (0.6, 0.5))
    page.wait_for_function("document.querySelectorAll('.drawing path.d-drawn').length === 1")
    assert float(page.input_value("#radius")) != 10
    assert page.input_value("#coordinates") == ""


def test_what_sticks_out_of_the_jurisdiction_is_drawn_on_the_map(drawing):
    page = drawing.page
    page.fill("#radius", "300")
    page.locator(".drawing path.d-outside").wait_for(state="attached")
    assert "jurisdiction" in page.inner_text("[data-area-reach]")


def test_a_file_of_geojson_is_drawn_and_counted_before_it_is_sent(drawing, make_square):
    page = drawing.page
    page.fill("#radius", "")
    body = json.dumps(make_square(0.2)).encode()
    page.set_input_files("#drawn", {"name": "a.geojson", "mimeType": "application/geo+json", "buffer": body})
    page.locator(".drawing path.d-drawn").wait_for()
    assert json.loads(page.input_value("#coordinates"))["type"] == "Polygon"
    page.locator(".count", has_text="3").wait_for()
