"""The drawing of an area: shapes and places in, one SVG string out. Pure; colours live in the style sheet.

Coordinates are whole quarter units of the sheet, written as relative moves: a county of a few hundred vertices
takes about a kilobyte before compression.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import shapely
from shapely import affinity

from alerts.pages.map.frame import SHEET, Frame, Position, fit, pieces
from alerts.pages.map.labels import Label, box_of, choose
from alerts.pages.map.surroundings import Place, Surroundings
from geo.shapes import Shape

_FINE = 4  # steps a sheet unit
_TURNS = (-360.0, 0.0, 360.0)
_TOLERANCE = 0.6  # sheet units that a simplified line may leave the true one: under a pixel on a phone
_PATTERNS = (
    '<defs><pattern id="m-cross" width="32" height="32" patternUnits="userSpaceOnUse">'
    '<path d="M0 0L32 32M32 0L0 32" class="m-lines"/></pattern>'
    '<pattern id="m-dots" width="28" height="28" patternUnits="userSpaceOnUse">'
    '<circle cx="14" cy="14" r="5" class="m-dot"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True)
class Captions:
    """The words on and behind the map, in the reader's language."""

    title: str
    last_seen: str = "Last seen"
    miles: bool = True


def draw(  # noqa: PLR0913 what may stand on a map, by name
    area: Shape,
    around: Surroundings | None = None,
    *,
    captions: Captions,
    last_seen: Position | None = None,
    outside: Shape | None = None,
    before: Shape | None = None,
    frame: Frame | None = None,
    marks: Sequence[tuple[Position, str]] = (),
) -> str:
    """One `<svg>` of the area in its surroundings, with `last_seen` (lon, lat) and other `marks` with their words, and a
    scale bar; what of it lies `outside` of the jurisdiction is hatched. `before`: the area that it replaces, with
    what was added and what was removed. `frame`: what is shown, instead of all of it.
    """
    marked = [*([(last_seen, captions.last_seen)] if last_seen else ()), *marks]
    frame = frame or fit(area.union(before) if before else area, [at for at, _ in marked])
    scene = around.within(frame.box) if around else None
    parts = [
        f'<svg class="map" direction="ltr" viewBox="0 0 {SHEET[0]} {SHEET[1]}" role="img" aria-label="{escape(captions.title)}">',
        f'<rect class="m-sheet" width="{SHEET[0]}" height="{SHEET[1]}"/>',
        f'<g transform="scale({1 / _FINE})">',
        _path([_on_sheet(frame, line) for line in scene.states], "m-state") if scene else "",
        _path([_on_sheet(frame, line) for line in scene.counties], "m-county") if scene else "",
        _path([_dissolved([_on_sheet(frame, piece) for piece in pieces(area)])], "m-area"),
        _path([_on_sheet(frame, piece) for piece in pieces(outside)], "m-outside") if outside else "",
        *(_compared(frame, before, area) if before else ()),
        "</g>",
        *_marks(frame, scene.places if scene else (), marked),
        _scale_bar(frame, miles=captions.miles),
        "</svg>",
    ]
    return "".join(parts)


def _compared(frame: Frame, before: Shape, after: Shape) -> list[str]:
    """What was added (crossing lines), what was removed (dots), and the border that was: told apart without colour."""
    old, new = (_dissolved([_on_sheet(frame, piece) for piece in pieces(one)]) for one in (before, after))
    return [
        _PATTERNS,
        _path([shapely.difference(new, old)], "m-added"),
        _path([shapely.difference(old, new)], "m-removed"),
        _path([old], "m-before"),
    ]


def _path(drawn: Iterable[shapely.Geometry], style: str) -> str:
    data = "".join(_moves(line, closed) for shape in drawn for line, closed in _lines(shape))
    return f'<path class="{style}" d="{data}"/>' if data else ""


def _on_sheet(frame: Frame, shape: shapely.Geometry) -> shapely.Geometry:
    """The part of `shape` near the sheet, in sheet units, with no more detail than the eye can see."""
    west, south, east, north = frame.box
    room = (east - west) / 20
    window = shapely.box(west - room, south - room, east + room, north + room)
    near = [_cut(affinity.translate(shape, xoff=turn), window) for turn in _TURNS if _meets(shape, turn, window)]
    east_scale = frame.scale * frame.squeeze
    flat = affinity.affine_transform(
        near[0] if len(near) == 1 else shapely.union_all(near),
        [east_scale, 0, 0, -frame.scale, -west * east_scale, north * frame.scale],
    )
    drawn: shapely.Geometry = shapely.simplify(flat, _TOLERANCE)
    return drawn


def _dissolved(drawn: list[shapely.Geometry]) -> shapely.Geometry:
    return drawn[0] if len(drawn) == 1 else shapely.union_all(drawn)


def _meets(shape: shapely.Geometry, turn: float, window: shapely.Geometry) -> bool:
    """Whether its box, turned, meets the window: what does not is cut away for nothing."""
    west, south, east, north = shapely.bounds(shape)
    return bool(shapely.intersects(shapely.box(west + turn, south, east + turn, north), window))


def _cut(shape: shapely.Geometry, window: shapely.Geometry) -> shapely.Geometry:
    """The part in the window; most areas lie in it whole."""
    inside = shapely.covers(window, shapely.box(*shapely.bounds(shape)))
    return shape if inside else shapely.intersection(shape, window)


def _lines(shape: shapely.Geometry) -> Iterable[tuple[Sequence[Sequence[float]], bool]]:
    """Each line of a geometry of any kind, and whether it is a ring."""
    for part in shapely.get_parts(shape):
        if part.is_empty:  # what was cut away whole
            continue
        if part.geom_type == "Polygon":
            yield from ((list(ring.coords), True) for ring in (part.exterior, *part.interiors))
        elif part.geom_type == "LineString":
            yield list(part.coords), False
        elif part.geom_type.startswith("Multi") or part.geom_type == "GeometryCollection":
            yield from _lines(part)


def _moves(line: Sequence[Sequence[float]], closed: bool) -> str:
    """Path data in whole fine steps: one absolute start, then relative steps; steps of nothing are left out."""
    steps = [(round(x * _FINE), round(y * _FINE)) for x, y, *_ in line]
    (x, y), data = steps[0], []
    for here in steps[1:-1] if closed else steps[1:]:
        if here != (x, y):
            data.append(f"{here[0] - x} {here[1] - y}")
            x, y = here
    body = " ".join(data).replace(" -", "-")
    return f"M{steps[0][0]} {steps[0][1]}l{body}{'z' if closed else ''}" if data else ""


def _marks(frame: Frame, places: Iterable[Place], marked: Iterable[tuple[Position, str]]) -> list[str]:
    taken, marks = [], []
    for at, caption in marked:
        x, y = frame.xy(*at)
        taken.append(box_of(caption + "  ", x, y))
        marks.append(_seen(x, y, caption))
    spots = [(place.name, *frame.xy(place.lon, place.lat)) for place in places]
    return [_name(label) for label in choose(spots, taken=taken)] + marks


def _name(label: Label) -> str:
    x, anchor = (label.x - 5, ' text-anchor="end"') if label.at_left else (label.x + 5, "")
    return (
        f'<circle class="m-dot" cx="{label.x:.0f}" cy="{label.y:.0f}" r="2"/>'
        f'<text class="m-name" x="{x:.0f}" y="{label.y + 4:.0f}"{anchor}>{escape(label.text)}</text>'
    )


def _seen(x: float, y: float, caption: str) -> str:
    at_left = x > SHEET[0] * 0.7
    beside, anchor = (x - 10, ' text-anchor="end"') if at_left else (x + 10, "")
    return (
        f'<circle class="m-seen" cx="{x:.0f}" cy="{y:.0f}" r="6"/>'
        f'<text class="m-name m-strong" x="{beside:.0f}" y="{y + 4:.0f}"{anchor}>{escape(caption)}</text>'
    )


def _scale_bar(frame: Frame, *, miles: bool) -> str:
    """A round number of miles or kilometres, at most a quarter of the sheet long."""
    unit_m, unit = (1609.344, "mi") if miles else (1000.0, "km")
    longest = SHEET[0] / 4 * frame.metres_a_unit / unit_m
    power = 10.0 ** math.floor(math.log10(longest))
    length = next(step * power for step in (5, 2, 1) if step * power <= longest)
    end, base = 10 + length * unit_m / frame.metres_a_unit, SHEET[1] - 10
    return (
        f'<path class="m-scale" d="M10 {base - 5}v5H{end:.1f}v-5"/>'
        f'<text class="m-unit" x="{end + 5:.0f}" y="{base}">{length:g} {unit}</text>'
    )
