"""CAP's own spelling of areas to positions: the one place where lat,lon becomes (lon, lat).

CAP 1.2 section 3.2.4: a polygon is a space-delimited list of "lat,lon" pairs, at least four, the last equal to the
first; a circle is "lat,lon radius" with the radius in kilometres.
"""

from __future__ import annotations

import math
import re

from geo.circles import Circle
from geo.faults import MAX_VERTICES, Faults

Position = tuple[float, float]
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_LONGEST = 64 * MAX_VERTICES  # characters
_SHOWN = 40
_ENDLESS = frozenset({"nan", "inf", "infinity"})


def parse_cap_polygon(text: str) -> tuple[Position, ...]:
    """The positions (lon, lat) of a CAP polygon. ShapeFault with all faults; `path` is the number of the position."""
    faults = Faults()
    words = text[:_LONGEST].split()
    if len(words) > MAX_VERTICES or len(text) > _LONGEST:
        faults.add("too_many_vertices", "", f"A polygon may have at most {MAX_VERTICES} positions.")
        faults.raise_if_any()
    found = [_pair(word, f"/{place}", faults) for place, word in enumerate(words)]
    positions = tuple(pair for pair in found if pair is not None)
    if len(words) < 4:
        faults.add(
            "too_few_positions",
            "",
            f"A polygon needs at least four positions, the last equal to the first; here are {len(words)}.",
        )
    elif len(positions) == len(words) and positions[0] != positions[-1]:
        faults.add("not_closed", "", "The last position of a polygon must equal its first.")
    _check_range(positions, faults)
    faults.raise_if_any()
    return positions


def parse_cap_circle(text: str) -> Circle:
    """A CAP circle with its radius in metres. ShapeFault with all faults."""
    faults = Faults()
    words = text[:200].split()
    if len(words) != 2 or len(text) > 200:
        faults.add("malformed", "", 'A circle is written "latitude,longitude radius" with the radius in kilometres.')
        faults.raise_if_any()
    center, radius_km = _pair(words[0], "", faults), _number(words[1])
    if radius_km is None:
        faults.add("not_a_number", "", f'The radius "{words[1][:_SHOWN]}" is not a number of kilometres.')
    if center is not None:
        _check_range((center,), faults)
    faults.raise_if_any()
    lon, lat = center or (0.0, 0.0)
    return Circle(lon, lat, round((radius_km or 0.0) * 1000, 6))


def _pair(word: str, path: str, faults: Faults) -> Position | None:
    """One word "lat,lon" as (lon, lat)."""
    parts = word.split(",")
    numbers = [_number(part) for part in parts]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        if len(parts) == 2 and any(part.lstrip("+-").lower() in _ENDLESS for part in parts):
            faults.add("not_a_number", path, f'"{word[:_SHOWN]}" is no position: a place needs two finite numbers.')
            return None
        faults.add("malformed", path, f'"{word[:_SHOWN]}" is no position: write "latitude,longitude".')
        return None
    return numbers[1], numbers[0]


def _number(word: str) -> float | None:
    value = float(word) if _NUMBER.fullmatch(word) and word.isascii() else math.nan
    return value + 0.0 if math.isfinite(value) else None


def _check_range(positions: tuple[Position, ...], faults: Faults) -> None:
    wrong = [place for place, (lon, lat) in enumerate(positions) if abs(lat) > 90 or abs(lon) > 180]
    if positions and all(abs(lon) <= 90 < abs(lat) <= 180 for lon, lat in positions):
        faults.add("swapped", "", "Latitude and longitude look swapped: CAP writes latitude first.")
        return
    for place in wrong:
        lon, lat = positions[place]
        faults.add(
            "out_of_range", f"/{place}", f"{lat:g},{lon:g} is not on the earth: latitude ends at 90, longitude at 180."
        )
