"""What lies around an area on a map: borders of states and counties, and names of places people know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

import shapely

from geo import cities
from geo.places import Gazetteer

Box = tuple[float, float, float, float]

_MOST_COUNTIES = 60  # more would only blacken the sheet
_MOST_PLACES = 80


@dataclass(frozen=True, slots=True)
class Place:
    """A place people know by name; `inhabitants` says which names matter most."""

    name: str
    lon: float
    lat: float
    inhabitants: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """What one map shows beside the area itself: border lines, and places, the largest first."""

    states: tuple[shapely.Geometry, ...] = ()
    counties: tuple[shapely.Geometry, ...] = ()
    places: tuple[Place, ...] = ()


Counties = Callable[[], Mapping[str, shapely.Geometry]]


@dataclass(frozen=True)
class Surroundings:
    """Counties by FIPS number, read on first use (about half a second) and kept; a box is answered in milliseconds.

    Safe for threads: two that come first both read the same, and the later result stays.
    """

    read_counties: Counties = field(default=dict)

    @cached_property
    def _trees(self) -> tuple[shapely.STRtree, shapely.STRtree]:
        """States and counties. A state is the coverage of its counties: near enough to draw, and quick."""
        counties = self.read_counties()
        by_state: dict[str, list[shapely.Geometry]] = {}
        for fips, shape in counties.items():
            by_state.setdefault(fips[:2], []).append(shape)
        states = [shapely.coverage_union_all(shapes) for shapes in by_state.values()]
        return shapely.STRtree(states), shapely.STRtree(list(counties.values()))

    def within(self, box: Box) -> Scene:
        """The scene inside a box (west, south, east, north) whose west or east may pass 180."""
        windows = _windows(box)
        states, counties = self._trees
        places = [place for window in windows for place in _places(window)]
        ordered = sorted(places, key=lambda place: -place.inhabitants)[:_MOST_PLACES]
        return Scene(_lines(states, windows), _lines(counties, windows, most=_MOST_COUNTIES), tuple(ordered))


@cache
def around(gazetteer: Gazetteer) -> Surroundings:
    """The surroundings that the gazetteer knows; one for each gazetteer."""
    return Surroundings(lambda: {fips: gazetteer.get(fips).polygons for fips in gazetteer.counties})


def _windows(box: Box) -> list[Box]:
    """The box in longitudes of [-180, 180]: one, or two where it passes the antimeridian."""
    west, south, east, north = box
    if east - west >= 360.0:
        return [(-180.0, south, 180.0, north)]
    turned = [(west + turn, east + turn) for turn in (-360.0, 0.0, 360.0)]
    return [(max(w, -180.0), south, min(e, 180.0), north) for w, e in turned if w < 180.0 and e > -180.0]


def _lines(tree: shapely.STRtree, windows: list[Box], *, most: int | None = None) -> tuple[shapely.Geometry, ...]:
    """The borders in the windows as lines, each shared one once; none where they would be more than `most`."""
    rows = {int(row) for window in windows for row in tree.query(shapely.box(*window))}
    if not rows or (most is not None and len(rows) > most):
        return ()
    borders = shapely.boundary(tree.geometries.take(sorted(rows)))
    sheets = shapely.union_all([shapely.box(*window) for window in windows])
    return (shapely.line_merge(shapely.union_all(shapely.intersection(borders, sheets.buffer(0.2)))),)


def _places(window: Box) -> list[Place]:
    known = cities.load()
    rows = known.within_box(*window)[:_MOST_PLACES]
    return [
        Place(str(known.name[row]), float(known.lon[row]), float(known.lat[row]), int(known.inhabitants[row]))
        for row in rows
    ]
