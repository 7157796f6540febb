"""Words drawn as pixels in every script that we have letters for: the right order, the right shapes. Pure.

A line is cut into runs of one direction (UAX 9) and of one font, shaped and drawn by HarfBuzz: Pillow alone writes from
left to right and joins nothing where its optional libraries are missing. Letters that no font of ours has fall away.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import uharfbuzz as hb
from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection
from PIL import Image

from alerts.pages.poster_fonts import FALLBACKS, FAMILY, path_of

SUBPIXELS = 64  # HarfBuzz counts in 64ths of a pixel
ASCENT = 1.05  # of the size, above the base line; Devanagari and Arabic reach as far
HEIGHT = 1.28


@dataclass(frozen=True, slots=True)
class Style:
    """How words look: pixels from line to line are HEIGHT times the size; weight 400 or 700; the paragraph's direction."""

    size: int
    weight: int = 700
    rtl: bool = False

    @property
    def line_height(self) -> int:
        return round(self.size * HEIGHT)


@dataclass(frozen=True, slots=True)
class _Glyph:
    """One shape of a font, at a place on its line in 64ths of a pixel."""

    font: hb.Font
    number: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """Shaped words: their glyphs from left to right, and how wide they are in pixels."""

    glyphs: tuple[_Glyph, ...]
    width: int


def shape(text: str, style: Style) -> Line:
    """One line of text, whatever it mixes."""
    glyphs: list[_Glyph] = []
    x = 0
    for run, rtl in _in_order(text, rtl=style.rtl):
        for family, letters in _by_font(run, rtl=rtl):
            font = _font(family, style.weight, style.size)
            x = _shape_run(font, letters, glyphs, x, rtl=rtl)
    return Line(tuple(glyphs), -(-x // SUBPIXELS))


def is_rtl(text: str) -> bool:
    """Whether a text is read from right to left: its first letter that has a direction says so (UAX 9, P2)."""
    return next((one != "L" for one in map(unicodedata.bidirectional, text) if one in {"L", "R", "AL"}), False)


def wrap(text: str, style: Style, width: int) -> list[str]:
    """The text in lines of at most `width` pixels, broken between words; a longer word has its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and shape(longer, style).width <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def cut(text: str, style: Style, width: int) -> str:
    """As much of the text as fits into `width` pixels, with dots where some is missing."""
    if shape(text, style).width <= width:
        return text
    while text and shape(f"{text}…", style).width > width:
        text = text[:-1].rstrip()
    return f"{text}…"


def write(onto: Image.Image, at: tuple[int, int], line: Line, style: Style, colour: tuple[int, int, int]) -> None:
    """Draws a line; `at` is its upper left corner."""
    pen = hb.RasterDraw()
    pen.scale_factor = (SUBPIXELS, SUBPIXELS)
    for glyph in line.glyphs:
        pen.transform = (1, 0, 0, 1, glyph.x, glyph.y)
        pen.draw_glyph(glyph.font, glyph.number)
    drawn = pen.render()
    if drawn is None or not drawn.extents.width:
        return
    box = drawn.extents
    ink = Image.frombytes("L", (box.width, box.height), drawn.buffer, "raw", "L", box.stride, -1)
    base = at[1] + round(style.size * ASCENT)
    onto.paste(colour, (at[0] + box.x_origin, base - box.y_origin - box.height), ink)


def _shape_run(font: hb.Font, letters: str, glyphs: list[_Glyph], x: int, *, rtl: bool) -> int:
    """Adds the glyphs of one run from `x` on; where the next begins."""
    buffer = hb.Buffer()
    buffer.add_str(letters)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if rtl else "ltr"
    hb.shape(font, buffer)
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyphs.append(_Glyph(font, info.codepoint, x + place.x_offset, place.y_offset))
        x += place.x_advance
    return x


def _in_order(text: str, *, rtl: bool) -> list[tuple[str, bool]]:
    """Runs of one direction as they stand from left to right, and whether each is read from right to left (UAX 9, L2)."""
    direction = TextDirection.RTL if rtl else TextDirection.LTR
    letters = BidiParagraph(text=text, base_direction=direction).get_characters_with_embedding_level()
    runs = [
        (level, "".join(one.character for one in same))
        for level, same in groupby(letters, lambda one: one.embedding_level)
    ]
    for least in range(max((level for level, _ in runs), default=0), 0, -1):
        runs = _turned(runs, least)
    return [(run, level % 2 == 1) for level, run in runs]


def _turned(runs: list[tuple[int, str]], least: int) -> list[tuple[int, str]]:
    """Every stretch of runs on this level or above stands the other way round."""
    turned: list[tuple[int, str]] = []
    for high, stretch in groupby(runs, lambda run: run[0] >= least):
        part = list(stretch)
        turned += part[::-1] if high else part
    return turned


def _by_font(run: str, *, rtl: bool) -> list[tuple[str, str]]:
    """The run in pieces of one font each, from left to right; what joins two letters stays with the one before."""
    pieces: list[tuple[str, str]] = []
    for letter, family in _families(run):
        if pieces and pieces[-1][0] == family:
            pieces[-1] = (family, pieces[-1][1] + letter)
        else:
            pieces.append((family, letter))
    return pieces[::-1] if rtl else pieces


def _families(run: str) -> Iterator[tuple[str, str]]:
    family = FAMILY
    for letter in unicodedata.normalize("NFC", run):
        holding = [name for name in (family, FAMILY, *FALLBACKS) if ord(letter) in _letters(name)]
        if holding:
            family = holding[0]
            yield letter, family


@cache
def _face(family: str, weight: int) -> hb.Face:
    return hb.Face(hb.Blob.from_file_path(str(path_of(family, weight))))


@cache
def _letters(family: str) -> frozenset[int]:
    return frozenset(_face(family, 700).unicodes)


@cache
def _font(family: str, weight: int, size: int) -> hb.Font:
    font = hb.Font(_face(family, weight))
    font.scale = (size * SUBPIXELS, size * SUBPIXELS)
    return font
