"""A few edges asked all at once, in numpy: which boxes they meet, and on which side of them people are.

What is known of one place of a page (the anchor) is carried to its people along a path first north or south, then east
or west; an odd number of edges on the way means the other side of the border. As geo/kernel/winding.h: a determinant
within its rounding error is in doubt. Polygons must not overlap.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from geo.bounds import Boxes, Floats, Mask

_HAIR = 1e-9  # degrees: a wider box is only ever more careful
_DETERMINANT_ERROR = 8e-16  # more than twice what its roundings come to (Shewchuk 1997, section 4)
_MEETING_ERROR = 4e-15
_SMALLEST = 1e-290  # no product here underflows to more


class Edges(NamedTuple):
    """From (ax, ay) to (bx, by), each (edges,) degrees; or (pairs, 1) of a page and an edge."""

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats

    @classmethod
    def of(cls, geometry: shapely.Geometry) -> Edges:
        corners, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(geometry)), return_index=True)
        start = np.flatnonzero(ring[1:] == ring[:-1])
        return cls(*corners[start].T, *corners[start + 1].T)

    def meet(self, boxes: Boxes) -> Mask:
        """(boxes, edges): which may meet: no line along a side of the box or along the edge parts the two."""
        (x, y), wide, high = boxes.middle(), (boxes.east - boxes.west) / 2, (boxes.north - boxes.south) / 2
        dx, dy = (self.bx - self.ax) / 2, (self.by - self.ay) / 2
        right, up = x[:, None] - (self.ax + dx), y[:, None] - (self.ay + dy)
        met = np.abs(right) <= (wide + _HAIR)[:, None] + np.abs(dx)
        met &= np.abs(up) <= (high + _HAIR)[:, None] + np.abs(dy)
        box, edge = np.nonzero(met)
        reach = (high + _HAIR)[box] * np.abs(dx[edge]) + (wide + _HAIR)[box] * np.abs(dy[edge])
        met[box, edge] = np.abs(dx[edge] * up[box, edge] - dy[edge] * right[box, edge]) <= reach * (1 + _HAIR)
        return np.asarray(met)

    def parted(self, met: Mask, x: Floats, y: Floats, anchor_x: Floats, anchor_y: Floats) -> tuple[Mask, Mask]:
        """(pages, rows): who is on the other side than the anchor of the page (pages,), and of whom that is in doubt.

        `met` (pages, edges) holds all edges that the box around the rows of a page and its anchor may meet.
        """
        page, edge = np.nonzero(met)
        pairs = Edges(*(column[edge, None] for column in self))
        odd, open_ = pairs._crossed(x[page], y[page], anchor_x[page, None], anchor_y[page, None])
        crossed, doubt = np.zeros((2, *x.shape), bool)
        number = np.arange(len(page)) - np.searchsorted(page, page)  # of the edge among those of its page
        for one in range(number.max(initial=-1) + 1):
            some = np.flatnonzero(number == one)
            crossed[page[some]] ^= odd[some]
            doubt[page[some]] |= open_[some]
        return crossed, doubt

    def _crossed(self, x: Floats, y: Floats, anchor_x: Floats, anchor_y: Floats) -> tuple[Mask, Mask]:
        """(pairs, rows): whether the way from the anchor crosses the edge, and whether that is in doubt."""
        dx, dy = self.bx - self.ax, self.by - self.ay
        low, high = np.minimum(self.ay, self.by), np.maximum(self.ay, self.by)
        error = _DETERMINANT_ERROR * (np.abs(dx) * 180.0 + np.abs(dy) * 720.0) + _SMALLEST
        side = dx * (y - self.ay)
        side -= dy * (x - self.ax)
        reached = y >= low
        passed = reached & (y < high)
        doubt = np.abs(side) <= error
        doubt &= reached & (y <= high)
        before = self.ax <= anchor_x
        crossed = ((side > 0) != ((dy > 0) != before)) & passed
        some = np.flatnonzero(before != (self.bx <= anchor_x))
        across = Edges(*(column[some] for column in self))
        crossed[some], open_ = across.turned(side[some] > 0, y[some], passed[some], anchor_x[some], anchor_y[some])
        doubt[some] |= open_
        return crossed, doubt | self._holds(anchor_x, anchor_y, error)

    def turned(self, left: Mask, y: Floats, passed: Mask, anchor_x: Floats, anchor_y: Floats) -> tuple[Mask, Mask]:
        """The same of edges that meet the anchor's meridian: the way may cross them before it turns, after, or twice."""
        dx = self.bx - self.ax
        meets_y = self.ay + (anchor_x - self.ax) / dx * (self.by - self.ay)
        hair = _MEETING_ERROR * (np.abs(self.ay) + np.abs(self.by)) + _SMALLEST
        turn, start = (y > meets_y) == (dx > 0), (anchor_y > meets_y) == (dx > 0)
        doubt = ((np.abs(y - meets_y) <= hair) & ~passed) | (np.abs(anchor_y - meets_y) <= hair)
        return (passed & (left != turn)) ^ (turn != start), doubt

    def _holds(self, x: Floats, y: Floats, error: Floats) -> Mask:
        """Whether a place is on the edge, or too near to tell."""
        side = (self.bx - self.ax) * (y - self.ay) - (self.by - self.ay) * (x - self.ax)
        between = (y >= np.minimum(self.ay, self.by)) & (y <= np.maximum(self.ay, self.by))
        return np.asarray(between & (np.abs(side) <= error))
