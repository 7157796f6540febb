"""The edges of polygons as a chain of short chords in space, to find the nearest place on them from anywhere.

An edge is straight in lon/lat. It is cut until no chord lies farther than SAG_M from the line it stands for, and the
ends are put into space (metres from the middle of the earth). Chords are bundled by BUNDLE neighbours in a ball; a
place asks the balls first and only the chords of those that can hold the nearest. The two meridians of 180 degrees are
one there, and a pole is one point. What is found is a place on the edge, so the geodesic to it is never too short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

SAG_M = 0.1  # how far a chord may lie from its line
BUNDLE = 16
_EQUATOR_M = 6_378_137.0
_ECCENTRICITY2 = 0.006_694_379_990_14
_DEGREE_M = 111_700.0  # no degree is longer
_ROUNDING_M = 0.5  # of distances from squares of 6,000 km: much less
_PAIRS = 2_000_000  # of a place and a ball at a time


@dataclass(frozen=True, slots=True)
class Border:
    """`edges` (m, 4) as lon, lat, lon, lat; in space, by ball, `starts` and `steps` (balls, 3, BUNDLE); the balls."""

    edges: Floats
    starts: Floats
    steps: Floats
    lengths2: Floats  # (balls, BUNDLE) squared metres
    middles: Floats
    radii: Floats

    @classmethod
    def of(cls, polygons: shapely.MultiPolygon) -> Border | None:
        """The true edges of valid polygons cut at 180 degrees; None if there are none (all the earth)."""
        edges = _short(_short(_true_edges(polygons), _whole_degrees), _flat_enough)
        if not len(edges):
            return None
        missing = -len(edges) % BUNDLE
        edges = np.concatenate([edges, np.repeat(edges[-1:], missing, axis=0)])
        starts, ends = (_bundled(in_space(edges[:, side], edges[:, side + 1])) for side in (0, 2))
        corners = np.concatenate([starts, ends], axis=2)
        middles = (corners.min(axis=2) + corners.max(axis=2)) / 2
        radii = np.sqrt(((corners - middles[:, :, None]) ** 2).sum(axis=1).max(axis=1))
        steps = ends - starts
        return cls(edges, starts, steps, np.maximum((steps * steps).sum(axis=1), 1e-12), middles, radii)

    def nearest(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """(lon, lat) of the place on the edges nearest to each place."""
        found_lon, found_lat = np.empty(len(lon)), np.empty(len(lat))
        at_once = max(1, _PAIRS // max(len(self.middles), 8 * BUNDLE))
        for first in range(0, len(lon), at_once):
            rows = slice(first, first + at_once)
            found_lon[rows], found_lat[rows] = self._nearest(in_space(lon[rows], lat[rows]))
        return found_lon, found_lat

    def _nearest(self, places: Floats) -> tuple[Floats, Floats]:
        """First the ball that promises most, then all balls that could still hold something nearer."""
        least = self._least(places)
        first = least.argmin(axis=1)
        everyone = np.arange(len(places))
        away2, edge, along = self._chords(places, first)
        least[everyone, first] = np.inf
        place, ball = np.nonzero(least < np.sqrt(away2)[:, None])
        nearer2, other_edge, other_along = self._chords(places[place], ball)
        order = np.lexsort((-nearer2, place))  # the nearest of a place is written last
        order = order[nearer2[order] < away2[place[order]]]
        edge[place[order]], along[place[order]] = other_edge[order], other_along[order]
        ends = self.edges[edge]
        return tuple(ends[:, side] + along * (ends[:, side + 2] - ends[:, side]) for side in (0, 1))  # type: ignore[return-value]

    def _least(self, places: Floats) -> Floats:
        """(n, balls) metres that every chord of a ball is away from a place at least."""
        gap2 = (places**2).sum(axis=1)[:, None] + (self.middles**2).sum(axis=1)
        gap2 -= 2 * places @ self.middles.T
        np.sqrt(np.maximum(gap2, 0.0, out=gap2), out=gap2)
        gap2 -= self.radii + _ROUNDING_M
        return np.asarray(gap2)

    def _chords(self, places: Floats, balls: Rows) -> tuple[Floats, Rows, Floats]:
        """For each place the nearest chord of its ball: squared metres to it, its row, how far along it (0 to 1)."""
        offset = places[:, :, None] - self.starts[balls]
        step = self.steps[balls]
        along = np.einsum("pik,pik->pk", offset, step) / self.lengths2[balls]
        np.clip(along, 0.0, 1.0, out=along)
        offset -= along[:, None] * step
        away2 = np.einsum("pik,pik->pk", offset, offset)
        best = away2.argmin(axis=1)
        chosen = np.arange(len(places)), best
        return away2[chosen], balls * BUNDLE + best, along[chosen]


def in_space(lon: Floats, lat: Floats) -> Floats:
    """(n, 3) metres from the middle of the earth, of places on the WGS 84 ellipsoid."""
    east, north = np.radians(lon), np.radians(lat)
    normal = _EQUATOR_M / np.sqrt(1 - _ECCENTRICITY2 * np.sin(north) ** 2)
    flat = normal * np.cos(north)
    return np.column_stack([flat * np.cos(east), flat * np.sin(east), normal * (1 - _ECCENTRICITY2) * np.sin(north)])


def _bundled(points: Floats) -> Floats:
    """(n, 3) as (n / BUNDLE, 3, BUNDLE)."""
    return np.ascontiguousarray(points.reshape(-1, BUNDLE, 3).transpose(0, 2, 1))


def _true_edges(polygons: shapely.MultiPolygon) -> Floats:
    """(m, 4): all edges but those of the cut at 180 degrees that have land on both sides, and those along a pole."""
    rings = [np.asarray(ring.coords)[:, :2] for part in polygons.geoms for ring in (part.exterior, *part.interiors)]
    edges = np.concatenate([np.zeros((0, 4)), *(np.hstack([ring[:-1], ring[1:]]) for ring in rings)])
    polar = (np.abs(edges[:, 1]) == 90) & (edges[:, 1] == edges[:, 3])
    cut = (np.abs(edges[:, 0]) == 180) & (edges[:, 0] == edges[:, 2])
    return np.concatenate([edges[~polar & ~cut], _one_sided(edges[cut])])


def _one_sided(cut: Floats) -> Floats:
    """Of edges along 180 and -180, the stretches where only one of the two meridians has one."""
    if not len(cut):
        return cut
    ends = np.sort(cut[:, [1, 3]], axis=1)
    marks = np.unique(ends)
    low, high = marks[:-1], marks[1:]
    sides = [ends[cut[:, 0] == side] for side in (180.0, -180.0)]
    held = [((one[:, 0] <= low[:, None]) & (one[:, 1] >= high[:, None])).any(axis=1) for one in sides]
    lone = held[0] ^ held[1]
    meridian = np.where(held[0], 180.0, -180.0)[lone]
    return np.column_stack([meridian, low[lone], meridian, high[lone]])


def _whole_degrees(edges: Floats) -> Rows:
    degrees: Floats = np.abs(edges[:, 2:] - edges[:, :2]).max(axis=1)
    return np.ceil(degrees).astype(np.intp)


def _flat_enough(edges: Floats) -> Rows:
    """Into how many: a chord of length c on a line of curvature k lies at most c * c * k / 8 from it."""
    highest = np.radians(np.minimum(np.abs(edges[:, [1, 3]]).max(axis=1), 89.999))
    flattest = np.radians(np.abs(edges[:, [1, 3]]).min(axis=1))
    wide = np.abs(edges[:, 2] - edges[:, 0]) * np.cos(flattest)
    length_m = np.hypot(wide, edges[:, 3] - edges[:, 1]) * _DEGREE_M
    curvature = (1 + np.tan(highest)) / 6_335_000
    pieces: Floats = np.ceil(length_m * np.sqrt(curvature / (8 * SAG_M)))
    return pieces.astype(np.intp)


def _short(edges: Floats, pieces_of: Callable[[Floats], Rows]) -> Floats:
    """Each edge cut into equal pieces; one that already is short enough keeps its ends exactly."""
    if not len(edges):
        return edges
    pieces: Rows = np.maximum(pieces_of(edges), 1)
    which = np.repeat(np.arange(len(edges)), pieces)
    number = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    whole, cuts = edges[which], pieces[which][:, None]
    start = whole[:, :2] + (whole[:, 2:] - whole[:, :2]) * (number[:, None] / cuts)
    end = whole[:, :2] + (whole[:, 2:] - whole[:, :2]) * ((number[:, None] + 1) / cuts)
    return np.hstack([start, np.where(number[:, None] + 1 == cuts, whole[:, 2:], end)])
