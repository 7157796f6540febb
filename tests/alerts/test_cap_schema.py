"""Our rules beside the published schema: the same documents valid and invalid, as far as a schema can say."""

from __future__ import annotations

import copy

import pytest
from desk import FIXTURES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from alerts.cap_elements import BLOCKS, NAMESPACE
from alerts.cap_faults import Faults
from alerts.cap_xml import parse
from alerts.problems import Policy, Severity

GOOD = (FIXTURES / "cap" / "valid" / "full.xml").read_bytes()
ELEMENTS = sorted({part.name for spec in BLOCKS.values() for part in spec})
# Texts that the schema judges: of what it calls a string it judges nothing, and we more.
TEXTS = {
    "sent": ["2026-01-15T16:05:00-08:00", "2026-01-15T24:00:00-00:00", "2026-02-30T00:00:00-08:00", "now",
             "2026-01-15T16:05:00Z", "2026-01-15T16:05-08:00", "2026-01-15T16:05:00,08:00", "2026-01-15T16:05:00+14:01",
             "2026-01-15T16:05:00+14:00", " 2026-01-15T16:05:00-08:00\n", ""],
    "status": ["Actual", "actual", " Actual", "", "Alert"],
    "msgType": ["Ack", "Error", "Draft"],
    "scope": ["Private", "private"],
    "language": ["fr-CA", "de", "english please", "x" * 9, "en_US", ""],
    "category": ["CBRNE", "Cbrne"],
    "responseType": ["AllClear", "All Clear"],
    "urgency": ["Past", "past"],
    "severity": ["Minor", "Major"],
    "certainty": ["Observed", "Very Likely"],
    "size": ["0", "+7", "3.0", "3 kB", ""],
    "altitude": ["-10.5", ".5", "1e3", "NaN", ""],
}  # fmt: skip


@pytest.fixture
def schema(sample) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(sample("CAP-v1.2.xsd")))


def ours(body: bytes) -> list[str]:
    """The errors of the schema part of our rules."""
    faults = Faults(Policy.CORE)
    parse(body, faults)
    return [problem.type for problem in faults.found if problem.severity is Severity.ERROR]


def _edit(root: etree._Element, data: st.DataObject) -> None:
    """One change: an element gone, twice, moved, added, or its text another."""
    element = data.draw(st.sampled_from([e for e in root.iter() if e is not root]))
    parent = element.getparent()
    match data.draw(st.sampled_from(["drop", "twice", "move", "add", "text"])):
        case "drop":
            parent.remove(element)
        case "twice":
            element.addnext(copy.deepcopy(element))
        case "move":
            parent.insert(data.draw(st.integers(0, len(parent))), element)
        case "add":
            name = data.draw(st.sampled_from([*ELEMENTS, "hurry"]))
            parent.insert(data.draw(st.integers(0, len(parent))), etree.Element(f"{{{NAMESPACE}}}{name}"))
        case "text":
            name = etree.QName(element).localname
            element.text = data.draw(st.sampled_from(TEXTS[name])) if name in TEXTS else element.text


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_document_is_right_for_us_where_it_is_for_the_schema(schema, data: st.DataObject) -> None:
    root = etree.fromstring(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        _edit(root, data)
    body = etree.tostring(root)
    found, valid = ours(body), schema.validate(etree.fromstring(body))
    stricter = [one for one in found if one.endswith("-empty")]  # the schema lets a string be empty
    assert (not found) is valid or (valid and found == stricter), (found, schema.error_log)


def test_everything_that_the_schema_lists_is_in_our_data(sample) -> None:
    xsd = etree.fromstring(sample("CAP-v1.2.xsd"))
    xs = {"xs": "http://www.w3.org/2001/XMLSchema"}
    names = {e.get("name") for e in xsd.iterfind(".//xs:element", xs)} - {None, "alert"}
    assert names == set(ELEMENTS)
    for element in xsd.iterfind(".//xs:element", xs):
        values = {one.get("value") for one in element.iterfind("xs:simpleType/xs:restriction/xs:enumeration", xs)}
        for part in (part for spec in BLOCKS.values() for part in spec if part.name == element.get("name")):
            assert part.values == values
            assert (part.least, part.most > 1) == (
                int(element.get("minOccurs", "1")),
                element.get("maxOccurs") == "unbounded",
            ), part.name


@pytest.mark.parametrize("name", ["oasis-cap-1.2-a1.xml", "oasis-cap-1.2-a3.xml", "ipaws-signed-cancel.xml"])
def test_published_messages_are_right_under_both(schema, sample, name: str) -> None:
    schema.assertValid(etree.fromstring(sample(name)))
    assert ours(sample(name)) == []
