"""The invariants that geo.pages states, checked row by row in plain Python."""

from __future__ import annotations

from collections import Counter

import numpy as np

from geo.directory import NOWHERE
from geo.hilbert import hilbert
from geo.pages import FAN, NO_PAGE, Pages


def check(pages: Pages) -> None:
    chains = [chain_of(pages, home) for home in range(pages.primary)]
    check_pages(pages, chains)
    check_boxes(pages, chains)
    check_directory(pages)


def chain_of(pages: Pages, home: int) -> list[int]:
    chain = [home]
    while pages.next[chain[-1]] != NO_PAGE:
        chain.append(int(pages.next[chain[-1]]))
    assert (pages.home[chain] == home).all()
    return chain


def check_pages(pages: Pages, chains: list[list[int]]) -> None:
    """Each page in use stands in one chain or in the free list; keys ascend; counts are true."""
    free, page = [], pages.layout.free
    while page != NO_PAGE:
        free.append(page)
        page = int(pages.next[page])
    assert len(free) == pages.layout.spare
    assert sorted(free + [one for chain in chains for one in chain]) == list(range(pages.used))
    assert not pages.fill[free].any()
    assert all(pages.fill[one] for chain in chains for one in chain[1:])
    assert (pages.fill >= 0).all()
    assert (pages.fill <= 1 << pages.layout.shift).all()
    assert (np.diff(pages.key.astype(object)) >= 0).all()
    assert pages.key[0] == 0
    assert pages.layout.positions == pages.fill.sum()


def check_boxes(pages: Pages, chains: list[list[int]]) -> None:
    """Boxes and reaches hold what is on a page, nodes what is below them with its chains; somebody is where they belong."""
    for home, chain in enumerate(chains):
        rows = pages.rows_of_pages(np.array(chain))
        holders = [(pages.box[rows >> pages.layout.shift], pages.reach_m[rows >> pages.layout.shift])]
        for number, (box, reach_m) in enumerate(pages.levels, 1):
            node = home // FAN**number
            holders.append((box[[node]], reach_m[[node]]))
        lon, lat = pages.lon[rows], pages.lat[rows]
        for box, reach_m in holders:
            assert ((box[:, 0] <= lon) & (lon <= box[:, 2]) & (box[:, 1] <= lat) & (lat <= box[:, 3])).all()
            assert pages.radius_m is None or (pages.radius_m[rows] <= reach_m).all()
    assert len(pages.levels[-1][1]) == 1


def check_directory(pages: Pages) -> None:
    """From each id all its rows are found, and nobody else's; ids that stand nowhere have none."""
    rows = pages.rows_alive()
    found: list[int] = []
    for one in np.unique(pages.ids[rows]):
        row = pages.directory.first_rows(np.array([one]))[0]
        while row != NOWHERE:
            assert pages.ids[row] == one
            found.append(int(row))
            row = NOWHERE if pages.more is None else pages.more[row]
    assert sorted(found) == sorted(rows.tolist())
    assert (
        np.count_nonzero(pages.directory.rows != NOWHERE) == len(np.unique(pages.ids[rows])) == pages.layout.recipients
    )
    assert (pages.directory.rows[:4096] == NOWHERE).all()


def strangers(pages: Pages) -> Counter[int]:
    """How many rows of each page belong to another territory than that of their chain."""
    rows = pages.rows_alive()
    page = rows >> pages.layout.shift
    keys, home = hilbert(pages.lon[rows], pages.lat[rows], pages.layout.bits), pages.home[page]
    return Counter(page[(keys < pages.key[home]) | (keys > pages.key[home + 1])].tolist())


def rows_by_id(pages: Pages) -> dict[int, list[tuple[float, float, float]]]:
    """All places of each, sorted."""
    rows = pages.rows_alive()
    radius_m = np.zeros(len(rows)) if pages.radius_m is None else pages.radius_m[rows]
    places: dict[int, list[tuple[float, float, float]]] = {}
    for one, *place in zip(
        *(c.tolist() for c in (pages.ids[rows], pages.lon[rows], pages.lat[rows], radius_m)), strict=True
    ):
        places.setdefault(one, []).append(tuple(place))
    return {one: sorted(these) for one, these in places.items()}
