"""Atom feeds: the CAP messages they hold and link to."""

from datetime import UTC, datetime

from desk import FIXTURES
from signing import MESSAGE, SENT, keyed, sign

from alerts import signature
from alerts.feeds_in.entries import read_index, worth_fetching
from alerts.signature_trust import Trust

URL = "https://alerts.example/feeds/index.atom"
FEED = (FIXTURES / "feeds" / "atom.xml").read_bytes()


def feed(inside: str, *, outer: str = "") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {outer}>{inside}</feed>'.encode()


def test_every_usable_entry_is_read_and_every_broken_one_is_named_with_its_place():
    index = read_index(FEED, "application/atom+xml", URL)
    assert index.kind == "atom"
    assert [entry.identifier for entry in index.entries] == ["EX-2026-1", "urn:example:2", "urn:example:3"]
    assert [(one.type, one.path) for one in index.problems] == [
        ("link-scheme", "/feed/entry[4]"),
        ("entry-leads-nowhere", "/feed/entry[5]"),
    ]
    assert index.next_link == "https://alerts.example/feeds/index.atom?page=2"


def test_a_message_in_the_feed_is_taken_out_whole():
    first = read_index(FEED, "", URL).entries[0]
    assert (first.link, first.updated_at) == (None, datetime(2026, 1, 16, 0, 30, tzinfo=UTC))
    assert first.events == ("Child Abduction Emergency", "CAE")
    assert (first.status, first.message_type) == ("Actual", "Alert")
    assert read_index(first.content, "", URL).kind == "cap"


def test_a_link_that_says_it_is_cap_wins_and_is_made_absolute():
    _, flood, unsaid = read_index(FEED, "", URL).entries
    assert (flood.link, unsaid.link) == ("https://alerts.example/cap/2.xml", "https://other.example/cap/3")
    assert (flood.events, flood.status, flood.message_type) == (("Flood Warning",), "Actual", "Alert")
    assert unsaid.updated_at is None


def test_only_what_may_be_an_abducted_child_is_fetched():
    assert [worth_fetching(entry) for entry in read_index(FEED, "", URL).entries] == [True, False, True]


def test_a_signature_in_a_feed_stays_true():
    key = keyed()
    around = feed(
        f'<entry xmlns:far="urn:far"><content type="text/xml">{sign(MESSAGE, key).decode()}</content></entry>',
        outer='xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2" xmlns:other="urn:other"',
    )
    (entry,) = read_index(around, "", URL).entries
    assert signature.verify(entry.content, Trust("state", (key.certificate,))).sent_at == SENT


def test_content_that_stands_elsewhere_is_a_link():
    entry = '<entry><id>a</id><content type="application/cap+xml" src="one.xml"/></entry>'
    assert read_index(feed(entry), "", URL).entries[0].link == "https://alerts.example/feeds/one.xml"


def test_an_index_goes_on_only_at_its_own_origin():
    index = read_index(feed('<link rel="next" href="https://evil.example/2"/>'), "", URL)
    assert index.next_link is None
    assert [one.type for one in index.problems] == ["next-elsewhere"]
    assert read_index(feed(f'<link rel="next" href="{URL}"/>'), "", URL).next_link is None
