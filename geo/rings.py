"""From positions as they were written to polygons inside [-180, 180]: what a ring means, and whether it is one.

Edges are straight in lon/lat. An edge whose longitudes differ by more than 180 degrees goes the short way round, as
a person looking at a globe would draw it; one of exactly 360 degrees is the whole parallel (RFC 7946 section 3.1.9
writes polar caps so). A ring that winds once around the earth holds the pole of its own hemisphere. Nothing is made
wider: what has no certain meaning is a fault.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate

from geo.faults import MAX_PARTS, TANGLED, Faults
from geo.tangles import tangled

Floats = NDArray[np.float64]
_WIDEST_PAST_180 = 60.0  # degrees: a ring written past 180 and wider than this is more likely a slip of the pen
_ROUNDING = 1e-9  # of an area: what cutting leaves behind
_MANY = 5_000  # positions from which on it pays to ask how often lines meet before asking whether they cross
_HAIR = 1e-9  # degrees, a tenth of a millimetre: a whole turn, counted in floats, may miss 360 by less
_EQUATOR_KM = 6378.137  # of WGS 84, and its eccentricity
_ECCENTRICITY = 0.081_819_190_842_6


def polygons(rings: Sequence[Floats], paths: Sequence[str], faults: Faults) -> list[shapely.Polygon]:
    """A shell and its holes, each (n, 2) closed positions, as parts inside [-180, 180]; empty where a fault was added."""
    found = [_checked(ring, path, faults) for ring, path in zip(rings, paths, strict=True)]
    usable = [part for part in found if part is not None]
    if len(usable) < len(rings):
        return []
    verbatim = shapely.Polygon(rings[0], rings[1:])
    if all(map(_as_written, rings)) and verbatim.is_valid:
        return [verbatim]
    return parts(usable[0]) if len(rings) == 1 else _without(usable[0], usable[1:], paths, faults)


def unwrap(ring: Floats) -> Floats:
    """The ring with longitudes that run on without a jump; the last may differ from the first by 360 around a pole."""
    step = np.diff(ring[:, 0])
    turn = np.where((np.abs(step) > 180) & (np.abs(step) < 360), -360.0 * np.sign(step), 0.0)
    return np.column_stack([ring[:, 0] + np.concatenate([[0.0], np.cumsum(turn)]), ring[:, 1]])


def parts(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """The polygons of any geometry, lines and points left out."""
    flat = shapely.get_parts(geometry)
    if any(part.geom_type == "GeometryCollection" for part in flat):
        flat = shapely.get_parts(flat)
    return [part for part in flat if part.geom_type == "Polygon" and not part.is_empty]


def area_km2(polygon: shapely.Geometry) -> float:
    """Square kilometres on WGS 84, by a cylinder of equal area (Snyder 1987, 3-12), on which edges are taken as straight.

    Exact along meridians and parallels; an edge of a degree across the two is off by some 0.01 % of what it bounds.
    """
    return float(shapely.area(shapely.transform(polygon, _on_cylinder)))


def _on_cylinder(positions: Floats) -> Floats:
    """Kilometres, so that areas are those on the ellipsoid."""
    sine = np.sin(np.radians(positions[:, 1]))
    part = _ECCENTRICITY * sine
    height = sine / (1 - part**2) + np.arctanh(part) / _ECCENTRICITY
    flat = [np.radians(positions[:, 0]) * _EQUATOR_KM, height * (1 - _ECCENTRICITY**2) * _EQUATOR_KM / 2]
    return np.column_stack(flat)


def _as_written(ring: Floats) -> bool:
    return bool(np.abs(ring[:, 0]).max() <= 180) and np.array_equal(unwrap(ring), ring)


def _without(
    shell: shapely.MultiPolygon, holes: list[shapely.MultiPolygon], paths: Sequence[str], faults: Faults
) -> list[shapely.Polygon]:
    """The shell without its holes, which must lie in it and apart from each other."""
    if tangled([shell, *holes]):
        faults.add("tangled", paths[0], TANGLED)
        return []
    empty = shapely.union_all(holes)
    if empty.area < sum(hole.area for hole in holes) * (1 - _ROUNDING):
        faults.add("overlapping_holes", paths[0], "The holes of this polygon overlap each other: draw them as one.")
    elif shapely.difference(empty, shell).area > _ROUNDING * empty.area:
        shapely.prepare(shell)
        wrong = [path for path, held in zip(paths[1:], shapely.covers(shell, holes), strict=True) if not held]
        faults.add("hole_outside", (wrong or paths)[0], "This hole is not inside its polygon.")
    else:
        return parts(shapely.difference(shell, empty))
    return []


def _checked(ring: Floats, path: str, faults: Faults) -> shapely.MultiPolygon | None:
    """One ring alone as an area inside [-180, 180], or None with a fault."""
    flat = unwrap(ring)
    if np.ptp(flat[:, 0]) > _WIDEST_PAST_180 and np.abs(ring[:, 0]).max() > 180:
        faults.add(
            "out_of_range", path, "A longitude lies beyond 180 degrees and the ring is too wide to be sure of it."
        )
        return None
    closed = _around_pole(flat, path, faults)
    if closed is None:
        return None
    polygon = _valid(closed, path, faults)
    return None if polygon is None else _into_range(polygon)


def _around_pole(flat: Floats, path: str, faults: Faults) -> Floats | None:
    """A ring that winds around the earth, closed over the pole of its hemisphere; any other as it is."""
    turns = round((flat[-1, 0] - flat[0, 0]) / 360)
    too_wide = np.ptp(flat[:, 0]) > 360 + _HAIR
    if turns == 0 and not too_wide:
        return flat
    if abs(turns) != 1 or too_wide or flat[:, 1].min() * flat[:, 1].max() <= 0:
        faults.add("around_the_earth", path, "This ring winds around the whole earth: split it into smaller ones.")
        return None
    pole = 90.0 if flat[0, 1] > 0 else -90.0
    over = np.array([[flat[-1, 0], pole], [flat[0, 0], pole], flat[0]])
    return np.vstack([flat, over])


def _valid(ring: Floats, path: str, faults: Faults) -> shapely.Geometry | None:
    polygon = shapely.Polygon(ring)
    if len(ring) > _MANY and tangled([polygon]):
        faults.add("tangled", path, TANGLED)
        return None
    wrong = shapely.is_valid_reason(polygon)
    if wrong == "Valid Geometry" and polygon.area > 0:
        return polygon
    if polygon.convex_hull.area == 0:
        faults.add("zero_area", path, "This ring encloses nothing: its positions lie on one line or at one place.")
        return None
    touching = _without_touches(ring)
    if touching is not None:
        said = "A ring comes back to a corner of its own: it counts as the loops it is made of."
        faults.repair("loops", path, said)
    else:
        where = wrong.partition("[")[2].rstrip("]").split()
        near = f" near {float(where[0]):.5f}, {float(where[1]):.5f} (longitude, latitude)" if len(where) >= 2 else ""
        faults.add("self_crossing", path, f"This ring crosses itself{near}: draw it so that its lines do not cross.")
    return touching


def _without_touches(ring: Floats) -> shapely.MultiPolygon | None:
    """A ring that comes back to its own corners as the loops it is made of; None if it means nothing certain.

    Loops that run the way of the whole add to it; in a single one, loops that run against it are holes. Whether that
    is a valid area is asked of the result, which costs no overlay: a tangle of lines is refused as soon as two cross.
    """
    loops = _loops(ring)
    if len(loops) > MAX_PARTS:
        return None
    whole = sum(map(_signed_area, loops))
    shells = [loop for loop in loops if _signed_area(loop) * whole > 0]
    holes = [loop for loop in loops if _signed_area(loop) * whole <= 0]
    if not shells or (holes and len(shells) > 1):
        return None
    found = shapely.MultiPolygon([shapely.Polygon(shell, holes) for shell in shells])
    return found if found.is_valid else None


def _loops(ring: Floats) -> list[Floats]:
    """The closed loops between visits of the same corner, as they close."""
    loops: list[Floats] = []
    walked: list[tuple[float, float]] = []
    at: dict[tuple[float, float], int] = {}
    for corner in map(tuple, ring.tolist()):
        if corner in at:
            loop = [*walked[at[corner] :], corner]
            for left in loop[1:-1]:
                del at[left]
            del walked[at[corner] + 1 :]
            if len(loop) > 2:  # two are the same place written twice
                loops.append(np.array(loop))
        else:
            at[corner] = len(walked)
            walked.append(corner)
    return loops


def _signed_area(loop: Floats) -> float:
    """Twice the area in square degrees; positive counterclockwise. From the first corner, to lose no digits."""
    x, y = (loop - loop[0]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def _into_range(polygon: shapely.Geometry) -> shapely.MultiPolygon:
    """Cut at 180 degrees and moved into [-180, 180]; a polygon already there keeps every coordinate."""
    west, _, east, _ = shapely.bounds(polygon)
    if west >= -180 and east <= 180:
        return shapely.MultiPolygon(parts(polygon))
    pieces: list[shapely.Polygon] = []
    for turn in range(int(np.floor((west + 180) / 360)), int(np.ceil((east - 180) / 360)) + 1):
        world = shapely.box(-180 + 360 * turn, -90, 180 + 360 * turn, 90)
        pieces += parts(translate(shapely.intersection(polygon, world), -360.0 * turn))
    return shapely.MultiPolygon(pieces)
