"""What one officer may do alone, from the page: on the state that the page showed, and on no other."""

from __future__ import annotations

import html
import json
import re

import pytest
from cast import DENVER, record
from visitors import seen

from alerts import reading
from alerts.service import decide, submit
from alerts.service.drafting import read_document

TWO_CARS = [{"make": "Toyota", "colour": "gray", "plate": "ABC1234"}, {"make": "Ford", "colour": "red"}]


@pytest.fixture
def alert_id(house) -> str:
    """An alert in force with two vehicles."""
    body = json.dumps(record(vehicles=TWO_CARS, languages=["en"], texts=None)).encode()
    intake = read_document(house.services, house.submitter, body, "application/json")
    left = submit.submit(house.services, house.submitter, intake)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left.id


def prepared(officer, alert_id: str) -> dict[str, str]:
    """The form that withdraws the first vehicle, as the page holds it."""
    forms = re.findall(r'<form [^>]*/reduce\?once=[^"]*">(.*?)</form>', officer.get(f"/console/alerts/{alert_id}").text)
    found = [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) for form in forms]
    return next(form for form in found if form.get("withdraw") == "/vehicles/0")


def cars(house, alert_id: str) -> list[str]:
    row = next(one for one in reading.list_alerts(house.services, house.submitter, limit=9) if one.state == "active")
    return [
        car["make"] for car in reading.get_alert(house.services, house.submitter, row.id).record.get("vehicles", [])
    ]


def test_a_prepared_step_sent_twice_withdraws_one_thing(house, signed_in, alert_id):
    officer = signed_in("submitter")
    form, at = prepared(officer, alert_id), f"/console/alerts/{alert_id}/reduce"
    assert officer.post(at, data=form, follow_redirects=False).status_code == 303
    again = officer.post(at, data=form, follow_redirects=False)
    assert again.status_code == 409
    assert "changed since you looked" in again.text
    assert cars(house, alert_id) == ["Ford"]


def test_a_step_that_does_not_say_what_was_seen_is_refused(house, signed_in, alert_id):
    officer = signed_in("submitter")
    form = prepared(officer, alert_id) | {"seen": ""}
    assert officer.post(f"/console/alerts/{alert_id}/reduce", data=form, follow_redirects=False).status_code == 409
    assert cars(house, alert_id) == ["Toyota", "Ford"]


def test_the_area_is_shrunk_alone_to_what_of_the_entered_one_lies_in_it(house, signed_in, alert_id):
    officer, at = signed_in("submitter"), f"/console/alerts/{alert_id}"
    near = {"latitude": str(DENVER[1]), "longitude": str(DENVER[0]), "radius": "2", "radius_unit": "km"}
    answer = officer.post(at + "/shrink", data=near | seen(officer, at), follow_redirects=False)
    assert answer.status_code == 303
    before = reading.get_alert(house.services, house.submitter, alert_id).area
    after = reading.get_alert(house.services, house.submitter, answer.headers["location"].split("/")[3].split("?")[0])
    assert after.row.state == "active"
    assert after.area.circles[0].radius_m == 2000
    assert before != after.area


def test_a_smaller_area_that_reaches_out_is_refused_beside_its_field_and_keeps_what_was_typed(
    house, signed_in, alert_id
):
    officer, at = signed_in("submitter"), f"/console/alerts/{alert_id}"
    wide = {"latitude": str(DENVER[1]), "longitude": str(DENVER[0]), "radius": "300", "radius_unit": "km"}
    answer = officer.post(at + "/shrink", data=wide | seen(officer, at), follow_redirects=False)
    assert answer.status_code == 422
    assert "reaches out of the present one" in answer.text
    assert 'id="shrink-radius" name="radius" value="300"' in answer.text
    assert len(re.findall(r'id="places"', answer.text)) == 1


def test_the_smaller_area_is_counted_and_what_it_does_told_while_it_is_entered(house, signed_in, alert_id):
    house.enrol([DENVER] * 2)
    near = {"latitude": str(DENVER[1]), "longitude": str(DENVER[0]), "radius": "2", "radius_unit": "km"}
    piece = signed_in("submitter").post("/console/area", data=near | {"within": alert_id}).text
    assert '<span class="count">2</span>' in piece
    assert signed_in("stranger").post("/console/area", data=near | {"within": alert_id}).status_code == 404


@pytest.mark.parametrize(
    ("area", "says"),
    [
        ({"same": ["008031", "008059"]}, "Shrink the area to Denver County, CO"),
        ({"circles": [{"lon": DENVER[0], "lat": DENVER[1], "radius_m": 9000}]}, "Shrink the area to 4.5 km around its"),
    ],
)
def test_a_smaller_area_is_ready_as_one_step(house, signed_in, area, says):
    body = json.dumps(record(languages=["en"], texts=None, area=area)).encode()
    left = submit.submit(
        house.services, house.submitter, read_document(house.services, house.submitter, body, "application/json")
    )
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    officer = signed_in("submitter")
    page = officer.get(f"/console/alerts/{left.id}").text
    [form] = re.findall(rf"<summary>{says}.*?<form [^>]*/reduce\?once=[^\"]*\">(.*?)</form>", page, re.DOTALL)
    sent = {name: html.unescape(text) for name, text in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    answer = officer.post(f"/console/alerts/{left.id}/reduce", data=sent, follow_redirects=False)
    assert answer.status_code == 303
