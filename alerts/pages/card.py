"""The picture that a shared link shows: 1200 x 630, under 300 KB, no child's name in it; later, that it is over.

In the alert's first language, in any script that the poster has letters for (`alerts.pages.lettering`); what is written
from right to left has its photo at the right.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw, ImageOps

from alerts.pages.lettering import Style, cut, is_rtl, shape, wrap, write
from alerts.pages.words import direction, words
from alerts.reports import PublicAlert
from notifiers.catalogues import ENGLISH, Spoken

SIZE = (1200, 630)
PORTRAIT = (504, 630)
RED, GREEN, WHITE, YELLOW, BLACK = (168, 15, 30), (10, 100, 48), (255, 255, 255), (255, 212, 0), (0, 0, 0)
EDGE = 56
TITLE, LINE, FOOT, EXERCISE, LEAST = 72, 44, 28, 34, 24  # sizes of letters in pixels
FOOT_AT = 524
LONGEST = 240  # letters of one text
_QUALITY = 82
# Whoever shows a shared link asks again after five minutes: then it is the card that says that it is over.
KEPT = {"cache-control": "public, max-age=300"}


@dataclass(frozen=True, slots=True)
class Column:
    """Where words may stand on a picture: from `left`, `width` pixels wide, to the side where reading begins."""

    onto: Image.Image
    left: int
    width: int
    rtl: bool

    def write(self, top: int, text: str, style: Style, colour: tuple[int, int, int] = WHITE, *, most: int) -> int:
        """Words in at most so many lines, smaller before they are cut; the height where the next may begin."""
        text = text[:LONGEST]
        while len(lines := wrap(text, style, self.width)) > most and style.size > LEAST:
            style = replace(style, size=style.size - 4)
        for one in [*lines[: most - 1], " ".join(lines[most - 1 :])]:
            line = shape(cut(one, style, self.width), style)
            left = self.left + self.width - line.width if self.rtl else self.left
            write(self.onto, (left, top), line, style, colour)
            top += style.line_height
        return top


def draw(alert: PublicAlert, portrait: bytes | None, spoken: Spoken) -> bytes:
    """JPEG of the card. `portrait` is one of our own re-encoded photos; an alert that is over has none."""
    language = next(iter(alert.texts), ENGLISH)
    said, rtl = words(language, spoken), direction(language) == "rtl"
    card = Image.new("RGB", SIZE, GREEN if alert.over else RED)
    column = _beside(card, None if alert.over else portrait, rtl=rtl)
    top = _exercise(column, said["exercise"]) if alert.status != "Actual" else 84
    title, line = (said["over"], said["over_thanks"]) if alert.over else (said["kicker"], alert.area_name)
    top = column.write(top, title, Style(TITLE, rtl=rtl), most=3) + 16
    body = Style(LINE, 400, rtl=rtl if alert.over else is_rtl(line))
    column.write(top, line, body, most=(FOOT_AT - top) // body.line_height)
    column.write(FOOT_AT, alert.agency, Style(FOOT, 400, rtl=is_rtl(alert.agency)), most=2)
    return _jpeg(card)


def _beside(card: Image.Image, portrait: bytes | None, *, rtl: bool) -> Column:
    """The portrait at the side where reading begins; what is left beside it."""
    room = SIZE[0]
    if portrait:
        room -= PORTRAIT[0]
        fitted = ImageOps.fit(Image.open(io.BytesIO(portrait)).convert("RGB"), PORTRAIT, centering=(0.5, 0.3))
        card.paste(fitted, (room if rtl else 0, 0))
    return Column(card, EDGE if rtl else SIZE[0] - room + EDGE, room - 2 * EDGE, rtl)


def _exercise(column: Column, text: str) -> int:
    band = (column.left - EDGE, 0, column.left + column.width + EDGE, 74)
    ImageDraw.Draw(column.onto).rectangle(band, fill=YELLOW)
    column.write(13, text, Style(EXERCISE, rtl=column.rtl), BLACK, most=1)
    return 116


def _jpeg(card: Image.Image) -> bytes:
    out = io.BytesIO()
    card.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
