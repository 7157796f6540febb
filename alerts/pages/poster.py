"""The printable poster: one page of PDF, A4 or Letter, to be pinned to a wall. Pure.

Tagged (PDF 1.7, 14.8): headings, paragraphs, figures with what they show, in the order in which they are read; what is
only ornament is marked so. Letters are Noto Sans, shaped by HarfBuzz, each script with its own font, and lie in the file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

import segno
from fpdf import FPDF
from fpdf.enums import Align, TextDirection
from fpdf.prefs import ViewerPreferences
from PIL import Image, ImageOps

from alerts.pages.poster_fonts import FALLBACKS, FAMILY, faces
from alerts.pages.words import choose, direction, moment, words
from alerts.reports import PublicAlert
from notifiers.catalogues import Spoken
from notifiers.model import Text

SIZES = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}  # mm
RED, GREEN, YELLOW, NAVY, BLACK, WHITE = (
    (168, 15, 30), (10, 100, 48), (255, 212, 0), (11, 31, 75), (0, 0, 0), (255, 255, 255)
)  # fmt: skip
EDGE = 12.0  # mm that most printers leave white
PORTRAIT = (84.0, 105.0)
CODE = 38.0
FOOT = 52.0
_SHORT = 160  # letters of one line of what is known
_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which poster: A4 or Letter, the language, the page that its code leads to, the moment it is made."""

    size: str
    language: str | None
    page_url: str
    now: datetime
    spoken: Spoken  # whose words of ours are on


def draw(alert: PublicAlert, portrait: bytes | None, asked: Asked) -> bytes:
    """The PDF. `portrait` is one of our own re-encoded photos. An alert that is over: that, and nothing of the child."""
    language = choose(alert.texts, asked.language, None)
    sheet = Sheet(asked, language, alert)
    if alert.over:
        sheet.over()
    else:
        sheet.head()
        sheet.child(portrait)
        sheet.facts()
    sheet.foot()
    return bytes(sheet.output())


class Sheet(FPDF):
    """One page under the pen: what is written is tagged, from the head to the foot."""

    def __init__(self, asked: Asked, language: str, alert: PublicAlert) -> None:
        super().__init__(format=SIZES[asked.size])
        self._asked, self._alert, self._said = asked, alert, words(language, asked.spoken)
        self._text = alert.texts.get(language, Text("", ""))
        self._rtl = direction(language) == "rtl"
        self._language = language
        self._describe(language)
        self._take_fonts(language)
        self.set_margin(EDGE)
        self.set_auto_page_break(False)
        self.add_page()

    def _describe(self, language: str) -> None:
        title = self._said["over" if self._alert.over else "kicker"]
        self.set_title(title)
        self.set_lang(language)
        self.set_xmp_metadata(_XMP.format(title=escape(title)))
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)

    def _take_fonts(self, language: str) -> None:
        for family, style, path in faces():
            self.add_font(family, style, path)
        self.set_fallback_fonts(list(FALLBACKS), exact_match=True)
        self.set_font(FAMILY, size=12)
        self.set_text_shaping(True, direction=TextDirection.RTL if self._rtl else TextDirection.LTR)

    @contextmanager
    def tagged(self, kind: str, alt: str | None = None, says: str = "") -> Iterator[None]:
        """What is drawn inside is one element of the document: /H1, /P, /Figure and so on. `says`: its words, whatever
        glyphs and lines they were broken into (PDF 1.7, 14.9.4).
        """
        number = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=f"/{kind}", mcid=number, alt_text=alt)
        self._out(f"/{kind} <</MCID {number}>> BDC")
        self._out(f"/Span <</ActualText <FEFF{says.encode('utf-16-be').hex()}>>> BDC")
        yield
        self._out("EMC EMC")

    @contextmanager
    def ornament(self) -> Iterator[None]:
        """What is drawn inside says nothing: no reader tells it."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    def line(self, kind: str, text: str, size: float, *, bold: bool = False, width: float = 0, centre: bool = False) -> None:  # type: ignore[override] # fmt: skip
        """One paragraph from the pen on down, `size` in points, in the direction of its language."""
        self._take_font("B" if bold else "", size)
        align = Align.C if centre else Align.R if self._rtl else Align.L
        left, width = self.x, width or self.w - EDGE - self.x
        with self.tagged(kind, says=text):
            self.multi_cell(width, size * 0.45, text, align=align, new_x="LEFT", new_y="NEXT")
        self.set_x(left)

    def _take_font(self, style: str, size: float) -> None:
        """Said anew for every line: where one begins with a fallback font, fpdf2 says it inside q and Q, and counts on it
        after them, where it holds no more: the letters of the next line would be lost.
        """
        self.set_font(FAMILY, style, size)
        if self.current_font is not None:
            self._out(self._set_font_for_page(self.current_font, size))

    def band(self, colour: tuple[int, int, int], height: float) -> None:
        with self.ornament():
            self.set_fill_color(*colour)
            self.rect(0, self.y, self.w, height, "F")

    def head(self) -> None:
        """Exercise, if it is one; what it is."""
        self.set_y(0)
        self._exercise()
        self.band(RED, 25)
        self.set_text_color(*WHITE)
        self.set_xy(EDGE, self.y + 6)
        self.line("H1", self._said["kicker"], 32, bold=True, centre=True)
        self.set_text_color(*BLACK)

    def _exercise(self) -> None:
        if self._alert.status == "Actual":
            return
        self.band(YELLOW, 12)
        top = self.y
        self.set_xy(EDGE, top + 3)
        self.line("P", self._said["exercise"], 15, bold=True, centre=True)
        self.set_y(top + 12)

    def child(self, portrait: bytes | None) -> None:
        """The photo at the side where reading begins, beside it who it is and what is known."""
        top = self.y + 8
        left, room = EDGE, self.w - 2 * EDGE
        if portrait:
            room -= PORTRAIT[0] + 7
            left = EDGE if self._rtl else EDGE + PORTRAIT[0] + 7
            self._portrait(portrait, self.w - EDGE - PORTRAIT[0] if self._rtl else EDGE, top)
        self.set_xy(left, top - 1)
        self._names(room)
        self.set_y(max(self.y, top + PORTRAIT[1] if portrait else self.y) + 4)

    def _portrait(self, photo: bytes, x: float, y: float) -> None:
        names = " · ".join(child.name for child in self._alert.children if child.name)
        shown = self._said["photo_of"].format(name=names) if names else self._said["photo_unknown"]
        fitted = ImageOps.fit(Image.open(io.BytesIO(photo)).convert("RGB"), (912, 1140), centering=(0.5, 0.3))
        held = io.BytesIO()
        fitted.save(held, "JPEG", quality=88)
        with self.tagged("Figure", shown):
            self.image(held, x, y, *PORTRAIT)

    def _names(self, room: float) -> None:
        """As much as fits beside the photo: an older poster is worth more than a second page."""
        alert, below = self._alert, self.y + PORTRAIT[1]
        for child in alert.children or ():
            self.line("H2", child.name or self._said["missing"], 28, bold=True, width=room)
            if child.age:
                self.line("P", child.age, 17, bold=True, width=room)
            for told in child.lines:
                if self.y + 8 < below:
                    self.line("P", told[:_SHORT], 14, width=room)
        if not alert.children:
            self.line("H2", self._text.headline, 24, bold=True, width=room)
            self.line("P", self._text.body[:600], 12, width=room)

    def facts(self) -> None:
        """Vehicle and plate, where and when, whom to call: what is read from across the street."""
        for vehicle in self._alert.vehicles[:2]:
            self._vehicle(vehicle.description, vehicle.plate, vehicle.plate_state)
        self.set_x(EDGE)
        for told in self._alert.circumstances:
            if self.y < self.h - FOOT - 30:
                self.line("P", told[:_SHORT], 15)
        if self._alert.contact_telephone:
            self._call(self._alert.contact_telephone)

    def _vehicle(self, description: str, plate: str | None, state: str | None) -> None:
        self.set_x(EDGE)
        self.line("P", f"{self._said['vehicle']}: {description}", 17, bold=True)
        if not plate:
            return
        self.ln(2)
        top, wide = self.y, 110.0
        x = (self.w - wide) / 2
        with self.ornament():
            self.set_draw_color(*NAVY)
            self.set_line_width(1.4)
            self.rect(x, top, wide, 29, "D")
        self.set_text_color(*NAVY)
        self.set_xy(x, top + 2)
        self.line("P", state or self._said["plate"], 12, bold=True, width=wide, centre=True)
        self.set_xy(x, top + 9)
        self.line("P", plate, 46, bold=True, width=wide, centre=True)
        self.set_text_color(*BLACK)
        self.set_xy(EDGE, top + 33)

    def _call(self, number: str) -> None:
        self.set_y(self.h - FOOT - 25)
        self.band(GREEN, 19)
        self.set_text_color(*WHITE)
        self.set_xy(EDGE, self.y + 4)
        self.line("P", self._said["call"].format(number=number), 30, bold=True, centre=True)
        self.set_text_color(*BLACK)

    def over(self) -> None:
        """That it is over, thanks, and what to do with the others."""
        self.set_y(0)
        self._exercise()
        self.band(GREEN, 30)
        self.set_text_color(*WHITE)
        self.set_xy(EDGE, self.y + 8)
        self.line("H1", self._said["over"], 32, bold=True, centre=True)
        self.set_text_color(*BLACK)
        self.ln(20)
        expired = self._alert.over_why == "expired"
        for told in (self._said["over_expired" if expired else "over_thanks"], self._said["poster_over"]):
            self.set_x(EDGE)
            self.line("P", told, 20)
            self.ln(6)

    def foot(self) -> None:
        """The code, the address, and how to see whether the poster is genuine."""
        top = self.h - FOOT + 2
        x = self.w - EDGE - CODE if not self._rtl else EDGE
        self._code(x, top)
        self.set_xy(EDGE if not self._rtl else EDGE + CODE + 6, top)
        room = self.w - 2 * EDGE - CODE - 6
        if not self._alert.over:
            self.line("P", self._said["poster_genuine"], 11, bold=True, width=room)
            self.ln(1)
        self.set_x(EDGE if not self._rtl else EDGE + CODE + 6)
        self.line("P", self._asked.page_url, 11, width=room)
        made = self._said["poster_made"].format(at=self._apart(moment(self._asked.now, self._language)))
        issued = self._said["issued_by"].format(agency=self._apart(self._alert.agency))
        self.line("P", f"{issued} {made}.", 9, width=room)

    def _apart(self, text: str) -> str:
        """Words of another direction inside a line from right to left (UAX 9, isolates)."""
        return f"\u2068{text}\u2069" if self._rtl else text

    def _code(self, x: float, y: float) -> None:
        rows = list(segno.make(self._asked.page_url, error="m", micro=False).matrix_iter(border=2))
        step = CODE / len(rows)
        with self.tagged("Figure", self._asked.page_url):
            self.set_fill_color(*BLACK)
            for down, row in enumerate(rows):
                for across, dark in enumerate(row):
                    if dark:
                        self.rect(x + across * step, y + down * step, step + 0.02, step + 0.02, "F")
