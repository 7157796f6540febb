import base64

import pytest
from cast import DENVER, FAR_AWAY, FIXTURES, square

from alerts import tables
from notifiers.tables import notice

CAP = "application/cap+xml"


def test_a_record_is_submitted_approved_enlarged_and_cancelled(client, house, submit, approve, post, make_square):
    house.enrol([DENVER, (-104.8, 39.74)])
    alert = submit()
    assert (alert["state"], alert["reach"]) == ("pending approval", 1)
    assert [(one["severity"], one["type"]) for one in alert["problems"]] == [("warning", "texts.unreviewed")]  # Spanish
    assert approve(alert).json()["state"] == "active"
    wider = post(f"/v1/alerts/{alert['id']}/enlarge", body={"area": make_square(0.5)}).json()
    assert (wider["version"], wider["number"], wider["reach"]) == (1, 2, 2)
    assert approve(wider).status_code == 200
    assert post(f"/v1/alerts/{wider['id']}/cancel").json()["state"] == "cancelled"
    delivered = client.get(f"/v1/alerts/{alert['id']}/delivery", headers=house.headers("submitter")).json()
    assert [(one["kind"], one["over"]) for one in delivered] == [
        ("cancel", None),
        ("update", "cancelled"),
        ("alert", "cancelled"),
    ]


def test_the_answer_names_where_the_alert_is(client, post, make_record, house):
    answer = post("/v1/alerts", body=make_record())
    again = client.get(answer.headers["location"], headers=house.headers("approver"))
    assert again.json()["content_hash"] == answer.json()["content_hash"]
    assert again.json()["actions"] == ["approve", "return", "reject", "edit", "cancel"]


def test_the_submitter_is_not_offered_the_approval(client, submit, house):
    alert = client.get(f"/v1/alerts/{submit()['id']}", headers=house.headers("submitter")).json()
    assert "approve" not in alert["actions"]
    assert alert["record"]["children"][0]["name"] == "Robin Example"


def test_nobody_approves_their_own_alert(approve, submit):
    answer = approve(submit(), "submitter")
    assert answer.status_code == 403
    assert "nobody approves" in answer.json()["detail"]


def test_a_stranger_from_another_agency_sees_no_such_alert(client, submit, approve, house):
    alert = submit()
    assert approve(alert, "stranger").status_code == 404
    assert client.get(f"/v1/alerts/{alert['id']}", headers=house.headers("stranger")).status_code == 404
    assert client.get("/v1/alerts", headers=house.headers("stranger")).json() == []


@pytest.mark.parametrize("what", ["", "/cap", "/delivery"])
def test_an_alert_that_is_none_is_not_found(client, house, what):
    assert client.get(f"/v1/alerts/nothing{what}", headers=house.headers("submitter")).status_code == 404


def test_a_cap_message_is_imported_and_comes_out_as_cap(client, house):
    body = (FIXTURES / "alerts" / "cap_county.xml").read_bytes().replace(b"006037", b"008031")
    headers = house.headers("submitter") | {"Content-Type": CAP}
    answer = client.post("/v1/alerts", content=body, headers=headers)
    assert answer.status_code in {201, 422}, answer.text
    if answer.status_code == 201:
        out = client.get(f"/v1/alerts/{answer.json()['id']}/cap", headers=house.headers("approver"))
        assert out.headers["content-type"] == CAP


def test_a_replay_answers_200_and_says_so(post, make_record, house):
    body = make_record(identifier="case-1", sent_at=house.clock().isoformat())
    assert [post("/v1/alerts", body=body).status_code for _ in range(2)] == [201, 200]
    assert post("/v1/alerts", body=body).json()["replayed"]


def test_every_fault_is_named_with_its_path(client, house):
    body = (FIXTURES / "alerts" / "invalid_many_faults.json").read_bytes()
    headers = house.headers("submitter") | {"Content-Type": "application/json"}
    answer = client.post("/v1/alerts", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["problems"]) > 3
    assert all(problem["path"] and problem["message"] for problem in answer.json()["problems"])
    assert house.rows(tables.message) == []


@pytest.mark.parametrize("path", sorted((FIXTURES / "alerts").glob("invalid_*")), ids=lambda path: path.stem)
def test_an_invalid_document_is_refused_and_leaves_nothing(client, house, path):
    kind = CAP if path.suffix == ".xml" else "application/json"
    answer = client.post(
        "/v1/alerts", content=path.read_bytes(), headers=house.headers("submitter") | {"Content-Type": kind}
    )
    assert answer.status_code in {400, 422}
    assert house.rows(tables.incident) == []
    assert [name for name in house.services.vault.names() if name.startswith("incident")] == []


def test_a_photo_is_stored_sealed_and_shown_while_the_alert_lives(house, submit, approve, post):
    from alerts import reading
    from alerts.errors import NotFound

    photo = base64.b64encode((FIXTURES / "photos" / "portrait.jpg").read_bytes()).decode()
    alert = submit(photos=[{"base64": photo, "description": "A drawing"}])
    approve(alert)
    shown = reading.public_photo(house.services, alert["token"], 1, "small", "jpg")
    assert shown.startswith(b"\xff\xd8")
    assert reading.public_alert(house.services, alert["token"]).photos[0].description == "A drawing"
    post(f"/v1/alerts/{alert['id']}/cancel")
    with pytest.raises(NotFound):
        reading.public_photo(house.services, alert["token"], 1, "small", "jpg")


@pytest.mark.parametrize("photo", ["", "bm90IGEgcGhvdG8=", "///", "\N{SNOWMAN}"])
def test_a_photo_that_is_none_is_refused(post, make_record, house, photo):
    answer = post("/v1/alerts", body=make_record(photos=[{"base64": photo}]))
    assert answer.status_code in {400, 422}
    assert house.rows(tables.photo) == []


def test_validate_stores_nothing(post, make_record, house):
    answer = post("/v1/validate", body=make_record())
    assert answer.status_code == 200
    assert house.rows(tables.message) == []


def test_an_update_is_submitted_and_approved(post, approve, in_force, make_record, house):
    alert = in_force()
    new = post(f"/v1/alerts/{alert['id']}/update", body=make_record(case_number="EX-9")).json()
    assert (new["kind"], new["version"]) == ("update", 2)
    assert approve(new).status_code == 200
    assert [row.over for row in house.rows(notice)] == ["superseded", None]


def test_an_edit_replaces_what_waits(client, submit, approve, house, make_record):
    alert = submit()
    headers = house.headers("submitter")
    edited = client.put(f"/v1/alerts/{alert['id']}", json=make_record(case_number="EX-9"), headers=headers).json()
    assert approve(alert).status_code == 409
    assert approve(edited).status_code == 200


@pytest.mark.parametrize("way", ["return", "reject"])
def test_a_decision_against_needs_a_reason(post, submit, way):
    alert = submit()
    assert post(f"/v1/alerts/{alert['id']}/{way}", "approver", {"note": "  "}).status_code == 422
    assert post(f"/v1/alerts/{alert['id']}/{way}", "approver", {"note": "No."}).json()["state"] == f"{way}ed"


def test_what_happened_first_is_a_conflict(post, in_force, approve):
    alert = in_force()
    assert approve(alert).status_code == 409
    post(f"/v1/alerts/{alert['id']}/cancel")
    assert post(f"/v1/alerts/{alert['id']}/cancel").status_code == 409


def test_a_reach_is_told_by_channel_and_language_with_the_area_as_it_is_taken(client, house):
    house.enrol([DENVER, DENVER], "inbox", language="es")
    house.enrol([DENVER, FAR_AWAY], "email")
    asked = {"circles": [{"lon": DENVER[0], "lat": DENVER[1], "radius_m": 5000}], "geojson": square(0.02)}
    headers = house.headers("submitter")
    told = client.post("/v1/reach", json={"area": asked, "status": "Exercise"}, headers=headers).json()
    assert (told["recipients"], told["subscriptions"]) == (3, 3)
    assert told["by_channel_and_language"] == {"inbox": {"es": 2}, "email": {"en": 1}}
    assert told["area"]["properties"]["circles"] == [[*DENVER, 5000]]
    assert [one["properties"]["approximation"] for one in told["drawing"]["features"]] == [False, True]
    assert told["area_km2"] == pytest.approx(3.14159 * 25, rel=1e-3)


def test_the_drawing_of_a_reach_is_the_same_area_when_it_is_sent_back(client, house):
    asked = {"circles": [{"lon": DENVER[0], "lat": DENVER[1], "radius_m": 5000}], "geojson": square(0.2)}
    headers = house.headers("submitter")
    told = client.post("/v1/reach", json={"area": asked}, headers=headers).json()
    again = client.post("/v1/reach", json={"area": told["drawing"]}, headers=headers).json()
    assert again["area"] == told["area"]


def test_a_repair_is_named_beside_the_reach_and_in_the_submission(client, house, make_record):
    house.enrol([DENVER])
    drawn = square(0.2)
    drawn["coordinates"][0].pop()
    headers = house.headers("submitter")
    told = client.post("/v1/reach", json={"area": drawn, "status": "Exercise"}, headers=headers).json()
    assert [(one["severity"], one["type"]) for one in told["problems"]] == [("warning", "area-closed")]
    left = client.post("/v1/alerts", json=make_record(area={"geojson": drawn}), headers=headers).json()
    seen = client.get(f"/v1/alerts/{left['id']}", headers=house.headers("approver")).json()
    for answer in (told, left, seen):
        assert "area-closed" in {one["type"] for one in answer["problems"]}
    assert len(told["area"]["geometry"]["coordinates"][0][0]) == 5


def test_what_is_in_force_is_repeated_after_the_interval_of_its_programme(in_force, post, house):
    alert = in_force()
    early = post(f"/v1/alerts/{alert['id']}/repeat")
    assert (early.status_code, early.json()["status"]) == (409, 409)
    assert "the programme lets it be repeated from" in early.json()["detail"]
    house.clock.pass_time(hours=1)
    again = post(f"/v1/alerts/{alert['id']}/repeat").json()
    assert (again["state"], again["token"]) == ("active", alert["token"])
    assert again["id"] != alert["id"]


def test_an_update_that_waits_says_what_it_changes(client, in_force, post, make_record, house):
    alert = in_force()
    left = post(f"/v1/alerts/{alert['id']}/update", body=make_record()).json()
    seen = client.get(f"/v1/alerts/{left['id']}", headers=house.headers("approver")).json()
    people, outlets = dict.fromkeys(("newly", "still", "outside"), 0), ("outlets", "outlets_again", "outlets_outside")
    assert seen["change"] == people | dict.fromkeys(outlets, 0) | {"tells_again": True, "tells_outside": True}
