"""From bytes to an alert: what is accepted, and that everything else is refused in words, whatever the bytes."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import NOW, ORIGIN, Limits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import area, errors, intake, validation
from alerts.model import MsgType, Severity, Status
from alerts.programme import US_AMBER
from alerts.record_example import EXAMPLE

FIXTURES = Path(__file__).parents[2] / "fixtures" / "alerts"
CAP = "application/cap+xml"


def refused(read, document: Any, content_type: str = "application/json", **more: Any) -> errors.Refused:
    with pytest.raises(errors.Refused) as caught:
        read(document, content_type, **more)
    assert caught.value.problems
    return caught.value


def test_a_record_becomes_an_alert_of_its_agency(read, record) -> None:
    alert = read(record).alert
    assert (alert.sender, alert.status, alert.msg_type) == (ORIGIN.sender, Status.EXERCISE, MsgType.ALERT)
    assert alert.sent_at == NOW
    assert alert.expires_at == NOW + timedelta(seconds=US_AMBER.default_expiry_s)
    assert alert.languages == ("en", "es")


def test_the_published_example_is_accepted(read) -> None:
    assert read(EXAMPLE).problems == ()


def test_an_area_without_description_is_named_by_the_gazetteer(read, record) -> None:
    record["area"] = {"same": ["006067"]}
    assert read(record).alert.areas[0].description == "Sacramento County, CA"


def test_photos_leave_the_record_as_bytes(read, record) -> None:
    record["photos"] = [{"base64": base64.b64encode(b"one").decode(), "description": "x"}, {"photo_id": 7}]
    found = read(record)
    assert found.photos == (b"one",)
    assert [(p.base64, p.photo_id) for p in found.alert.record.photos] == [(None, None), (None, 7)]


@pytest.mark.parametrize(
    ("photo", "expected"),
    [
        ({"base64": "!!!"}, "photo.base64"),
        ({"base64": "é"}, "photo.base64"),
        ({}, "photo.form"),
        ({"base64": "QUJD", "photo_id": 1}, "photo.form"),
        ({"base64": "QUJD" * 200_000}, "photo.large"),
    ],
)
def test_a_photo_that_is_none_is_refused(read, record, photo: dict[str, Any], expected: str) -> None:
    record["photos"] = [photo]
    assert [p.type for p in refused(read, record).problems] == [expected]


def test_more_photos_than_allowed_are_refused(read, record) -> None:
    record["photos"] = [{"base64": "QUJD"}] * 5
    assert "photos.many" in {p.type for p in refused(read, record).problems}


def test_the_amber_example_of_the_standard_is_accepted_as_an_import(read, sample, gazetteer) -> None:
    found = read(sample("oasis-cap-1.2-a4-amber.xml"), CAP)
    placed = area.effective(found.alert, gazetteer)
    assert found.policy == "import"
    assert placed.shape is not None
    assert placed.shape.digest() == gazetteer.get("06037").digest()
    problems = [
        *found.problems,
        *validation.check(found.alert, US_AMBER, gazetteer.get("06"), placed.shape, NOW, "import"),
    ]
    assert {(p.severity, p.type) for p in problems} == {
        (Severity.WARNING, "expires-missing"),
        (Severity.WARNING, "sent-old"),
    }
    assert found.alert.expires_at == NOW + timedelta(seconds=US_AMBER.default_expiry_s)


def test_a_real_cancel_without_info_is_accepted(read, sample) -> None:
    alert = read(sample("ipaws-signed-cancel.xml"), CAP).alert
    assert (alert.msg_type, alert.infos, alert.expires_at) == (MsgType.CANCEL, (), None)


@pytest.mark.parametrize("kind", ["application/xml", "text/xml; charset=utf-8", "Application/CAP+XML"])
def test_cap_is_read_under_its_other_names(read, kind: str) -> None:
    assert read((FIXTURES / "cap_county.xml").read_bytes(), kind).alert.identifier == "EX-2026-0418"


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data", "application/json; charset=utf-16", "é", "/"]
)
def test_another_content_type_is_refused(read, record, kind: str) -> None:
    with pytest.raises(errors.WrongType):
        read(record, kind)


def test_a_document_over_the_limit_is_not_looked_at(read) -> None:
    with pytest.raises(errors.TooLarge):
        read(b"{" * 100, limits=Limits(max_alert_bytes=99))
    with pytest.raises(errors.TooLarge):
        read(b"<" * (intake.MAX_CAP_BYTES + 1), CAP, limits=Limits(max_alert_bytes=1 << 30))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "json"),
        (b"{", "json"),
        (b'{"a": 1,}', "json"),
        (b'{"a": "\xff"}', "utf8"),
        (b'{"a": NaN}', "json.constant"),
        (b'{"a": 1, "a": 2}', "json.duplicate"),
        (b"[" * 100_000, "json"),
        (b"[" * 100 + b"]" * 100, "json.depth"),
        (b"1" * 5000, "json"),
    ],
)
def test_what_is_no_json_is_malformed(read, body: bytes, expected: str) -> None:
    with pytest.raises(errors.Malformed) as caught:
        read(body)
    assert [p.type for p in caught.value.problems] == [expected]


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1e999", b'{"\\ud800": "\\ud800"}'])
def test_json_that_is_no_record_is_refused(read, body: bytes) -> None:
    refused(read, body)


def test_every_fault_of_a_record_comes_at_once_with_its_pointer(read) -> None:
    found = refused(read, (FIXTURES / "invalid_many_faults.json").read_bytes())
    assert {(p.type, p.path) for p in found.problems} == {
        ("hieght_m.unknown", "/children/0/hieght_m"),
        ("at.offset", "/abduction/at"),
        ("contact.missing", "/contact"),
        ("same.form", "/area/same/0"),
    }


def test_the_faults_of_the_area_come_with_those_of_the_record(read, record) -> None:
    del record["contact"]
    record["area"] = {"same": ["006999"]}
    assert {p.path for p in refused(read, record).problems} == {"/contact", "/area/same/0"}


def test_every_fault_of_a_message_comes_at_once_also_those_of_area_and_rules(read) -> None:
    body = (FIXTURES / "cap_county.xml").read_bytes().replace(b"006067", b"006999").replace(b"Exercise<", b"Practice<")
    body = body.replace(b"<instruction>", b"<instruction/><instruction>").replace(b"msgType>Alert", b"msgType>Update")
    found = {p.type for p in refused(read, body, CAP).problems}
    assert {"status-unknown", "instruction-repeated", "geocode-unknown", "references-missing"} <= found


def test_an_unknown_programme_is_refused_by_name(read, record) -> None:
    record["programme"] = "xx-amber"
    (problem,) = refused(read, record).problems
    assert (problem.type, problem.path) == ("programme.unknown", "/programme")


def test_nothing_that_was_sent_is_quoted_in_a_refusal(read, record) -> None:
    record["children"][0] |= {"name": 12345678, "height_m": "Robin Secret", "sex": "Robin Secret"}
    said = refused(read, record)
    assert "Robin Secret" not in repr(said.problems) + str(said)
    assert "12345678" not in repr(said.problems) + str(said)


def test_an_area_may_come_as_parts_or_as_bare_geojson(gazetteer) -> None:
    square = {"type": "Polygon", "coordinates": [[[-105, 39], [-104, 39], [-104, 40], [-105, 39]]]}
    assert intake.read_area(square, gazetteer)[0].geometry == square
    coded, circled = {"same": ["08031"]}, {"circles": [{"lon": -105, "lat": 39, "radius_m": 500}]}
    with pytest.raises(errors.Refused):
        intake.read_area(coded, gazetteer)
    assert intake.read_area(circled, gazetteer)[0].circles[0].radius_m == 500


@given(st.binary(max_size=300), st.sampled_from(["application/json", CAP, "text/xml", "x/y"]))
def test_whatever_the_bytes_they_are_refused_in_words(body: bytes, kind: str) -> None:
    with pytest.raises(errors.Refused) as caught:
        intake.read(body, kind, now=NOW, limits=Limits())
    assert all(p.message for p in caught.value.problems)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_record_with_anything_anywhere_is_read_or_refused(read, data: st.DataObject) -> None:
    document = json.loads((FIXTURES / "demo.json").read_bytes())
    document["photos"] = []
    at: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(at))) if isinstance(at, dict) else data.draw(st.integers(0, len(at) - 1))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    at[key] = data.draw(JSON)
    with suppress(errors.Refused):  # any other exception fails the test
        assert read(document).alert.infos
