"""The area's fields: three ways to give it, each fault beside its own field."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.pages import area_form
from geo.places import Gazetteer
from geo.shapes import from_geojson

SQUARE = "-105, 39\n-104, 39\n-104, 40\n-105, 40"


def test_counties_come_by_name_or_code(gazetteer):
    entry = area_form.read({"places": "Denver County, CO\n08001\n008005"}, gazetteer)
    assert entry.area == {"same": ["008031", "008001", "008005"]}
    assert not entry.faults


def test_more_places_than_can_be_looked_up_at_once_are_refused(gazetteer):
    entry = area_form.read({"places": "\n".join(f"Nowhere {n} County" for n in range(20_000))}, gazetteer)
    assert "at most 300" in entry.faults["places"][0]


def test_a_name_that_means_several_places_is_asked_about(gazetteer):
    entry = area_form.read({"places": "Washington County"}, gazetteer)
    assert "could be" in entry.faults["places"][0]
    assert not entry.area


def test_point_and_radius_belong_together(gazetteer):
    entry = area_form.read({"latitude": "39.7", "radius": "10"}, gazetteer)
    assert list(entry.faults) == ["longitude"]


def test_miles_become_metres(gazetteer):
    values = {"latitude": "39,7", "longitude": "-105", "radius": "10", "radius_unit": "mi"}
    [circle] = area_form.read(values, gazetteer).area["circles"]
    assert circle == {"lon": -105.0, "lat": 39.7, "radius_m": 16093.4}


@pytest.mark.parametrize("radius", ["-3", "0", "nan", "inf", "1e9", "many"])
def test_a_radius_that_is_none_is_refused_beside_its_field(gazetteer, radius):
    entry = area_form.read({"latitude": "39.7", "longitude": "-105", "radius": radius}, gazetteer)
    assert list(entry.faults) == ["radius"]


def test_pasted_corners_become_a_closed_ring(gazetteer):
    drawn = area_form.read({"coordinates": SQUARE}, gazetteer).area["geojson"]
    assert from_geojson(drawn).polygons.area == pytest.approx(1)


def test_a_corner_that_cannot_be_read_is_named_by_its_line(gazetteer):
    entry = area_form.read({"coordinates": SQUARE + "\nnorth of here"}, gazetteer)
    assert "Line 5" in entry.faults["coordinates"][0]


def test_broken_geojson_is_a_fault_and_no_failure(gazetteer):
    assert area_form.read({"coordinates": '{"type": "Polygon", '}, gazetteer).faults["coordinates"]


@given(st.dictionaries(st.sampled_from(area_form.FIELDS), st.text(max_size=60)))
def test_whatever_is_typed_gets_an_answer(values):
    entry = area_form.read(values, Gazetteer.load())
    json.dumps(entry.area)


def test_joined_areas_hold_the_parts_of_both():
    one = {"description": "Denver", "same": ["008031"], "geojson": {"type": "Polygon", "coordinates": [1]}}
    other = {"same": ["008001"], "geojson": {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [2]}}}
    whole = area_form.joined(one, other)
    assert whole["same"] == ["008031", "008001"]
    assert [part["coordinates"] for part in whole["geojson"]["geometries"]] == [[1], [2]]


def test_an_area_survives_the_way_into_the_form_and_back(gazetteer):
    area = {"same": ["008031"], "circles": [{"lon": -105.0, "lat": 39.7, "radius_m": 5000.0}]}
    values = area_form.write(area, {"008031": "Denver County, CO"})
    assert area_form.read(values, gazetteer).area == area


def test_a_radius_around_a_town_is_a_circle_around_its_point(gazetteer):
    [circle] = area_form.read({"around": "Davis, CA", "radius": "10", "radius_unit": "km"}, gazetteer).area["circles"]
    assert circle["radius_m"] == 10_000
    assert (circle["lon"], circle["lat"]) == pytest.approx((-121.74, 38.545), abs=0.02)


def test_a_town_of_which_there_are_several_is_asked_about_and_found_as_it_was_offered(gazetteer):
    faults = area_form.read({"around": "Springfield", "radius": "10"}, gazetteer).faults
    assert set(faults) == {"around"}
    [offered] = [one for one in faults["around"][0].split("; ") if ", IL" in one]
    name = offered.partition("could be ")[2] or offered
    chosen = name.rpartition(", ")[0]  # without how many people live there
    assert "circles" in area_form.read({"around": chosen, "radius": "10"}, gazetteer).area


@pytest.mark.parametrize(
    ("entered", "wrong"),
    [
        ({"around": "Nowhere at All", "radius": "10"}, "around"),
        ({"around": "x" * 5000, "radius": "10"}, "around"),
        ({"around": "Davis, CA"}, "radius"),
        ({"around": "Davis, CA", "latitude": "39", "longitude": "-105", "radius": "10"}, "around"),
    ],
)
def test_a_town_that_is_no_place_to_search_around_is_a_fault_and_no_area(gazetteer, entered, wrong):
    entry = area_form.read(entered, gazetteer)
    assert set(entry.faults) == {wrong}
    assert entry.area == {}


@pytest.mark.parametrize(
    "pasted",
    ["39.7392, -104.9903", "39.7392,-104.9903", "39.7392 -104.9903", "39.7392° N, 104.9903° W", "39.7392;-104.9903"],
)
def test_a_pair_that_is_pasted_into_the_latitude_is_read_as_both(gazetteer, pasted):
    [circle] = area_form.read({"latitude": pasted, "radius": "5"}, gazetteer).area["circles"]
    assert (circle["lat"], circle["lon"]) == (39.7392, -104.9903)


def test_a_decimal_comma_is_no_pair(gazetteer):
    values = {"latitude": "39,7392", "longitude": "-104,9903", "radius": "5"}
    [circle] = area_form.read(values, gazetteer).area["circles"]
    assert (circle["lat"], circle["lon"]) == (39.7392, -104.9903)
    assert "longitude" in area_form.read({"latitude": "39,7392", "radius": "5"}, gazetteer).faults


def test_a_collection_is_joined_by_what_is_in_it():
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    collection = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": square}]}
    assert area_form.joined({"geojson": square}, {"geojson": collection})["geojson"]["geometries"] == [square, square]
