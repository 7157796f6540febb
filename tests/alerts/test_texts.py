"""What people read: plain words, both languages whole, and not a word about what is not known."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from alerts import describing, texts
from alerts.model import Alert, Area, Info, MsgType, Status
from alerts.record import Child, Record, Suspect, Vehicle
from alerts.record_example import EXAMPLE
from alerts.vocabulary import words
from geo.shapes import Circle
from notifiers import catalogues
from notifiers.catalogues import NAMES

FULL = Record.model_validate(EXAMPLE)
DAY = date(2026, 1, 15)
LITTLE = Record.model_validate(
    EXAMPLE | {"children": [{"age": 3, "sex": "male"}], "suspects": [], "vehicles": [], "texts": {}}
)


def test_english_says_it_in_plain_words() -> None:
    said = texts.from_record(FULL, "en")
    assert said.headline == "Missing child: Robin Example, 7 years old"
    first, seen, suspect, vehicle = said.body.split("\n")
    assert first.startswith("Robin Example, girl, 7 years old. Height: 1.22 m (4 ft 0 in). Weight: 24 kg (53 lb).")
    assert seen.startswith("Last seen: Example Park, Sacramento, January 15, 2026 at 3:40 PM.")
    assert suspect.startswith("Suspect: Max Example, man, 41 years old.")
    assert vehicle == "Vehicle: silver 2012 Toyota Corolla four-door sedan, plate EX4MPLE (California)."


def test_spanish_says_the_same_in_spanish() -> None:
    said = texts.from_record(FULL, "es-US")
    assert said.headline == "Menor desaparecido: Robin Example, 7 años"
    assert "15 de enero de 2026, 15:40" in said.body
    assert said.instruction.startswith("No se acerque. Si ve ")


@pytest.mark.parametrize(
    ("language", "height"), [("en", "1.22 m"), ("fr-CA", "1,22 m"), ("de", "1,22 m"), ("ar", "1.22 m")]
)
def test_a_height_has_the_decimal_mark_of_its_language(language, height) -> None:
    assert f" {height} (4 ft 0 in)" in texts.from_record(FULL, language).body


def test_what_is_not_known_produces_no_word() -> None:
    said = texts.from_record(LITTLE, "en")
    assert said.headline == "Missing child: boy, 3 years old"
    assert said.body.split("\n")[0] == "boy, 3 years old."
    for word in ("ehicle", "uspect", "None", "unknown", "approach"):
        assert word not in said.headline + said.body + said.instruction


@pytest.mark.parametrize(
    ("language", "headline"),
    [
        ("en", "The search area no longer includes the place you chose"),
        ("es-US", "El lugar que eligió ya no está en la zona de búsqueda"),
        ("ko", "The search area no longer includes the place you chose"),
    ],
)
def test_who_is_inside_no_longer_is_told_that_first_and_which_alert_it_is(language, headline) -> None:
    update = texts.from_record(FULL, language)
    said = texts.outside_texts({language: update})[language]
    assert (said.headline, said.instruction) == (headline, update.instruction)
    assert update.headline in said.body
    assert update.body not in said.body


def test_an_officers_own_words_replace_the_made_ones() -> None:
    said = texts.from_record(FULL, "en-US")
    assert said.instruction == "Do not approach. Call 911 or the number below."
    assert said.headline.startswith("Missing child")


def test_a_language_without_words_reads_english() -> None:
    assert words("ko") is words("en")
    assert texts.from_record(LITTLE, "ko").headline == texts.from_record(LITTLE, "en").headline


@pytest.mark.parametrize("language", sorted(NAMES))
def test_a_language_is_whole(language: str) -> None:
    said = words(language)
    assert len(said["months"].split()) == 12
    written = (catalogues.HERE / ("words.pot" if language == "en" else f"{language}.po")).read_text()
    assert [key for key in words("en") if f'msgctxt "text_{key}"' not in written] == []


def test_a_headline_is_never_too_long() -> None:
    many = [{"name": "A Very Long Name " * 5, "age": 5}] * 9
    for children in (many, [{"name": "x" * 200, "age": 5}]):
        headline = texts.headline(Record.model_validate(EXAMPLE | {"children": children}), "en")
        assert 0 < len(headline) <= texts.HEADLINE_LENGTH


@pytest.mark.parametrize(("why", "word"), [("cancelled", "stop looking"), ("expired", "stop looking")])
def test_the_end_is_told_without_a_word_of_the_child(why: str, word: str) -> None:
    said = texts.over_texts(("en", "es", "ko"), why)
    assert list(said) == ["en", "es", "ko"]
    assert word in said["en"].body
    assert "Robin" not in repr(said)


def test_a_message_is_told_in_its_own_words_without_the_indentation_of_its_xml() -> None:
    info = Info(event="Child Abduction", description="one\n        line\nnext", areas=(Area("LA\n   County"),))
    alert = Alert("i", "s", datetime(2026, 1, 1, tzinfo=UTC), Status.TEST, MsgType.ALERT, infos=(info, info))
    assert list(texts.texts(alert)) == ["en-US"]
    said = texts.texts(alert)["en-US"]
    assert (said.headline, said.body, said.area_name) == ("Child Abduction", "one line\nnext", "LA County")


@pytest.mark.parametrize(
    ("born", "on", "expected"),
    [
        (date(2018, 1, 15), DAY, 8),
        (date(2018, 1, 16), DAY, 7),
        (date(2020, 2, 29), date(2026, 2, 28), 5),
        (date(2026, 1, 15), DAY, 0),
    ],
)
def test_ages_are_completed_years(born: date, on: date, expected: int) -> None:
    assert describing.years(Child(birth_date=born), on) == expected


@pytest.mark.parametrize(
    ("years", "said"), [(0, "under 1 year old"), (1, "1 year old"), (17, "17 years old"), (None, None)]
)
def test_ages_read_well(years: int | None, said: str | None) -> None:
    assert describing.age(Child(age=years), DAY, "en") == said


def test_who_is_grown_up_is_no_girl_or_boy() -> None:
    assert describing.sex(Suspect(sex="male"), DAY, "en") == "man"
    assert describing.sex(Suspect(sex="female", age=17), DAY, "en") == "girl"
    assert describing.sex(Child(sex="female"), DAY, "es") == "niña"


def test_a_dangerous_suspect_is_said_to_be_so() -> None:
    lines = describing.person_lines(Suspect(relation="father", armed_or_dangerous=True), "en")
    assert lines == ("Relation to the child: father", "May be armed or dangerous")


def test_a_vehicle_is_one_line_with_or_without_its_plate() -> None:
    car = Vehicle(colour="red", make="Ford", plate="ABC 123", marks="a dent")
    assert describing.vehicle_line(car) == "red Ford, plate ABC 123; a dent"
    assert describing.vehicle_line(car, plate=False) == "red Ford; a dent"
    assert describing.vehicle_line(Vehicle(plate="ABC 123"), language="es") == "placa ABC 123"


def test_a_place_in_latin_letters_takes_no_number_out_of_an_arabic_date() -> None:
    """UAX 9: a number after Latin letters is read with them, unless a mark of direction stands between."""
    assert "Sacramento، \u200f15 " in describing.circumstances(FULL, "ar")[0]


def test_what_cap_says_of_an_area_that_nobody_named_is_told_to_nobody() -> None:
    areas = tuple(Area(name, circles=(Circle(0, 0, 1),)) for name in (texts.UNNAMED, "Denver", "Denver"))
    assert texts._from_info(Info("Child Abduction Emergency", areas=areas)).area_name == "Denver"
