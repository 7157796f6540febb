"""Who is in an area: through the helper, or without it; what neither can be sure of is settled by `geo.parts`.

Whoever asks holds the lock of the index.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo import compiled, compiled_query, plain_query
from geo.bounds import Mask
from geo.compiled_query import LABELS, Settle
from geo.directory import Ids, Rows
from geo.outline import Outline
from geo.pages import Pages
from geo.parts import parts_of_outline


def within(pages: Pages, outline: Outline, *, centre: bool = False) -> Ids:
    """Ids of all who touch the area, each once, in index order; `centre`: radii do not count."""
    if compiled.kernel is None:
        return plain_query.within(pages, outline, centre=centre)
    settle = _settling(pages, outline, centre=centre)
    return compiled_query.within(compiled.kernel, pages, outline, settle, centre=centre)


def count(pages: Pages, outline: Outline, *, centre: bool = False) -> int:
    """How many `within` would answer."""
    if compiled.kernel is None or pages.more is not None:
        return len(within(pages, outline, centre=centre))
    settle = _settling(pages, outline, centre=centre)
    return compiled_query.count_positions(compiled.kernel, pages, outline, settle, centre=centre)


def count_by_label(pages: Pages, outline: Outline, *, centre: bool = False) -> NDArray[np.int64]:
    """(65536,) how many recipients of each label `within` would answer; all have label 0 while nobody was given one."""
    ids, codes = within(pages, outline, centre=centre), pages.directory.codes
    if codes is None:
        counts = np.zeros(LABELS, np.int64)
        counts[0] = len(ids)
        return counts
    if compiled.kernel is not None:
        return compiled_query.count_labels(compiled.kernel, pages, ids)
    return np.bincount(codes[pages.directory.slots(ids)], minlength=LABELS)


def _settling(pages: Pages, outline: Outline, *, centre: bool) -> Settle:
    def settle(rows: Rows) -> Mask:
        radius_m = None if pages.radius_m is None or centre else pages.radius_m[rows]
        touched = np.zeros(len(rows), np.bool_)
        for part in parts_of_outline(outline):
            touched |= part.touched_by(pages.lon[rows], pages.lat[rows], radius_m)
        return touched

    return settle
