"""The console without script: write, approve, return, enlarge, update, end; every fault beside its field."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from cast import DENVER
from visitors import picture, seen

LON, LAT = DENVER


def form(**changes: str) -> dict[str, str]:
    """A form as a browser sends it; its area is 12 km around Denver."""
    return {
        "status": "Exercise", "case_number": "EX-1", "children.0.name": "Robin Example", "children.0.age": "7",
        "children.0.height_m": "4 ft 1 in", "abduction.at": "2026-01-15T08:45", "abduction.zone": "America/Denver",
        "abduction.place": "Example Park", "contact.name": "Tip line", "contact.telephone": "+1 303 555 0100",
        "attestation.abduction": "yes", "attestation.imminent_danger": "yes", "languages.en": "yes",
        "latitude": str(LAT), "longitude": str(LON), "radius": "12", "radius_unit": "km",
    } | {name.replace("__", "."): text for name, text in changes.items()}  # fmt: skip


@pytest.fixture
def at(house):
    """The invented moment: an hour after the abduction."""
    return f"{house.clock():%Y-%m-%dT%H:%M}"


@pytest.fixture
def submit(signed_in, at):
    """Writes an alert as the submitter; the path of its page."""

    def submitted(**changes: str) -> str:
        sent = form(**{"abduction.at": at, "abduction.zone": "UTC"} | changes)
        answer = signed_in("submitter").post("/console/new", data=sent, follow_redirects=False)
        assert answer.status_code == 303, re.findall(r'class="fault".*', answer.text)
        return answer.headers["location"].partition("?")[0]

    return submitted


@pytest.fixture
def approve(signed_in):
    """Approves as the approver, sending what the page holds; the answer."""

    def approved(path: str, who: str = "approver"):
        officer = signed_in(who)
        hidden = dict(re.findall(r'name="(content_hash|reach|seen)" value="([^"]*)"', officer.get(path).text))
        return officer.post(path + "/approve", data=hidden, follow_redirects=False)

    return approved


def test_an_empty_form_comes_back_with_every_fault_beside_its_field(signed_in):
    answer = signed_in("submitter").post("/console/new", data={"status": "Exercise"})
    assert answer.status_code == 422
    for name in ("case_number", "children.0.name", "abduction.at", "contact.telephone", "places"):
        assert f'href="#{name}"' in answer.text
        assert f'id="{name}-fault1"' in answer.text


def test_what_was_entered_stays_when_something_is_wrong(signed_in, at):
    sent = form(**{"children.0.height_m": "tall", "places": "Nowhere"})
    answer = signed_in("submitter").post(
        "/console/new", data=sent, files={"photos": ("p.jpg", picture(), "image/jpeg")}
    )
    assert 'value="Robin Example"' in answer.text
    assert "Write the height with its unit" in answer.text
    assert "“Nowhere” is no county" in answer.text
    assert 'name="held.u0"' in answer.text


def test_an_upload_never_touches_the_disk(signed_in, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("written to disk")

    monkeypatch.setattr("tempfile._TemporaryFileWrapper.__init__", refuse)
    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", refuse)
    large = picture() + bytes(3_000_000)
    answer = signed_in("submitter").post("/console/new", data=form(), files={"photos": ("p.jpg", large, "image/jpeg")})
    assert answer.status_code in {200, 422}


def test_a_form_that_is_none_is_refused_and_not_a_failure(signed_in):
    officer = signed_in("submitter")
    for body, kind in (
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b"a", "multipart/form-data"),
        (b"\xff", "x/y"),
    ):
        assert 400 <= officer.post("/console/new", content=body, headers={"content-type": kind}).status_code < 500


def test_adding_a_vehicle_needs_no_script_and_loses_nothing(signed_in):
    answer = signed_in("submitter").post("/console/new", data=form(add="vehicles"))
    assert 'name="vehicles.0.plate"' in answer.text
    assert 'value="Robin Example"' in answer.text


def test_an_alert_is_written_approved_and_shown_to_the_public(house, submit, approve, browser):
    house.enrol([DENVER] * 3)
    path = submit(**{"vehicles.0.plate": "EX4MPLE"})
    assert approve(path).headers["location"] == f"{path}?done=approved"
    [token] = {row.token for row in house.rows(_incidents())}
    page = browser().get(f"/a/{token}")
    assert "Robin Example" in page.text
    assert "EX4MPLE" in page.text


def test_the_approval_names_the_number_of_people(house, submit, signed_in):
    house.enrol([DENVER] * 3)
    page = signed_in("approver").get(submit()).text
    assert "It goes to 3 people" in page
    assert "Approve and tell 3 people" in page


def test_nobody_is_offered_the_approval_of_their_own_alert(submit, signed_in, approve):
    path = submit()
    assert "/approve" not in signed_in("submitter").get(path).text
    assert approve(path, "submitter").status_code in {403, 409, 422}


def test_a_stranger_from_another_agency_finds_nothing(submit, signed_in):
    assert signed_in("stranger").get(submit()).status_code == 404


def test_pressing_submit_twice_makes_one_alert(house, submit):
    twice = {"identifier": "once", "sent_at": house.clock().replace(microsecond=0).isoformat()}
    assert submit(**twice) == submit(**twice)
    assert len(house.rows(_incidents())) == 1


def test_a_return_needs_a_reason_and_shows_it_to_the_author(submit, signed_in):
    path, officer = submit(), signed_in("approver")
    assert "Write what should be changed" in officer.post(path + "/return", data={"note": " "}).text
    officer.post(path + "/return", data={"note": "The plate is missing."} | seen(officer, path))
    assert "The plate is missing." in signed_in("submitter").get(path).text


def test_a_returned_alert_is_edited_where_it_stands(submit, signed_in, at):
    path, officer, author = submit(), signed_in("approver"), signed_in("submitter")
    officer.post(path + "/return", data={"note": "Eyes?"} | seen(officer, path))
    assert 'value="Robin Example"' in author.get(path + "/edit").text
    sent = form(**{"abduction.at": at, "abduction.zone": "UTC", "children.0.eyes": "green"}) | seen(
        author, path + "/edit"
    )
    answer = author.post(path + "/edit", data=sent, follow_redirects=False)
    assert answer.status_code == 303
    assert "green" in author.get(path).text


def test_a_photo_is_kept_from_edit_to_edit(submit, signed_in, at):
    author = signed_in("submitter")
    sent = form(**{"abduction.at": at, "abduction.zone": "UTC"})
    files = {"photos": ("p.jpg", picture(), "image/jpeg")}
    path = (
        author.post("/console/new", data=sent, files=files, follow_redirects=False)
        .headers["location"]
        .partition("?")[0]
    )
    [kept] = re.findall(r'name="(keep\.p\d+)"', author.get(path + "/edit").text)
    again = sent | {kept: "yes"} | seen(author, path + "/edit")
    assert author.post(path + "/edit", data=again, follow_redirects=False).status_code == 303
    assert author.get(path + "/photo/1.jpg").headers["content-type"] == "image/jpeg"


def test_a_larger_area_holds_the_old_one_and_waits_for_approval(house, submit, approve, signed_in):
    path = submit()
    approve(path)
    author = signed_in("submitter")
    sent = {"places": "Adams County, CO"} | seen(author, path)
    answer = author.post(path + "/enlarge", data=sent, follow_redirects=False)
    larger = answer.headers["location"].partition("?")[0]
    assert (
        "The larger area" in signed_in("approver").get(larger).text
        or "Nobody" in signed_in("approver").get(larger).text
    )
    assert approve(larger).status_code == 303


def test_an_enlargement_without_area_says_so_beside_the_field(submit, approve, signed_in):
    path = submit()
    approve(path)
    answer = signed_in("submitter").post(path + "/enlarge", data={})
    assert answer.status_code == 422
    assert 'id="places-fault1"' in answer.text


def test_one_officer_ends_it_and_nothing_of_the_child_is_left(house, submit, approve, signed_in, browser):
    path = submit()
    approve(path)
    [token] = {row.token for row in house.rows(_incidents())}
    signed_in("submitter").post(path + "/cancel")
    for found in (browser().get(f"/a/{token}"), signed_in("approver").get(path), signed_in("approver").get("/console")):
        assert "Robin" not in found.text
    assert "This alert is over" in browser().get(f"/a/{token}").text


def test_the_preview_counts_the_people_while_the_area_is_entered(house, signed_in):
    house.enrol([DENVER] * 2)
    sent = {"latitude": str(LAT), "longitude": str(LON), "radius": "5", "radius_unit": "km", "status": "Exercise"}
    piece = signed_in("submitter").post("/console/area", data=sent).text
    assert '<span class="count">2</span>' in piece
    assert "<svg" in piece


def test_the_numbers_alone_come_by_channel_and_language(house, signed_in):
    house.enrol([DENVER] * 2, "email", language="es")
    sent = {"latitude": str(LAT), "longitude": str(LON), "radius": "5", "radius_unit": "km", "status": "Exercise"}
    piece = signed_in("submitter").post("/console/area/reach", data=sent).text
    for told in ('<span class="count">2</span>', "E-mail <b>2</b>", "Español <b>2</b>", "30 square miles"):
        assert told in piece
    assert "<svg" not in piece


def test_the_numbers_of_a_larger_area_hold_those_of_the_old_one(house, signed_in, submit):
    house.enrol([DENVER, (LON + 0.5, LAT)])
    alert = submit().rpartition("/")[2]
    sent = {"latitude": str(LAT), "longitude": str(LON + 0.5), "radius": "1", "status": "Exercise", "add_to": alert}
    piece = signed_in("submitter").post("/console/area/reach", data=sent).text
    assert '<span class="count">2</span>' in piece
    assert "Whoever was told already is not told again" in piece
    assert signed_in("stranger").post("/console/area/reach", data=sent).status_code == 404


def test_a_place_is_found_by_its_name(signed_in):
    found = signed_in("submitter").get("/console/places", params={"q": "denver"}).json()
    assert {"code": "008031", "name": "Denver County, CO"} in found


@pytest.mark.parametrize(
    "coordinates", ['{"type": "Polygon"}', "1,2", "0,0\n1,1\n0,1\n1,0", '{"type":[]}', "91,91\n" * 4]
)
def test_a_shape_that_is_none_is_a_fault_and_leaves_nothing(house, signed_in, coordinates):
    sent = form(latitude="", longitude="", radius="", coordinates=coordinates)
    answer = signed_in("submitter").post("/console/new", data=sent)
    assert answer.status_code == 422
    assert not house.rows(_incidents())


def _incidents():
    from alerts.tables import incident

    return incident


def test_what_is_no_form_is_refused(signed_in):
    answer = signed_in("submitter").post("/console/new", json={"status": "Exercise"})
    assert answer.status_code == 415


@pytest.fixture
def strict(house):
    """From one person on, an approval needs a reason."""
    house.services = replace(house.services, settings=replace(house.services.settings, reason_above="1"))


def test_above_the_limit_the_page_asks_for_a_reason_and_says_beside_its_field_that_it_is_missing(
    strict, house, submit, signed_in, approve
):
    house.enrol([DENVER] * 3)
    path, officer = submit(), signed_in("approver")
    assert "Why so many people" in officer.get(path).text
    refused = approve(path)
    assert refused.status_code == 422
    assert 'id="reason-fault1"' in refused.text
    hidden = dict(re.findall(r'name="(content_hash|reach|seen)" value="([^"]*)"', officer.get(path).text))
    answer = officer.post(path + "/approve", data=hidden | {"reason": "Seen on the motorway."}, follow_redirects=False)
    assert answer.status_code == 303
