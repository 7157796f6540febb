"""Area blocks -> one Shape: what the alert's area is on the map, or why it cannot be said.

Inside one block polygons and circles are the area; its geocodes are the coarser telling of the same thing and count
only where nothing is drawn. Several blocks, and the blocks of several languages, are a union. Nothing is widened and
nothing is left out: a part that cannot be placed is a fault of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from alerts.model import Alert, Area, MsgType, Problem, Severity
from geo import rings, shapes
from geo.faults import MAX_PARTS, MAX_PLACES, MAX_VERTICES, Fault
from geo.geojson import size_of
from geo.places import UnknownPlace
from geo.shapes import Drawn, Shape, ShapeFault

CODES = frozenset({"SAME", "FIPS", "FIPS5", "FIPS6"})  # valueNames whose values the gazetteer knows
_TINY_M, _TINY_KM2 = 2.0, 10e-6  # ten square metres
XPATH, POINTER = ("polygon", "circle", "geometry", "geocode"), ("polygons", "circles", "geojson", "same")


class Places(Protocol):
    """What is asked of a gazetteer (geo.places.Gazetteer)."""

    def get(self, code: str) -> Shape:
        """The boundary of a SAME or FIPS code; UnknownPlace says why there is none."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The area and the repairs it took (warnings, advice), or None and the reasons."""

    shape: Shape | None
    problems: tuple[Problem, ...] = ()

    @property
    def faults(self) -> tuple[Problem, ...]:
        """Why there is no area; the repairs beside them do not count when there is none."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def effective(alert: Alert, gazetteer: Places) -> Placed:
    """The one area of an alert. A cancel has none, and needs none."""
    return Placed(None) if alert.msg_type is MsgType.CANCEL else _union(list(_blocks(alert)), gazetteer)


def place(areas: Sequence[Area], gazetteer: Places) -> Placed:
    """The union of the blocks; None with every fault at once when any part cannot be placed."""
    return _union([("", area) for area in areas], gazetteer)


def _blocks(alert: Alert) -> Iterator[tuple[str, Area]]:
    """Each block once, with its path: several languages mostly repeat one area."""
    seen: list[Area] = []
    for i, info in enumerate(alert.infos, 1):
        for j, area in enumerate(info.areas, 1):
            if area not in seen:
                seen.append(area)
                yield "/area" if alert.record else f"/cap:alert/cap:info[{i}]/cap:area[{j}]", area


def _union(blocks: Sequence[tuple[str, Area]], gazetteer: Places) -> Placed:
    if not blocks:
        return Placed(None, (_fault("area-missing", "", "there is no area: without one nobody can be told"),))
    if said := _too_much([area for _, area in blocks]):
        return Placed(None, (_fault("area-too-large", "", said),))
    problems: list[Problem] = []
    found = [shape for path, area in blocks for shape in _parts(path, area, gazetteer, problems)]
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Placed(None, tuple(problems))
    try:
        whole = shapes.whole(list({id(one): one for one in found}.values()))  # a place named twice is one
    except ShapeFault as fault:  # each part is right, but not together
        return Placed(None, tuple(_fault(_kind(one.type), "", one.message) for one in fault.faults))
    if whole.is_empty:
        return Placed(None, (_fault("area-empty", "", "the area is empty"),))
    return Placed(whole, (*problems, *_tiny(whole)))


def _too_much(areas: Sequence[Area]) -> str | None:
    """Counted before anything is placed: what all blocks together may hold."""
    sizes = [size_of(area.geometry) for area in areas]
    sizes += [(1, len(ring)) for area in areas for ring in area.polygons] + [(len(area.circles), 0) for area in areas]
    if sum(parts for parts, _ in sizes) > MAX_PARTS:
        return f"an area may have at most {MAX_PARTS} polygons, holes and circles: leave the smallest out"
    if sum(positions for _, positions in sizes) > MAX_VERTICES:
        return f"an area may have at most {MAX_VERTICES} positions: simplify it"
    if len({value for area in areas for _, value in area.geocodes}) > MAX_PLACES:
        return f"an area may name at most {MAX_PLACES} counties and states: name whole states, or draw it"
    return None


def _tiny(area: Shape) -> Iterator[Problem]:
    if all(circle.radius_m < _TINY_M for circle in area.circles) and rings.area_km2(area.polygons) < _TINY_KM2:
        said = "the area is smaller than a room: hardly anybody can be inside; look whether it is the one you meant"
        yield Problem(Severity.WARNING, "area-tiny", "/area", said)


def _parts(path: str, area: Area, gazetteer: Places, problems: list[Problem]) -> list[Shape]:
    drawn = area.polygons or area.circles or area.geometry is not None
    return _drawn(path, area, problems) if drawn else _coded(path, area, gazetteer, problems)


def _drawn(path: str, area: Area, problems: list[Problem]) -> list[Shape]:
    """The drawn parts that are right; the faults of the others go to `problems`, so that all are named at once."""
    tries: list[tuple[str, Callable[..., Drawn], tuple[Any, ...]]] = [
        *((_at(path, 0, n), shapes.read_ring, (ring,)) for n, ring in enumerate(area.polygons)),
        *((_at(path, 1, n), _circle, (c.lon, c.lat, c.radius_m)) for n, c in enumerate(area.circles)),
        *([(_at(path, 2), shapes.read_geojson, (area.geometry,))] if area.geometry is not None else []),
    ]
    found = []
    for where, make, given in tries:
        try:
            drawn = make(*given)
        except ShapeFault as fault:
            problems.extend(_fault(_kind(one.type), where + one.path, one.message) for one in fault.faults)
        else:
            found.append(drawn.shape)
            problems.extend(_repair(where, one) for one in drawn.repairs)
    return found


def _circle(lon: float, lat: float, radius_m: float) -> Drawn:
    return Drawn(shapes.from_circle(lon, lat, radius_m), ())


def _repair(where: str, repair: Fault) -> Problem:
    """What could be meant otherwise is for the approver to see; the rest is advice for whoever drew it."""
    severity = Severity.WARNING if repair.type in {"closed", "overlap"} else Severity.ADVICE
    return Problem(severity, _kind(repair.type), where + repair.path, repair.message)


def _coded(path: str, area: Area, gazetteer: Places, problems: list[Problem]) -> list[Shape]:
    known = [(n, value) for n, (name, value) in enumerate(area.geocodes) if name.upper() in CODES]
    if not known:
        problems.append(_unplaced(path, area))
    found = []
    for n, value in known:
        try:
            found.append(gazetteer.get(value))
        except UnknownPlace as unknown:
            problems.append(_fault("geocode-unknown", _at(path, 3, n), f"{value[:40]}: {unknown.why}"))
    return found


def _unplaced(path: str, area: Area) -> Problem:
    if area.geocodes:
        names = ", ".join(sorted({name[:40] for name, _ in area.geocodes}))
        return _fault("geocode-unknown", path, f"has no drawn area, and only geocodes that are not known here: {names}")
    return _fault("area-unplaced", path, "has no polygon, no circle and no geocode: it cannot be found on a map")


def _at(path: str, part: int, n: int | None = None) -> str:
    """XPath (counting from 1) below a CAP message, JSON pointer (from 0) below a record."""
    if path.startswith("/cap:alert"):
        return f"{path}/cap:{XPATH[part]}" + ("" if n is None else f"[{n + 1}]")
    return f"{path}/{POINTER[part]}" + ("" if n is None else f"/{n}")


def _kind(type_: str) -> str:
    return f"area-{type_.replace('_', '-')}"


def _fault(type_: str, path: str, message: str) -> Problem:
    return Problem(Severity.ERROR, type_, path or "/area", message)
