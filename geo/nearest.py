"""The nearest people to an area or a place: whoever touches it, then node by node from that which may hold the nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.bounds import Boxes, Floats, Mask
from geo.directory import Ids, Rows
from geo.pages import FAN, Pages
from geo.parts import Part

_SLACK_M, _SLACK = 1.0, 0.0005  # what `Part.metres` may be too long by, and more
_PAGES = -1  # the level below the lowest of the tree
_AT_ONCE = 16  # nodes opened together


def nearest(parts: Sequence[Part], pages: Pages, touching: Ids, n: int) -> Ids:
    """At most n ids by distance, then by id; each id by its nearest place. `touching` are those who touch the parts."""
    if n <= 0 or not parts:
        return touching[:0]
    if len(touching) >= n:
        return np.sort(np.partition(touching, n - 1)[:n])
    search = _Search(parts, pages, n, np.sort(touching), np.zeros(len(touching)))
    search.put(len(pages.levels) - 1, np.arange(len(pages.levels[-1][1])))
    while search.open_next():
        pass
    return search.ids


@dataclass
class _Search:
    """The best so far, and what may hold better: nodes by level, each with the metres that nobody there is nearer than."""

    parts: Sequence[Part]
    pages: Pages
    n: int
    ids: Ids
    away: Floats
    bound: Floats = field(default_factory=lambda: np.zeros(0))
    level: Rows = field(default_factory=lambda: np.zeros(0, np.intp))
    number: Rows = field(default_factory=lambda: np.zeros(0, np.intp))

    def open_next(self) -> bool:
        """Opens those that promise most; false if none can hold anybody better."""
        if len(self.ids) == self.n:
            self._keep(self.bound <= self.away[-1])
        order = np.argsort(self.bound, kind="stable")[
            : max(_AT_ONCE, (self.n - len(self.ids)) >> self.pages.layout.shift)
        ]
        level, number = self.level[order], self.number[order]
        self._keep(~np.isin(np.arange(len(self.bound)), order))
        for one in np.unique(level).tolist():
            self._open(one, number[level == one])
        return len(order) > 0

    def put(self, level: int, numbers: Rows) -> None:
        box, reach_m = (self.pages.box, self.pages.reach_m) if level == _PAGES else self.pages.levels[level]
        numbers = numbers[box[numbers, 0] <= box[numbers, 2]]
        boxes = Boxes(*box[numbers].T)
        middle = _metres(self.parts, *boxes.middle())
        bound = middle * (1 - _SLACK) - _SLACK_M - boxes.spread_m() - reach_m[numbers]
        self.bound = np.append(self.bound, bound)
        self.level = np.append(self.level, np.full(len(numbers), level))
        self.number = np.append(self.number, numbers)

    def _keep(self, which: Mask) -> None:
        self.bound, self.level, self.number = self.bound[which], self.level[which], self.number[which]

    def _open(self, level: int, numbers: Rows) -> None:
        if level == _PAGES:
            self._ask(numbers)
            return
        below = self.pages.primary if level == 0 else len(self.pages.levels[level - 1][1])
        children = (numbers[:, None] * FAN + np.arange(FAN)).ravel()
        children = children[children < below]
        if level == 0:
            home = self.pages.home[self.pages.primary : self.pages.used]
            children = np.append(children, self.pages.primary + np.flatnonzero(np.isin(home, children)))
            children = children[self.pages.fill[children] > 0]
        self.put(level - 1, children)

    def _ask(self, numbers: Rows) -> None:
        people = self.pages.people_of(self.pages.rows_of_pages(numbers))
        people = people.take(~np.isin(people.ids, self.ids[self.away == 0]))
        metres = _metres(self.parts, people.lon, people.lat)
        away = metres if people.radius_m is None else np.maximum(0.0, metres - people.radius_m)
        self.ids, self.away = _best(np.append(self.ids, people.ids), np.append(self.away, away), self.n)


def _metres(parts: Sequence[Part], lon: Floats, lat: Floats) -> Floats:
    return np.asarray(np.minimum.reduce([part.metres(lon, lat) for part in parts]))


def _best(ids: Ids, away: Floats, n: int) -> tuple[Ids, Floats]:
    order = np.lexsort((ids, away))
    _, firsts = np.unique(ids[order], return_index=True)
    chosen = order[np.sort(firsts)[:n]]
    return ids[chosen], away[chosen]
