"""The nearest people to an area or a place: page by page, from the page that may hold the nearest on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.bounds import Boxes, Floats
from geo.directory import Ids, Rows
from geo.pages import Pages
from geo.parts import Part
from geo.people import People

_SLACK_M, _SLACK = 1.0, 0.0005  # what `Part.metres` may be too long by, and more


def nearest(parts: Sequence[Part], pages: Pages, n: int) -> Ids:
    """At most n ids by distance, then by id; each id by its nearest place."""
    numbers = np.flatnonzero(pages.fill[: pages.used])
    bound = _least(parts, pages, numbers)
    order = np.argsort(bound)
    best = np.zeros(0, np.uint32), np.zeros(0)
    first, at_once = 0, (n >> pages.layout.shift) + 1
    while n > 0 and first < len(order) and (len(best[0]) < n or bound[order[first]] <= best[1][-1]):
        people = pages.people_of(pages.rows_of_pages(numbers[order[first : first + at_once]]))
        best = _best(np.append(best[0], people.ids), np.append(best[1], _away(parts, people)), n)
        first, at_once = first + at_once, 2 * at_once
    return best[0]


def _least(parts: Sequence[Part], pages: Pages, numbers: Rows) -> Floats:
    """Metres (pages,) that nobody of a page is nearer than."""
    boxes = Boxes(*pages.box[numbers].T)
    middle = _to_nearest_part(parts, *boxes.middle())
    return np.asarray(middle * (1 - _SLACK) - _SLACK_M - boxes.spread_m() - pages.reach_m[numbers])


def _away(parts: Sequence[Part], people: People) -> Floats:
    metres = _to_nearest_part(parts, people.lon, people.lat)
    return metres if people.radius_m is None else np.maximum(0.0, metres - people.radius_m)


def _to_nearest_part(parts: Sequence[Part], lon: Floats, lat: Floats) -> Floats:
    return np.asarray(np.minimum.reduce([part.metres(lon, lat) for part in parts]))


def _best(ids: Ids, away: Floats, n: int) -> tuple[Ids, Floats]:
    order = np.lexsort((ids, away))
    _, firsts = np.unique(ids[order], return_index=True)
    chosen = order[np.sort(firsts)[: max(n, 0)]]
    return ids[chosen], away[chosen]
