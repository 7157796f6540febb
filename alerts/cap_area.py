"""CAP's polygons and circles: text -> positions that enclose something, on the earth, and not the whole of it.

The text is taken apart in `geo.cap_text`, the one place where lat,lon becomes (lon, lat). Most rings are plain, and a
quick look is enough; what is not is asked of `geo.shapes`, which names every fault. Source: CAP 1.2 section 3.2.4.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from alerts.cap_faults import Faults, shown

if TYPE_CHECKING:  # numpy and shapely are for messages with shapes
    from geo.circles import Circle
    from geo.faults import ShapeFault

Position = tuple[float, float]  # lon, lat
AROUND_COMMA = re.compile(r"\s*,\s*")
PLAIN_WIDTH = 20.0  # degrees: a ring narrower than this, between PLAIN_LAT north and south, is far from too large
PLAIN_LAT = 70.0
PLAIN_COUNT = 1_000
PLAIN_RADIUS_M = 500_000.0
KINDS = {
    "not_closed": "not-closed",
    "too_few_positions": "too-few-points",
    "too_many_vertices": "too-many-points",
    "out_of_range": "out-of-range",
    "not_a_number": "not-a-number",
    "self_crossing": "self-crossing",
    "zero_area": "zero-area",
    "too_large": "too-large",
    "around_the_earth": "too-large",
}


def polygon(text: str, path: str, faults: Faults) -> tuple[Position, ...] | None:
    """The positions of one polygon, closed; None where it cannot be taken."""
    from geo.cap_text import parse_cap_polygon
    from geo.faults import ShapeFault

    words = _words("polygon", text, path, faults)
    if len(words) > 2 and _point(words[0]) != _point(words[-1]):
        said = f"the polygon is not closed: its last point {shown(words[-1])} must be its first, {shown(words[0])}"
        faults.bent("polygon-not-closed", path, said)
        words.append(words[0])
    try:
        positions = parse_cap_polygon(" ".join(words))
        _look(positions)
    except ShapeFault as fault:
        _tell("polygon", path, fault, faults)
        return None
    return positions


def circle(text: str, path: str, faults: Faults, *, point_will_do: bool = False) -> Circle | None:
    """One circle. `point_will_do`: a radius of 0 says where something was, and nobody there has to do anything."""
    from geo.cap_text import parse_cap_circle
    from geo.faults import ShapeFault
    from geo.shapes import from_circle

    words = _words("circle", text, path, faults)
    try:
        found = parse_cap_circle(" ".join(words))
        if found.radius_m == 0:
            said = "the circle has a radius of 0: it is a point, and holds nobody"
            (faults.warn if point_will_do else faults.error)("circle-zero-area", path, said)
            return found if point_will_do else None
        if found.radius_m < 0:
            faults.error("circle-negative", path, f"the radius {shown(words[1])} is negative")
            return None
        if found.radius_m > PLAIN_RADIUS_M:
            from_circle(found.lon, found.lat, found.radius_m)
    except ShapeFault as fault:
        _tell("circle", path, fault, faults)
        return None
    return found


def _words(name: str, text: str, path: str, faults: Faults) -> list[str]:
    """The text at its white space. A space around a comma, tabs and line breaks mean nothing, and are told."""
    if re.search(r"\s,|,\s", text):
        faults.bent(
            f"{name}-comma-space", path, f"there are spaces around commas in this {name}: write latitude,longitude"
        )
        text = AROUND_COMMA.sub(",", text)
    if re.search(r"\s\s|[^\S ]", text):
        faults.odd(
            f"{name}-spaces", path, f"there are tabs, line breaks or several spaces in this {name}: one space will do"
        )
    return text.split()


def _point(word: str) -> tuple[float, ...] | str:
    try:
        return tuple(float(number) for number in word.split(","))
    except ValueError:
        return word


def _look(ring: tuple[Position, ...]) -> None:
    """Raises ShapeFault where the ring does not enclose an area."""
    if not _is_plain(ring):
        from geo.shapes import read_ring

        read_ring(ring)


def _is_plain(ring: tuple[Position, ...]) -> bool:
    """A ring that is right at a glance: small enough, far from poles and from 180 degrees, and not crossing itself."""
    if len(ring) > PLAIN_COUNT or len({*ring}) < 3:
        return False
    lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
    if max(lons) - min(lons) > PLAIN_WIDTH or max(map(abs, lats)) > PLAIN_LAT or max(lats) - min(lats) > PLAIN_WIDTH:
        return False
    import shapely

    drawn = shapely.Polygon(ring)
    return bool(drawn.is_valid) and drawn.area > 0


def rough_km2(rings: list[tuple[Position, ...]], circles: list[Circle]) -> float:
    """Square kilometres of all of them, to a few percent: to see that together they are not the world."""
    return sum(map(_ring_km2, rings)) + sum(math.pi * (one.radius_m / 1000) ** 2 for one in circles)


def _ring_km2(ring: tuple[Position, ...]) -> float:
    """On a sphere, by a cylinder of equal area."""
    flat = [(math.radians(lon), math.sin(math.radians(lat))) for lon, lat in ring]
    twice = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(flat))
    return abs(twice) / 2 * 6371.0**2


def _tell(name: str, path: str, fault: ShapeFault, faults: Faults) -> None:
    """The faults of one shape; the number of a position is told in words."""
    for one in fault.faults:
        kind = KINDS.get(one.type, one.type.replace("_", "-"))
        number = one.path.removeprefix("/")
        at = f"point {int(number) + 1}: " if number.isdigit() else ""
        faults.error(f"{name}-{kind}", path, at + one.message[:1].lower() + one.message[1:].rstrip("."))
