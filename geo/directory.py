"""Where in a run of rows an id stands: a table by id where ids are dense and stand once, else the ids in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint32]
Rows = NDArray[np.intp]
_NOWHERE = np.uint32(0xFFFFFFFF)
_SPARSEST = 3  # table entries a row at most


class Directory:
    def __init__(self, ids: Ids) -> None:
        self._first = int(ids.min()) if len(ids) else 0
        span = int(ids.max()) - self._first + 1 if len(ids) else 0
        self._table: Ids | None = None
        if span <= _SPARSEST * len(ids):
            self._table = np.full(span, _NOWHERE, np.uint32)
            self._table[ids - np.uint32(self._first)] = np.arange(len(ids), dtype=np.uint32)
            if np.count_nonzero(self._table != _NOWHERE) < len(ids):
                self._table = None  # an id that stands at several places does not fit
        if self._table is None:
            self._order = np.argsort(ids, kind="stable")
            self._sorted = ids[self._order]

    def rows(self, ids: Ids) -> Rows:
        """All rows that hold one of the ids (each given once)."""
        if self._table is None:
            first, last = (np.searchsorted(self._sorted, ids, side) for side in ("left", "right"))
            return np.asarray(self._order[ranges(first, last)])
        at = ids.astype(np.int64) - self._first
        rows: Ids = self._table[at[(at >= 0) & (at < len(self._table))]]
        return np.asarray(rows[rows != _NOWHERE], np.intp)


def distinct(ids: Ids) -> Ids:
    """Each once, in order. By sorting: many times faster for these than the hashing of `numpy.unique`."""
    ordered = np.sort(ids)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=~ordered[:1]))]


def ranges(first: Rows, last: Rows) -> Rows:
    """All numbers from each first up to, but without, each last, one range after the other."""
    sizes = last - first
    starts = np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
    return np.asarray(starts + np.arange(len(starts)))
