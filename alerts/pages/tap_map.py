"""A map that is tapped on without a script: an image button sends where, and each tap comes nearer.

It is the address of a picture, whole in itself: an address with the place in it would be in logs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from alerts.pages import render
from alerts.pages.map import around, draw
from alerts.pages.map.frame import SHEET, Frame, Position
from alerts.pages.map.svg import Captions
from geo.places import Gazetteer
from geo.shapes import Shape

ZOOMS = 3  # taps, each four times nearer than the one before
_NEARER = 4
WIDTHS = {"small": 248, "middle": 312, "wide": 560}  # CSS pixels: how large the map is shown, by the screen
_DRAWN = (":root", "@media(prefers-color-scheme:dark){:root", ".m-")  # the style sheet's lines that a map is drawn by


@dataclass(frozen=True, slots=True)
class Spot:
    """A place tapped on the map (degrees, WGS 84), and how near the map is by now."""

    lon: float
    lat: float
    zoom: int = 1


def tapped(form: Mapping[str, str], frame: Frame) -> Spot | None:
    """Where the map was tapped, which was shown in `frame`: browsers send it in CSS pixels of the picture (HTML, image
    button). None for no tap, as for one by the keyboard, which has no place.
    """
    for name, width in WIDTHS.items():
        x, y = form.get(f"{name}.x", ""), form.get(f"{name}.y", "")
        if is_number(x) and is_number(y) and (x, y) != ("0", "0"):
            unit = SHEET[0] / width
            lon, lat = frame.position(min(int(x) * unit, SHEET[0]), min(int(y) * unit, SHEET[1]))
            return Spot(round(lon, 5), round(lat, 5))
    return None


def frame_of(whole: Frame, spot: Spot | None) -> Frame:
    """What of the map is shown: all of it, or the surroundings of what was tapped."""
    return whole.around((spot.lon, spot.lat), _NEARER**spot.zoom) if spot else whole


def nearer(before: Spot | None, now: Spot) -> Spot:
    """A tap on a map shows more of its surroundings, until it is near enough."""
    return replace(now, zoom=min(before.zoom + 1 if before else 1, ZOOMS))


def is_number(text: str) -> bool:
    """At most four digits."""
    return re.fullmatch(r"[0-9]{1,4}", text) is not None


def spot_of(lon: str, lat: str, zoom: str) -> Spot | None:
    """A place as a form carries it along; None where that is none."""
    try:
        spot = Spot(float(lon), float(lat), int(zoom))
    except ValueError:
        return None
    fits = math.isfinite(spot.lon) and abs(spot.lon) <= 180 and abs(spot.lat) <= 90 and 1 <= spot.zoom <= ZOOMS
    return spot if fits else None


def picture(
    gazetteer: Gazetteer,
    area: Shape,
    frame: Frame,
    captions: Captions,
    *,
    last_seen: Position | None = None,
    mark: tuple[Spot, str] | None = None,
) -> str:
    """What `frame` shows of the area and its surroundings, with the place that was tapped, as a data URL."""
    marks = [((mark[0].lon, mark[0].lat), mark[1])] if mark else ()
    drawn = draw(area, around(gazetteer), captions=captions, last_seen=last_seen, frame=frame, marks=marks)
    styled = f'<svg xmlns="http://www.w3.org/2000/svg" width="{SHEET[0]}" height="{SHEET[1]}"><style>{_style()}'
    return "data:image/svg+xml," + quote(drawn.replace("<svg", f"{styled}</style><svg", 1) + "</svg>")


def _style() -> str:
    lines = render.inline("base.css").splitlines()
    return "".join([line for line in lines if line.startswith(_DRAWN)]) + "text{font-family:sans-serif}"
