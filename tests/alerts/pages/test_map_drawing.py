"""What the map to draw on shows, and a file of GeoJSON that comes with the form."""

from __future__ import annotations

import json

import pytest
from cast import DENVER
from test_console import approve, at, form, submit  # noqa: F401 fixtures
from visitors import seen

from alerts import reading
from alerts.pages.drawing import shape_json
from geo.shapes import from_circle

FRAME = {"west": -105.3, "south": 39.5, "east": -104.6, "north": 40.0}


def test_the_frame_holds_borders_names_and_the_jurisdiction(signed_in):
    found = signed_in("submitter").get("/console/outlines", params=FRAME).json()
    assert found["counties"]["type"] == "GeometryCollection"
    assert found["counties"]["geometries"]
    assert "Denver" in [name for name, *_ in found["places"]]
    wide = (
        signed_in("submitter").get("/console/outlines", params=FRAME | {"west": -110, "south": 36, "north": 42}).json()
    )
    assert wide["ground"]["coordinates"]


def test_a_frame_that_is_none_is_refused_or_a_speck_and_never_a_failure(signed_in):
    officer = signed_in("submitter")
    assert officer.get("/console/outlines", params=FRAME | {"north": 99}).status_code == 422
    assert officer.get("/console/outlines", params=FRAME | {"west": "nan"}).status_code == 422
    assert officer.get("/console/outlines", params=FRAME | {"east": -106}).status_code == 200


def test_a_circle_stays_a_circle_on_the_map_under_the_drawing():
    said = json.loads(shape_json(from_circle(*DENVER, 5000), None))
    assert said["area"]["circles"] == [[*DENVER, 5000]]
    assert said["outside"] is None


def test_the_shape_is_only_sent_to_who_has_the_map_open(signed_in):
    sent = {"latitude": str(DENVER[1]), "longitude": str(DENVER[0]), "radius": "5", "status": "Exercise"}
    officer = signed_in("submitter")
    assert "data-shape" not in officer.post("/console/area", data=sent).text
    assert "data-shape" in officer.post("/console/area", data=sent | {"shape": "1"}).text


def test_a_file_of_geojson_is_the_area_and_no_photo(house, signed_in, submit, approve, make_square):  # noqa: F811
    path = submit()
    approve(path)
    officer = signed_in("submitter")
    drawn = {"drawn": ("area.geojson", json.dumps(make_square(0.5)), "application/geo+json")}
    answer = officer.post(path + "/enlarge", data=seen(officer, path), files=drawn, follow_redirects=False)
    assert answer.status_code == 303
    left = reading.get_alert(house.services, house.submitter, answer.headers["location"].split("/")[3].split("?")[0])
    assert not left.area.polygons.is_empty


def test_a_file_that_is_no_geojson_is_a_fault_beside_the_coordinates(signed_in, at):  # noqa: F811
    sent = form(**{"abduction.at": at, "abduction.zone": "UTC"})
    drawn = {"drawn": ("area.geojson", b"\xff\xfe{no", "application/geo+json")}
    answer = signed_in("submitter").post("/console/new", data=sent, files=drawn)
    assert answer.status_code == 422
    assert 'id="coordinates-fault1"' in answer.text


@pytest.mark.parametrize("way", ["new", "enlarge"])
def test_a_collection_of_features_is_the_area_without_script(house, signed_in, submit, approve, at, make_square, way):  # noqa: F811
    officer, path = signed_in("submitter"), "/console/new"
    sent = form(**{"abduction.at": at, "abduction.zone": "UTC", "latitude": "", "longitude": "", "radius": ""})
    if way == "enlarge":
        path = submit()
        approve(path)
        path, sent = path + "/enlarge", seen(officer, path)
    features = [{"type": "Feature", "properties": {}, "geometry": make_square(0.5)}]
    body = json.dumps({"type": "FeatureCollection", "features": features})
    drawn = {"drawn": ("area.geojson", body, "application/geo+json")}
    answer = officer.post(path, data=sent, files=drawn, follow_redirects=False)
    assert answer.status_code == 303
    left = reading.get_alert(house.services, house.submitter, answer.headers["location"].split("/")[3].split("?")[0])
    assert left.area.polygons.area == pytest.approx(0.25)


def test_a_town_with_a_radius_is_counted_and_drawn(house, signed_in):
    house.enrol([DENVER] * 3)
    sent = {"around": "Denver, Denver County, CO", "radius": "10", "status": "Exercise"}
    piece = signed_in("submitter").post("/console/area", data=sent).text
    assert '<span class="count">3</span>' in piece
    assert "<svg" in piece
