"""Words as pixels: every script in its order and its shapes, as another's layout engine draws them."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFont, features

from alerts.pages.lettering import Style, cut, is_rtl, shape, wrap, write
from alerts.pages.poster_fonts import path_of

SIZE, BOX = 60, (900, 90)
ARABIC, HINDI = "انتهى هذا الإنذار، شكرًا", "यह चेतावनी क्षत्रिय विद्यार्थी"
needs_raqm = pytest.mark.skipif(
    not features.check("raqm") and not os.environ.get("CI"), reason="Pillow without FriBiDi"
)


def ours(text, style):
    image = Image.new("RGB", BOX)
    write(image, (5, 5), shape(text, style), style, (255, 255, 255))
    return image.convert("L")


def theirs(text, family, *, rtl):
    """The same by Pillow with Raqm, FriBiDi and FreeType."""
    font = ImageFont.truetype(path_of(family, 700), SIZE, layout_engine=ImageFont.Layout.RAQM)
    image = Image.new("L", BOX)
    ImageDraw.Draw(image).text((5, 68), text, 255, font, anchor="ls", direction="rtl" if rtl else "ltr")
    return image


@needs_raqm
@pytest.mark.parametrize(
    ("text", "family", "rtl"),
    [("Škvor — “Ágota”", "noto", False), (ARABIC, "noto-arabic", True), (HINDI, "noto-devanagari", False)],
)
def test_each_script_looks_as_another_engine_draws_it(text, family, rtl):
    one, other = ours(text, Style(SIZE, rtl=rtl)), theirs(text, family, rtl=rtl)
    ink = sum(one.histogram()[128:])
    apart = sum(ImageChops.difference(one, other).histogram()[160:])
    assert ink > 1000
    assert apart < ink / 8
    turned = sum(ImageChops.difference(ours(text[::-1], Style(SIZE, rtl=rtl)), other).histogram()[160:])
    assert turned > ink / 4


def test_what_is_written_from_right_to_left_keeps_numbers_and_names_in_their_own_order():
    whole = shape("إنذار Denver 12", Style(SIZE, rtl=True))
    alone = shape("Denver 12", Style(SIZE))
    places = [(glyph.number, glyph.x) for glyph in whole.glyphs]
    assert places[: len(alone.glyphs)] == [(glyph.number, glyph.x) for glyph in alone.glyphs]


@pytest.mark.parametrize(
    ("text", "rtl"),
    [("Denver إنذار", False), ("12 إنذار Denver", True), ("+1 303", False), ("", False), ("שלום", True)],
)
def test_the_first_letter_says_in_which_direction_a_text_is_read(text, rtl):
    assert is_rtl(text) is rtl


def test_letters_that_no_font_has_fall_away():
    assert shape("a中b", Style(SIZE)).width == shape("ab", Style(SIZE)).width


@given(st.text(alphabet="ab é-12 إنذر चेताव् \u200d\u2067", max_size=40), st.booleans())
def test_no_text_is_too_strange_and_lines_that_are_broken_or_cut_fit(text, rtl):
    style = Style(20, rtl=rtl)
    lines = wrap(text, style, 120)
    assert " ".join(lines) == " ".join(text.split())
    assert all(shape(line, style).width <= 120 or " " not in line for line in lines)
    assert shape(cut(text, style, 60), style).width <= 60
