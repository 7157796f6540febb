"""Whatever comes in, the answer is a problem document with a 4xx status, and nothing is left behind."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect
from structlog.testing import capture_logs

from alerts import tables

PROBLEM = "application/problem+json"
JSON = {"Content-Type": "application/json"}
ROUTES = ["/v1/alerts", "/v1/reach", "/v1/validate", "/v1/alerts/x/approve", "/v1/alerts/x/enlarge", "/v1/recipients"]


def is_problem(answer, *statuses: int) -> bool:
    document = answer.json()
    return (
        answer.status_code in statuses
        and answer.headers["content-type"] == PROBLEM
        and document["status"] == answer.status_code
        and isinstance(document["problems"], list)
    )


BODIES = [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"a": NaN}', b"[" * 50_000, b'"\\ud800"', b"{} {}", b"\x00"]


@pytest.mark.parametrize("path", ROUTES)
def test_malformed_json_is_a_problem(client, house, path):
    for body in BODIES:
        answer = client.post(path, content=body, headers=house.headers("submitter") | JSON)
        assert is_problem(answer, 400, 404, 422), body[:20]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(("body", "fault"), [(b'{"a": 1, "a": 2}', "json.duplicate"), (b'{"a": NaN}', "json.constant")])
def test_json_that_readers_disagree_about_is_refused(client, house, path, body, fault):
    answer = client.post(path, content=body, headers=house.headers("submitter") | JSON)
    assert is_problem(answer, 400)
    assert [problem["type"] for problem in answer.json()["problems"]] == [fault]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml; charset=utf-99", "", "x" * 3000, "multipart/form-data"]
)
def test_a_wrong_content_type_is_a_problem(client, house, kind):
    answer = client.post("/v1/alerts", content=b"{}", headers=house.headers("submitter") | {"Content-Type": kind})
    assert is_problem(answer, 400, 415, 422)


@pytest.mark.parametrize(
    "body", [b"<alert/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a" * 9999, b"{}", b"\xff"]
)
def test_malformed_xml_is_a_problem(client, house, body):
    headers = house.headers("submitter") | {"Content-Type": "application/cap+xml"}
    assert is_problem(client.post("/v1/alerts", content=body, headers=headers), 400, 422)


@pytest.mark.parametrize("path", ["/nothing", "/v1/nothing", "/v1/alerts/x/nothing"])
def test_no_such_place_is_a_problem(client, path):
    assert is_problem(client.get(path), 404)


def test_a_wrong_method_is_a_problem(client):
    answer = client.put("/v1/reach")
    assert is_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_what_was_sent_is_not_quoted_back(client, house):
    answer = client.post(
        "/v1/reach", json={"area": "Robin Example", "status": "Robin Example"}, headers=house.headers("submitter")
    )
    assert is_problem(answer, 422)
    assert "Robin" not in answer.text
    assert {problem["path"] for problem in answer.json()["problems"]} == {"/area", "/status"}


def test_who_goes_away_in_the_middle_of_a_request_is_no_fault_of_ours(client, house, monkeypatch):
    from alerts import reading

    def interrupted(*_, **__):
        raise ClientDisconnect

    monkeypatch.setattr(reading, "list_alerts", interrupted)
    with capture_logs() as said:
        assert client.get("/v1/alerts", headers=house.headers("submitter")).status_code == 400
    assert [line for line in said if line["log_level"] == "error"] == []


def test_an_unexpected_fault_is_a_problem_without_its_text(client, house, monkeypatch):
    from alerts import reading

    monkeypatch.setattr(reading, "list_alerts", lambda *_, **__: next(iter(())))
    answer = client.get("/v1/alerts", headers=house.headers("submitter"))
    assert is_problem(answer, 500)
    assert "StopIteration" not in answer.text


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["Polygon", "Feature", "GeometryCollection", "Point", "MultiPolygon"]) | JSONS,
        "coordinates": st.lists(st.lists(st.lists(st.floats() | JSONS, max_size=3), max_size=6), max_size=3) | JSONS,
        "geometry": JSONS,
        "same": st.lists(st.sampled_from(["008031", "000000", "108031", "999999"]) | JSONS, max_size=3) | JSONS,
        "circles": st.lists(st.fixed_dictionaries({"lon": JSONS, "lat": JSONS, "radius_m": JSONS}), max_size=2) | JSONS,
        "geojson": JSONS,
        "geometries": JSONS,
    },
)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(area=PARTS | JSONS)
def test_no_area_makes_the_server_fail(client, house, area):
    body = json.dumps({"area": area}).encode()
    answer = client.post("/v1/reach", content=body, headers=house.headers("submitter") | JSON)
    assert answer.status_code < 500, body


@quick
@given(name=st.sampled_from(["children", "vehicles", "abduction", "contact", "area", "texts", "photos", "languages", "expires_at", "sent_at", "programme", "identifier"]), value=JSONS)  # fmt: skip
def test_no_member_of_a_record_makes_the_server_fail(client, house, make_record, name, value):
    body = json.dumps(make_record() | {name: value}).encode()
    answer = client.post("/v1/alerts", content=body, headers=house.headers("submitter") | JSON)
    assert answer.status_code < 500, body


@quick
@given(body=st.binary(max_size=200), kind=st.sampled_from(["application/json", "application/cap+xml"]))
def test_no_bytes_make_the_server_fail(client, house, body, kind):
    answer = client.post("/v1/alerts", content=body, headers=house.headers("submitter") | {"Content-Type": kind})
    assert is_problem(answer, 400, 415, 422)
    assert house.rows(tables.incident) == []


@quick
@given(path=st.text(max_size=40), query=st.text(max_size=20))
def test_no_address_makes_the_server_fail(client, house, path, query):
    from urllib.parse import quote

    for base in (
        "/v1/alerts/",
        "/v1/recipients/",
        "/v1/places?q=",
        "/v1/inbox?after=",
        "/v1/operations/notices/",
    ):
        there = quote(path.encode("utf-8", "replace"), safe="")
        answer = client.get(f"{base}{there}", headers=house.headers("operator"))
        assert answer.status_code < 500, (base, path)
