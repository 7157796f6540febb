"""The nearest people to an area or a place: page by page, from the page that may hold the nearest on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.bounds import Floats
from geo.directory import Ids
from geo.pages import PAGE, Pages
from geo.parts import Part
from geo.people import People

_SLACK_M, _SLACK = 1.0, 0.0005  # what `Part.metres` may be too long by, and more


def nearest(parts: Sequence[Part], runs: Sequence[Pages], tail: People, version: int, n: int) -> Ids:
    """At most n ids by distance, then by id; each id by its nearest place."""
    best = _best(tail.ids, _away(parts, tail), n)
    least = [_least(parts, run) for run in runs]
    run_of = np.repeat(np.arange(len(runs)), [len(one) for one in least])
    page_of = np.concatenate([np.zeros(0, np.intp), *(np.arange(len(one)) for one in least)])
    bound = np.concatenate([np.zeros(0), *least])
    order = np.argsort(bound)
    first, pages = 0, n // PAGE + 1
    while n > 0 and first < len(order) and (len(best[0]) < n or bound[order[first]] <= best[1][-1]):
        for number in range(len(runs)):
            batch = order[first : first + pages]
            people = runs[number].on_pages(page_of[batch[run_of[batch] == number]], version)
            best = _best(np.append(best[0], people.ids), np.append(best[1], _away(parts, people)), n)
        first, pages = first + pages, 2 * pages
    return best[0]


def _least(parts: Sequence[Part], run: Pages) -> Floats:
    """Metres (pages,) that nobody of a page is nearer than."""
    middle = _to_nearest_part(parts, *run.boxes.middle())
    return np.asarray(middle * (1 - _SLACK) - _SLACK_M - run.boxes.spread_m() - run.radius_m)


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
