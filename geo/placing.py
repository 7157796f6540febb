"""Changes of the table in place, as numpy does them: many people at a time, each wholly there afterwards.

Whoever stands alone and stays in the territory, or in the box of the page, is written over. All others are taken out
(the last rows of their pages close the gaps) and put down at the end of a page of their new territory.
"""

from __future__ import annotations

import numpy as np

from geo.bounds import Mask
from geo.directory import NOWHERE, Ids, Rows, distinct, ranges
from geo.hilbert import Keys, hilbert
from geo.pages import FAN, NO_BOX, NO_PAGE, Pages, widen
from geo.people import People


def place(pages: Pages, people: People) -> bool:
    """Puts them there and nowhere else. Rows of one id follow each other and are its places.

    False, and nothing changed, if the table has not enough free pages; blocks of the directory and columns for radii
    and further places must be there.
    """
    keys = hilbert(people.lon, people.lat, pages.layout.bits)
    home = np.searchsorted(pages.key[: pages.primary], keys, "right") - 1
    rows = pages.directory.first_rows(people.ids)
    staying = _staying(pages, people, keys, rows)
    leaving = np.flatnonzero(~staying)
    ids = distinct(people.ids[leaving])
    if _pages_wanted(pages, home[leaving], rows_of(pages, ids)) > pages.free_pages:
        return False
    _overwrite(pages, people.take(staying), rows[staying].astype(np.intp))
    take_out(pages, ids)
    _put_down(pages, people.take(leaving), home[leaving])
    pages.layout.recipients += len(ids)
    return True


def take_out(pages: Pages, ids: Ids) -> None:
    """All rows of these ids (each given once) are gone; nothing happens to ids that are not on the table."""
    rows = np.sort(rows_of(pages, ids))
    slots = pages.directory.slots(ids)
    slots = slots[pages.directory.rows[slots] != NOWHERE]
    pages.directory.rows[slots] = NOWHERE
    pages.layout.recipients -= len(slots)
    pages.layout.positions -= len(rows)
    on, gone = np.unique(rows >> pages.layout.shift, return_counts=True)
    first = on << pages.layout.shift
    after = first + pages.fill[on] - gone
    ends = ranges(after, after + gone)
    holes = rows[rows < np.repeat(after, gone)]
    _shift(pages, ends[~np.isin(ends, rows)], holes)
    pages.fill[on] -= gone.astype(np.int32)
    for page in on[(pages.fill[on] == 0) & (on >= pages.primary)].tolist():
        _unchain(pages, page)


def rows_of(pages: Pages, ids: Ids) -> Rows:
    """All rows of these ids (each given once): first the first of each."""
    first = pages.directory.first_rows(ids)
    found = [first[first != NOWHERE]]
    while pages.more is not None and len(found[-1]):
        following = pages.more[found[-1]]
        found.append(following[following != NOWHERE])
    return np.concatenate(found).astype(np.intp)


def _staying(pages: Pages, people: People, keys: Keys, rows: Ids) -> Mask:
    """Who stands in one place, will stand in one place, and may be written over there."""
    ids = people.ids
    again = np.diff(ids, prepend=~ids[:1]) == 0
    staying: Mask = (rows != NOWHERE) & ~again & ~np.append(again[1:], False)
    known = np.flatnonzero(staying)
    row, key, x, y = rows[known], keys[known], people.lon[known], people.lat[known]
    page = row >> np.uint32(pages.layout.shift)
    west, south, east, north = pages.box[page].T
    home = pages.home[page]
    in_box = (west <= x) & (x <= east) & (south <= y) & (y <= north)
    at_home = (pages.key[home] <= key) & (key <= pages.key[home + 1])
    alone = np.True_ if pages.more is None else pages.more[row] == NOWHERE
    staying[known] = (in_box | at_home) & alone
    return staying


def _overwrite(pages: Pages, people: People, rows: Rows) -> None:
    pages.lon[rows], pages.lat[rows] = people.lon, people.lat
    if pages.radius_m is not None:
        pages.radius_m[rows] = 0.0 if people.radius_m is None else people.radius_m
    _draw(pages, people, rows >> pages.layout.shift)


def _draw(pages: Pages, people: People, page: Rows) -> None:
    """The boxes of the pages, and of the tree over them, made to hold these people."""
    box = np.column_stack([people.lon, people.lat, people.lon, people.lat])
    radius_m = np.zeros(len(people)) if people.radius_m is None else people.radius_m
    old = pages.box[page]
    new = (
        (box[:, :2] < old[:, :2]).any(axis=1) | (box[:, 2:] > old[:, 2:]).any(axis=1) | (radius_m > pages.reach_m[page])
    )
    box, radius_m, page = box[new], radius_m[new], page[new]
    widen(pages.box, pages.reach_m, page, box, radius_m)
    node = pages.home[page]
    for level_box, level_reach_m in pages.levels:
        node = node // FAN
        widen(level_box, level_reach_m, node, box, radius_m)


def _shift(pages: Pages, sources: Rows, targets: Rows) -> None:
    """Rows (ascending) put elsewhere within their pages, and found there."""
    ids = pages.ids[sources]
    if pages.more is not None and len(ids):
        everywhere = rows_of(pages, distinct(ids))
        at = np.minimum(np.searchsorted(sources, everywhere), len(sources) - 1)
        now = np.where(sources[at] == everywhere, targets[at], everywhere)
        pages.link(pages.ids[everywhere], now.astype(np.uint32))
    pages.ids[targets] = ids
    pages.lon[targets], pages.lat[targets] = pages.lon[sources], pages.lat[sources]
    if pages.radius_m is not None:
        pages.radius_m[targets] = pages.radius_m[sources]
    if pages.more is None:
        pages.directory.rows[pages.directory.slots(ids)] = targets


def _put_down(pages: Pages, people: People, home: Rows) -> None:
    """At the ends of the chains of their territories, for which there are pages enough."""
    order = np.argsort(home, kind="stable")
    people, home = people.take(order), home[order]
    rows = np.empty(len(home), np.intp)
    page, rest, room = home.copy(), np.arange(len(home)), 1 << pages.layout.shift
    while len(rest):
        here = page[rest]
        number = np.arange(len(here))
        run = np.maximum.accumulate(np.where(np.diff(here, prepend=-1) != 0, number, 0))  # where its page begins
        offset = pages.fill[here] + number - run
        fits = offset < room
        rows[rest[fits]] = (here[fits] << pages.layout.shift) + offset[fits]
        np.add.at(pages.fill, here[fits], 1)
        rest = rest[~fits]
        chains, which = np.unique(home[rest], return_inverse=True)
        page[rest] = np.array([_page_with_room(pages, chain) for chain in chains.tolist()], np.intp)[which]
    pages.ids[rows] = people.ids
    pages.layout.positions += len(rows)
    _overwrite(pages, people, rows)
    if pages.more is None:
        pages.directory.rows[pages.directory.slots(people.ids)] = rows
    else:
        pages.link(people.ids, rows.astype(np.uint32))


def _pages_wanted(pages: Pages, home: Rows, gone: Rows) -> int:
    """At most so many overflow pages are taken by people who come to these territories once those rows are gone."""
    size = 1 << pages.layout.shift
    room = size - pages.fill[: pages.used]
    np.add.at(room, gone >> pages.layout.shift, 1)
    chains, coming = np.unique(home, return_counts=True)
    following = pages.next[chains]
    over = coming - room[chains] - np.where(following == NO_PAGE, 0, room[following])
    return int((-(-np.maximum(over, 0) // size)).sum())


def _page_with_room(pages: Pages, home: int) -> int:
    """Of a chain whose primary page is full: the first overflow page, before which a new one is put if that is full too."""
    page = int(pages.next[home])
    if page != NO_PAGE and pages.fill[page] < 1 << pages.layout.shift:
        return page
    new = pages.take_page()
    pages.home[new], pages.next[new], pages.next[home] = home, page, new
    return new


def _unchain(pages: Pages, page: int) -> None:
    """An empty overflow page goes to the free list."""
    before = int(pages.home[page])
    while pages.next[before] != page:
        before = int(pages.next[before])
    pages.next[before] = pages.next[page]
    pages.box[page], pages.reach_m[page] = NO_BOX, 0.0
    pages.give_back(page)
