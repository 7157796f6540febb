"""Whatever the bytes: an index has its answer, bounded, with links that can be asked for, and nothing is raised."""

import json
import time
from datetime import UTC, datetime

import pytest
from desk import FIXTURES
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import checking, signature_form
from alerts.feeds_in.entries import read_index, worth_fetching
from alerts.feeds_in.gathering import MOST_ENTRIES, MOST_PROBLEMS
from alerts.problems import Policy
from notifiers.guard import target_of

URL = "https://alerts.example/feeds/index"
WHOLE = [path.read_bytes() for path in sorted((FIXTURES / "feeds").iterdir())]
PIECES = st.sampled_from(
    [b"<", b">", b"&", b"\0", b"\xff", b'"', b"]]>", b"<!DOCTYPE a>", b"https://[", b"\\ud800", b"{", b""]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text()
    | st.sampled_from(["javascript:1", "https://[", "//x", "\ud800"]),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["@id", "id", "event", "eventCode", "references"]), inner)
    ),
    max_leaves=10,
)
HANG_S = 20.0  # CPU seconds: what is quadratic takes minutes


def check(body, url=URL):
    """What is true of every index."""
    found = read_index(body, "x", url)
    assert found.entries or found.problems or found.kind != "unknown"
    assert len(found.entries) <= MOST_ENTRIES
    assert len(found.problems) <= MOST_PROBLEMS + 2
    for entry in found.entries:
        assert entry.content or target_of(entry.link)[1].host
        assert worth_fetching(entry) in {True, False}
        f"{entry!r}{entry.title}".encode()  # can be written
    f"{found.problems!r}".encode()
    return found


@settings(max_examples=50)
@given(st.binary(), st.text())
def test_any_bytes_have_an_answer(body, url):
    check(body)
    check(b"<" + body)
    check(b"{" + body, url)


@given(st.sampled_from(WHOLE), st.floats(0, 1), st.integers(0, 40), PIECES | st.binary(max_size=6))
def test_any_broken_feed_has_an_answer(whole, where, length, piece):
    at = int(where * len(whole))
    check(whole[:at] + piece + whole[at + length :])


@given(VALUES, VALUES, VALUES)
def test_any_feature_has_an_answer(properties, identifier, pagination):
    feature = {"properties": properties, "id": identifier}
    body = {"type": "FeatureCollection", "features": [feature, properties], "pagination": {"next": pagination}}
    check(json.dumps(body).encode())


UNDECLARED = (
    b'<x:a><b xmlns="u"/></x:a>'  # the parser forgets the first fault over the second, a namespace that is no URI
)


def test_a_prefix_that_nobody_declared_is_no_xml():
    assert [one.type for one in check(UNDECLARED).problems] == ["xml-malformed"]
    found = checking.check_cap(UNDECLARED, now=datetime(2026, 1, 16, tzinfo=UTC), policy=Policy.CORE, names=())
    assert [one.type for one in found.problems] == ["xml-malformed"]
    assert [one.type for one in signature_form.parse(UNDECLARED)] == ["xml"]


CAP = b'xmlns="urn:oasis:names:tc:emergency:cap:1.2"'
ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom">%s</feed>'
ENTRY = b"<entry>%s</entry>"
HOSTILE = {
    "deep": b"<a>" * 300_000,
    "entries": ATOM % (b"<entry/>" * 400_000),
    "links": ATOM % (ENTRY % (b'<link href="a"/>' * 100_000)),
    "messages in one entry": ATOM % (ENTRY % (b"<content>%s</content>" % (b"<alert %s/>" % CAP * 40_000))),
    "messages in messages": ATOM % (ENTRY % (b"<content><alert %s>%s</alert></content>" % (CAP, b"<alert/>" * 100_000))),
    "infos": b"<alert %s>%s</alert>" % (CAP, b"<info><event>x</event></info>" * 30_000),
    "namespaces": b"<feed %s/>" % b" ".join(b'xmlns:a%d="urn:%d"' % (n, n) for n in range(60_000)),
    "files": b'<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"><contentObject>%s</contentObject></EDXLDistribution>'
    % (b"<nonXMLContent><mimeType>text/xml</mimeType><uri>https://a.example/</uri></nonXMLContent>" * 60_000),
    "digits": b'{"type": "FeatureCollection", "features": [%s]}' % (b"9" * 2_000_000),
    "nesting": b"[" * 3_000_000,
    "too large": b"<feed>" + b"x" * (17 << 20),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_hurt_has_its_answer_in_time(name):
    begin = time.process_time()
    check(HOSTILE[name])
    assert time.process_time() - begin < HANG_S
