"""Abbreviations: what is certain is written out, what is not is refused by its name, and filler is no knowledge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import errors
from alerts.abbreviations import FILLERS, MEANS, MEANS_IN_CAPITALS, UNREADABLE
from alerts.model import Severity
from alerts.plain_words import is_filler, shortened, spelled, unreadable

ALL = sorted([*MEANS, *MEANS_IN_CAPITALS, *UNREADABLE])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("gry Toyt", "gray Toyota"),
        ("BLK hair", "black hair"),
        ("GRY/BLK", "gray/black"),
        ("LIC/ABC123", "license plate ABC123"),
        ("W/M, 7 yo", "white male, 7 years old"),
        ("LSW red coat w/ BLU jeans", "last seen wearing red coat with blue jeans"),
        ("n/b on I-5", "northbound on I-5"),
        ("4dr sedan.", "four-door sedan."),
    ],
)
def test_what_is_certain_is_written_out(written: str, read: str) -> None:
    assert spelled(written) == read
    assert not shortened(read)


@pytest.mark.parametrize(
    "text",
    ["yo vi al niño", "NOT FAR FROM DEL MAR", "SW 5th Avenue", "ford", "bro", "a four-door sedan", "BMW", "KIA", "GMC"],
)
def test_words_and_names_are_left_alone(text: str) -> None:
    assert spelled(text) == text
    assert not shortened(text)


@given(st.lists(st.sampled_from([*ALL, "red", "car", "and"]), min_size=1, max_size=6).map(" ".join))
def test_writing_out_is_done_once_and_for_all(text: str) -> None:
    assert spelled(spelled(text)) == spelled(text)
    assert set(shortened(spelled(text))) == set(unreadable(text))


@pytest.mark.parametrize("text", sorted(FILLERS))
def test_filler_is_seen_in_any_case(text: str) -> None:
    assert is_filler(text.upper())
    assert not is_filler(f"{text} red car")


def refused(read, record) -> dict[str, str]:
    with pytest.raises(errors.Refused) as caught:
        read(record)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_the_record_is_kept_written_out_and_the_officer_is_told(read, record) -> None:
    record["vehicles"] = [{"colour": "gry", "make": "Toyt"}]
    found = read(record)
    assert found.alert.record.vehicles[0].make == "Toyota"
    assert "gray Toyota" in found.alert.infos[0].description
    told = [(p.severity, p.path) for p in found.problems]
    assert told == [(Severity.ADVICE, "/vehicles/0/colour"), (Severity.ADVICE, "/vehicles/0/make")]


def test_every_word_nobody_can_read_is_named_where_it_stands(read, record) -> None:
    record["children"][0] |= {"clothing": "NFD", "eyes": "unknown", "name": "n/a"}
    record["abduction"]["circumstances"] = "RP saw SUSP leave EB"
    record["vehicles"][0]["plate_region"] = "CO"
    record["photos"] = [{"photo_id": 4, "description": "UNSUB"}]
    found = refused(read, record)
    assert found.keys() == {
        "/children/0/clothing", "/children/0/eyes", "/children/0/name", "/abduction/circumstances",
        "/vehicles/0/plate_region", "/photos/0/description",
    }  # fmt: skip
    assert "RP, SUSP, EB" in found["/abduction/circumstances"]
    assert "leave out" in found["/children/0/eyes"]


def test_an_officers_own_words_are_not_changed_so_nothing_short_passes_in_them(read, record) -> None:
    record["texts"] = {"en": {"headline": "gry Toyt LIC/ABC", "push_body": "W/M w/ hat"}, "es": {"instruction": "DOB"}}
    found = refused(read, record)
    assert found.keys() == {"/texts/en/headline", "/texts/en/push_body", "/texts/es/instruction"}
    assert "W/M (white male), w/ (with)" in found["/texts/en/push_body"]
    assert "gry (gray), Toyt (Toyota), LIC (license plate)" in found["/texts/en/headline"]


def test_a_name_is_never_rewritten(read, record) -> None:
    record["children"][0]["name"] = "Veh Poss"
    assert read(record).alert.record.children[0].name == "Veh Poss"
