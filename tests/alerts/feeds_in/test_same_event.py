"""Whether two sources speak of one event: merged only on proof, shown to an officer on a hint."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.feeds_in.fingerprints import Fingerprint, fingerprint
from alerts.feeds_in.same_event import Sameness, same_event, why
from alerts.model import Alert, Info, MsgType, Reference, Status
from alerts.record import Record

NOW = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)
SECRET = b"s" * 32
HERE, THERE = ("9xj6", "9xj3"), ("dr5r",)
STORY = (
    "Robin Example, 7, was taken from 1 Main Street in Denver by a man in a grey car, plate ABC-123. Call 911 at once."
)


def alert(identifier="1", sender="desk@state.example", headline="AMBER Alert", story="", at=NOW, **more):
    info = Info("Child Abduction Emergency", headline=headline, description=story, event_codes=(("SAME", "CAE"),))
    given = {"infos": (info,)} | more
    return Alert(identifier, sender, at, given.pop("status", Status.ACTUAL), MsgType.ALERT, **given)


def told(cells=HERE, **more):
    return fingerprint(alert(**more), SECRET, cells)


def other(**more):
    """What another source says."""
    return told(**{"identifier": "X", "sender": "far@nation.example", **more})


def test_one_message_from_two_feeds_is_one_event():
    assert same_event(told(), told(cells=(), headline="Reworded")) is Sameness.SAME


def test_an_update_of_the_same_sender_is_the_same_event():
    first = told()
    update = told(identifier="2", references=(first.identity,), at=NOW + timedelta(days=9), infos=())
    later = told(identifier="3", references=(first.identity,), at=NOW + timedelta(days=10), cells=THERE)
    assert {same_event(first, update), same_event(update, later)} == {Sameness.SAME}


def test_anybody_can_name_anothers_message_so_that_is_only_a_hint():
    first = told()
    assert same_event(first, other(references=(first.identity,))) is Sameness.PERHAPS


def test_a_test_is_never_the_event_that_it_plays():
    first = told(story=STORY)
    drill = told(identifier="2", story=STORY, status=Status.TEST, references=(first.identity,))
    assert same_event(first, drill) is Sameness.OTHER


def test_two_facts_in_one_place_are_proof():
    one, two = told(story=STORY), other(headline="Missing child", story=STORY)
    assert why(one, two) == {"place", "plate", "story", "guess"}
    assert same_event(one, two) is Sameness.SAME


def test_what_may_be_a_name_in_two_texts_proves_nothing():
    one, two = told(story=STORY), other(story="Grey sedan, license plate ABC 123. The child is Robin Example.")
    assert why(one, two) == {"place", "plate", "guess"}
    assert same_event(one, two) is Sameness.PERHAPS


@pytest.mark.parametrize(
    "changed",
    [
        {"cells": ()},  # nobody knows where
        {"story": "License plate ABC 123."},  # one fact
        {"story": "The child is Robin Example."},
        {"story": "Nothing known yet."},  # one place at one time
    ],
)
def test_less_than_proof_is_for_an_officer(changed):
    assert same_event(told(story=STORY), other(**{"story": STORY} | changed)) is Sameness.PERHAPS


@pytest.mark.parametrize(
    "changed",
    [
        {"cells": THERE},
        {"at": NOW + timedelta(hours=49)},
        {"infos": (Info("Flood Warning", description=STORY),)},
        {"story": "Nothing known yet.", "at": NOW + timedelta(hours=7)},
    ],
)
def test_another_place_time_or_event_is_another(changed):
    assert same_event(told(story=STORY), other(**{"story": STORY} | changed)) is Sameness.OTHER


def test_two_entries_in_the_ncic_are_never_merged():
    one, two = (told(identifier=n, story=f"{STORY} NCIC # M{n}23456789") for n in "12")
    assert same_event(one, two) is Sameness.PERHAPS
    assert same_event(one, told(identifier="3", story="NCIC: m123456789; case no. 26-0042")) is Sameness.PERHAPS
    bare = (told(identifier=n, story=f"NCIC # M{n}23456789") for n in "12")
    assert same_event(*bare) is Sameness.OTHER


def test_a_record_is_known_again_in_the_words_of_a_feed(record):
    record["children"][0]["name"], record["vehicles"] = "Robin Éxample", [{"plate": "abc 123"}]
    own = told(record=Record.model_validate(record))
    assert why(own, other(story=STORY)) >= {"name", "plate"}
    assert own.case_numbers
    assert same_event(own, other(story=STORY)) is Sameness.SAME


def test_a_geohash_lies_in_every_cell_it_begins_with():
    assert "place" in why(told(cells=("9xj6qr",)), other(cells=("9xj",)))
    assert "place" not in why(told(cells=("9xj6qr",)), other(cells=("9xj7",)))


def test_words_in_capitals_and_words_of_the_trade_are_no_names():
    shouted = told(headline="", story="ROBIN EXAMPLE TAKEN BY A MAN")
    assert not shouted.guesses
    assert not told(headline="AMBER Alert. Denver Police", story="Missing Child").guesses


def test_nothing_of_the_child_stands_in_a_fingerprint():
    found = told(story=STORY)
    assert found.guesses
    assert found.plates
    assert not any(word in repr(found) for word in ("Robin", "ABC", "Main"))
    assert fingerprint(alert(story=STORY), b"another", HERE).guesses.isdisjoint(found.guesses)


FACTS = st.frozensets(st.sampled_from([b"a", b"b"]), max_size=2)
REFERENCES = st.builds(
    Reference, st.sampled_from("ab"), st.sampled_from("12"), st.integers(0, 60).map(lambda h: NOW + timedelta(hours=h))
)
PRINTS = st.builds(
    Fingerprint,
    identity=REFERENCES,
    references=st.frozensets(REFERENCES, max_size=2),
    status=st.sampled_from(["Actual", "Test"]),
    child_abduction=st.booleans(),
    cells=st.frozensets(st.sampled_from(["9", "9x", "dr"]), max_size=2),
    **dict.fromkeys(["ncic", "case_numbers", "plates", "names", "guesses", "stories"], FACTS),
)


@given(PRINTS, PRINTS)
def test_the_order_does_not_matter_and_nothing_is_merged_without_a_reason(a, b):
    found = same_event(a, b)
    assert found is same_event(b, a)
    assert same_event(a, a) is Sameness.SAME
    if found is Sameness.SAME and not why(a, b) & {"identity", "references"}:
        assert len(why(a, b)) >= 3
        bare = replace(a, ncic=frozenset(), plates=frozenset(), case_numbers=frozenset(), stories=frozenset())
        assert same_event(bare, b) is not Sameness.SAME
