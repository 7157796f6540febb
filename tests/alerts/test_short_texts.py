"""The short texts: within their limits in every language, whole parts only, and nothing that is not known."""

from __future__ import annotations

import pytest
from desk import NOW
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import errors, texts, validation
from alerts.programme import US_AMBER
from alerts.record import Record
from alerts.record_example import EXAMPLE
from alerts.short_texts import short_texts
from alerts.vocabulary import words as words_of
from alerts.wireless import LONG, PUSH_BODY, PUSH_TITLE, SHORT, fitted, septets, strange, to_gsm7
from notifiers import catalogues
from notifiers.channels.gsm import Alphabet, alphabet_of

REAL = Record.model_validate(EXAMPLE | {"status": "Actual"})
EACH = pytest.mark.parametrize("language", sorted(catalogues.NAMES))
WRITTEN = [language for language in catalogues.NAMES if language not in {"ar", "hi"}]


def test_english_at_90_says_who_is_missing_the_plate_and_whom_to_call() -> None:
    said = short_texts(REAL, "en")
    assert said.wireless_90 == "Missing child: Robin Example, 7 years old. Plate EX4MPLE. Call +1 916 555 0100."
    assert "Silver 2012 Toyota Corolla four-door sedan, plate EX4MPLE (California)." in said.wireless_360
    assert said.wireless_360.endswith("Do not approach. Call +1 916 555 0100.")
    assert said.push_title == "Missing child: Robin Example, 7 years old"
    assert "Missing child" not in said.push_body


def test_spanish_loses_the_accents_the_alphabet_lacks_and_keeps_those_it_has() -> None:
    assert to_gsm7("¿Vio a la niña Inés? Cabello rubio, última vez: Bogotá") == (
        "¿Vio a la niña Inés? Cabello rubio, ultima vez: Bogota"
    )


@pytest.mark.parametrize("language", ["ar", "hi"])
def test_a_script_outside_the_alphabet_has_no_wireless_text_and_has_push(language: str) -> None:
    said = short_texts(REAL, language)
    assert (said.wireless_90, said.wireless_360) == ("", "")
    assert said.push_title
    assert said.push_body
    assert strange("طفل") == ("ط", "ف", "ل")


@EACH
def test_what_is_not_known_is_not_said(language: str) -> None:
    little = {"children": [{"age": 3, "sex": "male"}], "suspects": [], "vehicles": [], "texts": {}}
    record = Record.model_validate(EXAMPLE | little | {"abduction": {"at": EXAMPLE["abduction"]["at"], "place": "P"}})
    said, words = texts.from_record(record, language), words_of(language)
    whole = f"{said.headline} {said.body} {said.wireless_360} {said.push_title} {said.push_body} {said.instruction}"
    for name in ("vehicle", "plate", "suspect", "clothing", "hair", "travel", "keep_away", "seen_vehicle"):
        assert words[name].lower() not in whole.lower()


NAMES = st.text("abcdefghij áéíÑñ{}€🙂عह", min_size=1, max_size=60).filter(str.strip)


@settings(max_examples=200, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=6), NAMES, st.sampled_from(sorted(catalogues.NAMES)), st.booleans())
def test_every_text_keeps_its_limit_whatever_is_known(names: list[str], place: str, language: str, real: bool) -> None:
    children = [{"name": name, "age": 5, "clothing": place * 3} for name in names]
    given_record = EXAMPLE | {"children": children, "abduction": EXAMPLE["abduction"] | {"place": place}}
    record = Record.model_validate(given_record | {"status": "Actual" if real else "Exercise"})
    said = short_texts(record, language)
    for text, most in ((said.wireless_90, SHORT), (said.wireless_360, LONG)):
        assert septets(text) <= most
        assert bool(text) is (language in WRITTEN)
        assert alphabet_of(text) is Alphabet.GSM7
    assert 0 < len(said.push_title) <= PUSH_TITLE
    assert 0 < len(said.push_body) <= PUSH_BODY


@given(st.lists(st.tuples(st.integers(0, 4), st.text("ab", min_size=1, max_size=9)), max_size=12), st.integers(0, 40))
def test_parts_are_chosen_whole(steps: list[tuple[int, str]], most: int) -> None:
    said = fitted(steps, most, len)
    assert len(said) <= most
    assert all(word in {text for _, text in steps} for word in said.split())


@given(st.text(max_size=80))
def test_the_alphabet_takes_all_or_names_what_it_lacks(text: str) -> None:
    written = to_gsm7(text)
    assert (written is None) is bool(strange(text))
    assert written is None or to_gsm7(written) == written


def test_of_several_children_nobody_is_dressed_and_all_are_named_where_there_is_room() -> None:
    two = [{"name": "Robin Example", "age": 7, "clothing": "red"}, {"name": "Alex Example", "age": 4}]
    said = short_texts(Record.model_validate(EXAMPLE | {"status": "Actual", "children": two}), "en")
    assert said.wireless_360.startswith("Missing children: Robin Example, 7 years old; Alex Example, 4 years old.")
    assert "Wearing" not in said.wireless_360


def test_a_drill_says_so_within_the_limit() -> None:
    drill = REAL.model_copy(update={"status": "Exercise"})
    assert short_texts(drill, "es").wireless_90.startswith("SIMULACRO: Menor desaparecido")
    assert short_texts(drill, "de").push_title.startswith("ÜBUNG: ")


def test_an_officers_short_texts_are_used_as_written_but_for_the_alphabet_and_the_mark(read, record) -> None:
    record["texts"] = {"en": {"wireless_90": "Look for José\u2019s red car", "push_title": "Look out"}}
    said = texts.texts(read(record).alert)["en"]
    assert said.wireless_90 == "EXERCISE: Look for José's red car"
    assert said.push_title == "EXERCISE: Look out"
    assert said.wireless_360.startswith("EXERCISE: Missing child")


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("wireless_90", "x" * 91, "90 characters"),
        ("wireless_90", "x" * 81, "90 characters"),  # with EXERCISE: before it
        ("wireless_90", "{" * 46, "90 characters"),  # two places each
        ("wireless_360", "طفل", "does not know ط ف ل"),
        ("wireless_360", "x" * 361, "360 characters"),
        ("push_title", "x" * 66, "65 characters"),
        ("push_body", "x" * 241, "240 characters"),
    ],
)
def test_an_edited_text_beyond_its_medium_is_refused_where_it_stands(read, record, name, text, word) -> None:
    record["texts"] = {"en": {name: text}}
    try:
        found = read(record)
    except errors.Refused as refusal:
        problems = refusal.problems
    else:
        problems = validation.check(found.alert, US_AMBER, None, None, NOW)
    assert [(p.path, word in p.message) for p in problems] == [(f"/texts/en/{name}", True)]
