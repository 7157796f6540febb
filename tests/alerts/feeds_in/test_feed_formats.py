"""RSS, EDXL-DE, IPAWS-style and GeoJSON indexes: the same entries, whatever the wrapping."""

import base64
from datetime import UTC, datetime

import pytest
from desk import FIXTURES
from signing import CAP, MESSAGE, SENT, embedded, keyed, sign

from alerts import signature
from alerts.feeds_in.entries import read_index, worth_fetching
from alerts.feeds_in.gathering import MOST_CONTENT, MOST_ENTRIES, MOST_PROBLEMS
from alerts.signature_trust import Trust

URL = "https://alerts.example/feeds/index"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"


def index(name, base_url=URL):
    return read_index((FIXTURES / "feeds" / name).read_bytes(), "", base_url)


def faults(found):
    return [(one.type, one.path) for one in found.problems]


def test_rss_items_lead_to_their_cap():
    found = index("rss.xml")
    assert found.kind == "rss"
    assert [entry.link for entry in found.entries] == [
        "https://alerts.example/cap/1.xml",
        "https://alerts.example/cap/2.xml",
        "https://alerts.example/cap/3.xml",
        None,
    ]
    assert faults(found) == [("link-scheme", "/rss/channel/item[4]")]


def test_rss_items_say_what_they_know():
    first, flood, _, inside = index("rss.xml").entries
    assert (first.identifier, first.updated_at) == ("EX-2026-1", datetime(2026, 1, 16, 0, 30, tzinfo=UTC))
    assert (flood.updated_at, flood.status) == (datetime(2026, 1, 16, 0, 0, tzinfo=UTC), "Test")
    assert (inside.identifier, inside.message_type) == ("EX-2026-5", "Cancel")
    assert inside.references == ("desk@state.example,EX-2026-1,2026-01-15T18:30:00-06:00",)
    assert [worth_fetching(entry) for entry in (first, flood, inside)] == [True, False, True]


def test_edxl_carries_a_message_or_points_to_it():
    found = index("edxl.xml")
    assert found.kind == "edxl"
    assert [(entry.identifier, entry.link) for entry in found.entries] == [
        ("EX-2026-1", None),
        ("https://alerts.example/cap/1.xml", "https://alerts.example/cap/1.xml"),
    ]
    assert faults(found) == [
        ("content-no-cap", "/EDXLDistribution/contentObject[3]"),
        ("entry-leads-nowhere", "/EDXLDistribution/contentObject[4]"),
    ]


def envelope(content, status="Actual"):
    """EDXL-DE 2.0, around one content object."""
    return (
        '<edxlDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:2.0">'
        f"<distributionStatus>{status}</distributionStatus><content><contentObject>{content}</contentObject></content>"
        "</edxlDistribution>"
    ).encode()


def packed(body):
    data = base64.encodebytes(body).decode()
    return f"<otherContent><mimeType>application/cap+xml</mimeType><contentData>{data}</contentData></otherContent>"


def test_edxl_2_carries_a_message_in_base64_byte_by_byte():
    (entry,) = read_index(envelope(packed(MESSAGE)), "", URL).entries
    assert (entry.content, entry.identifier) == (MESSAGE, "X-1")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (packed(b"<html/>"), "content-no-cap"),
        (packed(b"<alert"), "xml-malformed"),
        (packed(b"<!DOCTYPE a><a/>"), "doctype-forbidden"),
        (packed(b"x" * (MOST_CONTENT + 1)), "entry-too-large"),
        (packed(MESSAGE).replace("=<", "*<").replace("A", "_"), "content-base64"),
        ("<otherContent><mimeType>text/xml</mimeType></otherContent>", "entry-leads-nowhere"),
    ],
)
def test_edxl_content_that_is_no_message_is_a_problem(content, fault):
    found = read_index(envelope(content), "", URL)
    assert (found.entries, [one.type for one in found.problems]) == ((), [fault])


@pytest.mark.parametrize("content", [packed(MESSAGE), f"<contentXML>{MESSAGE.decode()}</contentXML>"])
def test_what_an_envelope_calls_a_test_is_not_believed_to_be_actual(content):
    found = read_index(envelope(content, "Test"), "", URL)
    assert (found.entries, [one.type for one in found.problems]) == ((), ["status-differs"])
    assert len(read_index(envelope(content), "", URL).entries) == 1


def test_a_recent_feed_holds_many_messages():
    found = index("ipaws.xml")
    assert found.kind == "ipaws"
    assert [entry.identifier for entry in found.entries] == ["EX-2026-1", "EX-2026-2", "EX-2026-3"]
    assert [worth_fetching(entry) for entry in found.entries] == [True, False, True]
    assert faults(found) == [("entry-unknown", "/alerts/*[2]")]


@pytest.mark.parametrize("transforms", [(ENVELOPED,), (ENVELOPED, C14N), None])
def test_every_signature_in_a_recent_feed_stays_true(transforms):
    key = keyed()
    body = sign(MESSAGE, key, **({"transforms": transforms} if transforms else {}))
    around = b'<ns1:alerts xmlns:ns1="http://gov.fema.ipaws.services/feed" xmlns:far="urn:far">%s\r\n%s</ns1:alerts>'
    entries = read_index(around % (body, body), "", URL).entries
    verified = [signature.verify(entry.content, Trust("state", (key.certificate,))) for entry in entries]
    assert [one.sent_at for one in verified] == [SENT, SENT]


@pytest.mark.parametrize("name", ["ipaws-signed-alert.xml", "ipaws-signed-cancel.xml"])
def test_real_signatures_stay_true_in_a_recent_feed(sample, name):
    body = sample(name)
    message = body[body.index(b"<alert") :]
    around = b'<ns1:alerts xmlns:ns1="http://gov.fema.ipaws.services/feed">\n%s</ns1:alerts>' % message
    (entry,) = read_index(around, "", URL).entries
    trust = Trust("ipaws", (embedded(body),))
    assert signature.verify(entry.content, trust).content == signature.verify(body, trust).content


def test_a_prefix_that_only_the_surroundings_declare_goes_along():
    around = f'<x:alerts xmlns:x="http://gov.fema.ipaws.services/feed" xmlns:c="{CAP}">'
    body = around.encode() + b"<c:alert><c:identifier>1</c:identifier></c:alert></x:alerts>"
    (entry,) = read_index(body, "", URL).entries
    assert read_index(entry.content, "", URL).entries[0].identifier == "1"
    assert b"ipaws" not in entry.content


def test_geojson_features_lead_to_their_cap():
    found = index("active.geojson", "https://api.weather.example/alerts/active")
    assert found.kind == "geojson"
    assert [entry.link for entry in found.entries] == [
        "https://api.weather.example/alerts/urn:oid:2.49.0.1.1",
        "https://api.weather.example/alerts/urn:oid:2.49.0.1.2",
    ]
    assert found.next_link == "https://api.weather.example/alerts?cursor=abc"
    assert faults(found) == [("entry-malformed", "/features/2"), ("link-scheme", "/features/3")]


def test_geojson_features_say_what_they_know():
    first, flood = index("active.geojson").entries
    assert (first.identifier, first.status, first.message_type) == ("urn:oid:2.49.0.1.1", "Actual", "Update")
    assert (first.events, first.references) == (("Child Abduction Emergency", "CAE"), ("urn:oid:2.49.0.1.0",))
    assert [worth_fetching(entry) for entry in (first, flood)] == [True, False]


def test_a_single_message_is_an_index_of_itself_as_it_came():
    found = read_index(b"\n" + MESSAGE, "application/cap+xml", URL)
    assert (found.kind, found.entries[0].content) == ("cap", MESSAGE)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "index-unknown"),
        (b"hello", "index-unknown"),
        (b"<html/>", "index-unknown"),
        (b'{"type": "Feature"}', "index-unknown"),
        (b"{", "json-malformed"),
        (b'{"a": 1, "a": 2}', "json-malformed"),
        (b"<feed", "xml-malformed"),
        (b'<!DOCTYPE feed SYSTEM "http://x.example/"><feed/>', "doctype-forbidden"),
        (b'<!DOCTYPE feed [<!ENTITY a "aaa">]><feed>&a;</feed>', "doctype-forbidden"),
    ],
)
def test_what_is_no_index_has_one_problem(body, fault):
    found = read_index(body, "text/html", URL)
    assert (found.kind, found.entries, [one.type for one in found.problems]) == ("unknown", (), [fault])


def test_entries_and_problems_are_bounded():
    alerts = f'<alert xmlns="{CAP}"><identifier>1</identifier></alert>' * (MOST_ENTRIES + 5)
    many = read_index(f'<a:alerts xmlns:a="http://gov.fema.ipaws.services/feed">{alerts}</a:alerts>'.encode(), "", URL)
    assert (len(many.entries), many.problems[0].type) == (MOST_ENTRIES, "entries-too-many")
    broken = read_index(b"<rss><channel>" + b"<item/>" * 5000 + b"</channel></rss>", "", URL)
    assert len(broken.problems) == MOST_PROBLEMS + 2
    assert broken.problems[-1].type == "problems-too-many"
