"""The card of a shared link: its size in bytes and pixels, its language, its sides, and nothing of the child once over."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from visitors import picture

from alerts.pages import card
from alerts.texts import over_texts
from notifiers.catalogues import ALL, NAMES
from notifiers.model import Text

ORANGE = (255, 165, 0)


def drawn(alert, portrait=None):
    return Image.open(io.BytesIO(card.draw(alert, portrait, ALL))).convert("RGB")


def ink(image, box):
    """How many pixels of a part are nearly white."""
    return sum(image.crop(box).convert("L").histogram()[230:])


def near(one, other):
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("language", NAMES)
def test_in_every_language_a_card_is_whole_in_its_own_letters(public, language):
    told = replace(public, texts={language: Text("", "")}, area_name="")
    content = card.draw(told, picture(), ALL)
    assert Image.open(io.BytesIO(content)).size == (1200, 630)
    assert len(content) < 300_000
    beside = (0, 84, 696, 400) if language == "ar" else (504, 84, 1200, 400)
    assert ink(drawn(told, picture()), beside) > 5_000


def test_what_is_read_from_right_to_left_has_its_photo_at_the_right(public):
    arabic = drawn(replace(public, texts={"ar": Text("", "")}), picture())
    english = drawn(public, picture())
    assert near(arabic.getpixel((1190, 600)), ORANGE)
    assert near(arabic.getpixel((10, 600)), card.RED)
    assert near(english.getpixel((10, 600)), ORANGE)
    assert near(english.getpixel((1190, 600)), card.RED)


def test_long_names_of_places_and_agencies_run_neither_out_nor_into_each_other(public):
    long = replace(public, area_name="Llanfairpwllgwyngyll " * 30, agency="Bureau of Everything " * 20)
    image = drawn(long, picture())
    assert ink(image, (1150, 0, 1200, 630)) == 0
    assert ink(image, (504, card.FOOT_AT - 6, 1200, card.FOOT_AT + 2)) == 0


@pytest.mark.parametrize("language", ["en", "ar", "hi"])
def test_once_over_it_is_green_says_so_in_the_alerts_language_and_shows_nothing_of_the_child(public, language):
    over = replace(public, over=True, over_why="cancelled", texts=over_texts([language]))
    image = drawn(over, picture())
    assert all(near(image.getpixel(at), card.GREEN) for at in ((10, 600), (1190, 600), (250, 20)))
    assert ink(image, (0, 60, 1200, 400)) > 5_000
    assert card.draw(over, None, ALL) == card.draw(replace(over, children=public.children), picture(), ALL)


def test_an_exercise_is_marked_and_no_language_says_what_another_does(public):
    assert near(drawn(replace(public, status="Exercise")).getpixel((1190, 10)), card.YELLOW)
    cards = {card.draw(replace(public, texts={language: Text("", "")}), None, ALL) for language in NAMES}
    assert len(cards) == len(NAMES)
