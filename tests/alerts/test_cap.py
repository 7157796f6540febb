"""CAP 1.2 in and out: the standard's own examples, round trips, and every kind of wrong message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from alerts import cap
from alerts.model import Alert, Area, Info, MsgType, Reference, Resource, Severity, Status
from geo.shapes import Circle, from_geojson

FIXTURES = Path(__file__).parents[2] / "fixtures" / "alerts"
GOOD = (FIXTURES / "cap_polygon_and_circle.xml").read_bytes()
ABC = "3c01bdbb26f358bab27f267924aa2c9a03fcfdb8"  # the SHA-1 of ABC
SAMPLES = (
    "oasis-cap-1.2-a1.xml",
    "oasis-cap-1.2-a2.xml",
    "oasis-cap-1.2-a3.xml",
    "oasis-cap-1.2-a4-amber.xml",
    "ipaws-signed-alert.xml",
    "ipaws-signed-cancel.xml",
)


def types(body: bytes, *, lenient: bool = False) -> set[str]:
    return {problem.type for problem in cap.read(body, lenient=lenient).problems}


def changed(old: str, new: str) -> bytes:
    assert old.encode() in GOOD
    return GOOD.replace(old.encode(), new.encode())


@pytest.mark.parametrize("name", SAMPLES)
def test_the_published_messages_are_read_without_a_fault(sample, name: str) -> None:
    reading = cap.read(sample(name))
    assert {problem.type for problem in reading.problems} <= {"circle-zero-area"}  # A.3: where an earthquake was
    assert reading.alert is not None


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_read_and_written_reads_the_same_again(sample, name: str) -> None:
    alert = cap.read(sample(name)).alert
    assert alert is not None
    assert cap.read(cap.write(alert)).alert == alert


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_written_is_valid_against_the_schema_of_the_standard(sample, name: str) -> None:
    schema = etree.XMLSchema(etree.fromstring(sample("CAP-v1.2.xsd")))
    alert = cap.read(sample(name)).alert
    assert alert is not None
    schema.assertValid(etree.fromstring(cap.write(alert)))


def test_the_amber_example_says_what_the_standard_prints(sample) -> None:
    alert = cap.read(sample("oasis-cap-1.2-a4-amber.xml")).alert
    assert alert is not None
    assert alert.sent_at == datetime(2003, 6, 12, 5, 39, tzinfo=UTC)
    assert alert.languages == ("en-US", "es-US")
    assert alert.infos[0].areas == (Area("Los Angeles County", geocodes=(("SAME", "006037"),)),)
    assert alert.infos[0].event_codes == (("SAME", "CAE"),)


def test_positions_are_longitude_first_and_radii_metres() -> None:
    alert = cap.read(GOOD).alert
    assert alert is not None
    (area,) = alert.infos[0].areas
    assert area.polygons[0][0] == (-121.8, 38.2)
    assert area.circles == (Circle(-121.2, 38.8, 12_500.0),)


def test_every_member_of_an_alert_survives_writing_and_reading() -> None:
    at = datetime(2026, 1, 16, 1, 2, 3, tzinfo=UTC)
    info = Info(
        event="Child Abduction Emergency", category=("Rescue", "Safety"), language="es-US",
        response_types=("Monitor", "Avoid"), urgency="Expected", severity="Extreme", certainty="Observed",
        audience="all", event_codes=(("SAME", "CAE"),), effective_at=at, onset_at=at, expires_at=at + timedelta(hours=1),
        sender_name="Example & Sons", headline="<b>Niño</b>", description="a\nb", instruction="c",
        web="https://e.example/?a=1&b=2", contact="d", parameters=(("x", "1"), ("x", "2")),
        resources=(Resource("photo", "image/jpeg", 3, "https://e.example/p.jpg", "QUJD", ABC),),
        areas=(Area("x", (((0.0, 1.0), (2.0, 3.5), (4.0, 1.0), (0.0, 1.0)),), (Circle(-1e-05, 2.0, 0.5),), (("SAME", "006037"),), None, 1.5, 2.0),),
    )  # fmt: skip
    alert = Alert(
        "id-1", "a@b", at, Status.ACTUAL, MsgType.UPDATE, scope="Private", source="s", addresses=("one two", "three"),
        codes=("x", "y"), note="n", references=(Reference("a@b", "id-0", at), Reference("c@d", "id-9", at)),
        incidents=("big one", "z"), infos=(info, replace(info, language="en-US")), imported=True,
    )  # fmt: skip
    reading = cap.read(cap.write(alert))
    assert reading.problems == ()
    assert reading.alert == alert


def test_a_hole_is_cut_so_that_the_written_rings_cover_the_same_area() -> None:
    square = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    hole = [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]]
    geometry = {"type": "Polygon", "coordinates": [square, hole]}
    alert = cap.read(GOOD).alert
    assert alert is not None
    info = replace(alert.infos[0], areas=(Area("holed", geometry=geometry),))
    again = cap.read(cap.write(replace(alert, infos=(info,)))).alert
    assert again is not None
    rings = again.infos[0].areas[0].polygons
    pieces = {"type": "MultiPolygon", "coordinates": [[list(map(list, ring))] for ring in rings]}
    assert from_geojson(pieces).polygons.symmetric_difference(from_geojson(geometry).polygons).area == pytest.approx(0)


def test_times_are_written_with_a_numeric_offset() -> None:
    alert = cap.read(GOOD).alert
    assert alert is not None
    assert b"<sent>2026-01-16T00:05:00-00:00</sent>" in cap.write(alert)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<sender>alerts@sheriff.example</sender>", "", "sender-missing"),
        ("<sender>alerts@sheriff.example</sender>", "<sender/>", "sender-empty"),
        ("<scope>Public</scope>", "<scope>Everybody</scope>", "scope-unknown"),
        ("<status>Exercise</status>", "<status>Exercise</status><status>Actual</status>", "status-repeated"),
        ("<urgency>Immediate</urgency>", "<urgency>Soon</urgency>", "urgency-unknown"),
        ("<event>", "<hurry>yes</hurry><event>", "hurry-unexpected"),
        ("<event>Child", "<event><b/>Child", "event-not-text"),
        ("2026-01-15T16:05:00-08:00", "2026-01-15T16:05:00", "sent-no-offset"),
        ("2026-01-15T16:05:00-08:00", "2026-02-30T16:05:00-08:00", "sent-not-a-time"),
        ("2026-01-15T16:05:00-08:00", "0001-01-01T00:00:00+14:00", "sent-not-a-time"),
        ("38.8,-121.2 12.5", "38.8,-181 12.5", "circle-out-of-range"),
        ("38.8,-121.2 12.5", "38.8,-121.2 NaN", "circle-not-a-number"),
        ("38.20,-121.80 38.20", "91,-121.80 38.20", "polygon-out-of-range"),
        ("<areaDesc>Sacramento County</areaDesc>", "", "areaDesc-missing"),
    ],
)
def test_each_fault_is_named_with_its_element(old: str, new: str, expected: str) -> None:
    assert expected in types(changed(old, new), lenient=True)
    assert cap.read(changed(old, new), lenient=True).alert is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("16:05:00-08:00", "16:05:00Z", "sent-not-numeric"),
        ("<contact>", "<web/><contact>", "web-empty"),
        ("38.75,-121.80 38.20,-121.80", "38.75,-121.80", "polygon-not-closed"),
        ("<urgency>Immediate</urgency>\n    <severity>Severe</severity>", "<severity>Severe</severity><urgency>Immediate</urgency>", "urgency-misplaced"),
    ],
)  # fmt: skip
def test_what_leaves_the_meaning_certain_is_forgiven_to_imports_only(old: str, new: str, expected: str) -> None:
    lenient, strict = cap.read(changed(old, new), lenient=True), cap.read(changed(old, new))
    assert [(p.type, p.severity) for p in lenient.problems] == [(expected, Severity.WARNING)]
    assert lenient.alert is not None
    assert strict.alert is None


def test_all_faults_come_at_once_each_with_its_xpath() -> None:
    body = (FIXTURES / "invalid_many_faults.xml").read_bytes()
    found = {(problem.type, problem.path) for problem in cap.read(body).problems}
    assert {
        ("sender-missing", "/cap:alert"),
        ("status-unknown", "/cap:alert/cap:status"),
        ("sent-not-a-time", "/cap:alert/cap:sent"),
        ("severity-missing", "/cap:alert/cap:info[1]"),
        ("polygon-not-a-number", "/cap:alert/cap:info[1]/cap:area[1]/cap:polygon[1]"),
    } <= found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_any_doctype_is_refused_in_any_encoding(encoding: str) -> None:
    text = (FIXTURES / "invalid_doctype.xml").read_text().replace("UTF-8", encoding.upper())
    reading = cap.read(text.encode(encoding))
    assert [p.type for p in reading.problems] == ["doctype-forbidden"]
    assert reading.alert is None


@pytest.mark.parametrize(("encoding", "declared"), [("utf-7", "UTF-7"), ("latin-1", "ISO-8859-1"), ("utf-16", "UTF-8")])
def test_an_encoding_that_not_every_reader_knows_is_refused(encoding: str, declared: str) -> None:
    body = GOOD.decode().replace("UTF-8", declared).encode(encoding)
    assert types(body) == {"xml-encoding"}


def test_nested_entities_neither_expand_nor_crash() -> None:
    lol = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 30))
    body = f'<!DOCTYPE alert [<!ENTITY a0 "x">{lol}]><alert xmlns="{cap.NAMESPACE}">&a29;</alert>'
    assert types(body.encode()) == {"doctype-forbidden"}


def test_a_file_is_never_read_through_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    body = (
        f'<!DOCTYPE a [<!ENTITY f SYSTEM "{secret.as_uri()}">]><alert xmlns="{cap.NAMESPACE}"><note>&f;</note></alert>'
    )
    assert "hidden" not in repr(cap.read(body.encode()))


def test_another_namespace_is_no_cap() -> None:
    assert types(GOOD.replace(b":cap:1.2", b":cap:9.9")) == {"alert-missing"}


@given(st.binary(max_size=200))
def test_whatever_the_bytes_there_is_an_answer(body: bytes) -> None:
    reading = cap.read(body)
    assert reading.alert is not None or reading.problems


@given(st.data())
def test_a_broken_message_gets_an_answer_too(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD) - 1))
    cut = data.draw(st.integers(0, 40))
    body = GOOD[:at] + data.draw(st.binary(max_size=8)) + GOOD[at + cut :]
    reading = cap.read(body, lenient=True)
    assert reading.alert is not None or reading.problems
