"""The picture that a shared link shows: 1200 x 630, under 300 KB, no child's name in it; later, that it is over."""

from __future__ import annotations

import io
import unicodedata

from PIL import Image, ImageDraw, ImageFont, ImageOps

from alerts.pages.words import words
from alerts.reports import PublicAlert

SIZE = (1200, 630)
PORTRAIT = (504, 630)
RED, GREEN, WHITE, YELLOW, BLACK = (168, 15, 30), (10, 100, 48), (255, 255, 255), (255, 212, 0), (0, 0, 0)
_QUALITY = 82
_LINES = 5


def draw(alert: PublicAlert, portrait: bytes | None) -> bytes:
    """JPEG of the card. `portrait` is one of our own re-encoded photos; an alert that is over has none."""
    said = words(next(iter(alert.texts), "en"))
    card = Image.new("RGB", SIZE, GREEN if alert.over else RED)
    left = 60
    if portrait and not alert.over:
        card.paste(ImageOps.fit(Image.open(io.BytesIO(portrait)).convert("RGB"), PORTRAIT, centering=(0.5, 0.3)))
        left += PORTRAIT[0]
    pen = ImageDraw.Draw(card)
    top = 90
    if alert.status != "Actual":
        pen.rectangle((left - 60, 0, SIZE[0], 74), fill=YELLOW)
        pen.text((left, 16), _plain(said["exercise"]), fill=BLACK, font=ImageFont.load_default(34))
        top = 130
    title, line = (said["over"], said["over_thanks"]) if alert.over else (said["kicker"], alert.area_name)
    top = _write(pen, (left, top), title, 72)
    _write(pen, (left, top + 24), line, 44)
    pen.text(
        (left, SIZE[1] - 74),
        _cut(pen, _plain(alert.agency), 30, SIZE[0] - left - 40),
        fill=WHITE,
        font=ImageFont.load_default(30),
    )
    return _jpeg(card)


def _write(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int) -> int:
    """Words broken into lines that fit; the height where the next may begin."""
    font = ImageFont.load_default(size)
    lines, width = [""], SIZE[0] - at[0] - 40
    for word in _plain(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    top = at[1]
    for line in lines[:_LINES]:
        pen.text((at[0], top), line, fill=WHITE, font=font)
        top += round(size * 1.15)
    return top


def _cut(pen: ImageDraw.ImageDraw, text: str, size: int, width: int) -> str:
    font = ImageFont.load_default(size)
    if pen.textlength(text, font) <= width:
        return text
    while text and pen.textlength(text + "...", font) > width:
        text = text[:-1].rstrip()
    return text + "..."


def _plain(text: str) -> str:
    """The text in the letters that the font we ship has: accents fall away, dashes become hyphens."""
    letters = unicodedata.normalize("NFKD", text.replace("\N{EM DASH}", "-"))
    return letters.encode("ascii", "ignore").decode()


def _jpeg(card: Image.Image) -> bytes:
    out = io.BytesIO()
    card.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
