"""Who is in an area, with numpy and shapely alone: where there is no helper, and to test it against.

The same descent as the helper's: nodes that a part holds are taken whole, those that it may meet are opened, down to the
people of the pages in question. Of these, blocks of rows that follow each other are sorted once more by their boxes.
"""

from __future__ import annotations

import numpy as np

from geo.bounds import Boxes, Floats, Mask
from geo.directory import Ids, Rows
from geo.outline import Outline
from geo.pages import FAN, NO_PAGE, Numbers, Pages
from geo.parts import Part, Polygons, parts_of_outline
from geo.room import Room

_BLOCK = 32  # rows
_FIRST = 256  # nodes are asked together before any is opened: one question more costs as much


def within(pages: Pages, outline: Outline, *, centre: bool) -> Ids:
    """Ids of all who touch the area, each once, in index order."""
    parts = parts_of_outline(outline)
    if not parts:
        return np.zeros(0, np.uint32)
    reach_m = None if centre or pages.radius_m is None else pages.reach_m
    fates = [_sorted_pages(pages, part, reach_m) for part in parts]
    whole, some = _any([inside for inside, _ in fates]), _any([perhaps for _, perhaps in fates])
    found = np.flatnonzero(whole | some)
    found = _in_order(pages, found[pages.fill[found] > 0])
    opened = found[~whole[found]]
    alive = np.arange(1 << pages.layout.shift, dtype=np.int32) < pages.fill[opened, None]
    taken = np.zeros(alive.shape, bool)
    for part, (_, perhaps) in zip(parts, fates, strict=True):
        which = np.flatnonzero(perhaps[opened])
        taken[which] |= _tested(pages, part, opened[which], alive[which] & ~taken[which], centre=centre)
    ids = _ids(pages, found, whole[found], taken)
    return ids if pages.more is None else _once(ids)


def _ids(pages: Pages, found: Rows, whole: Mask, taken: Mask) -> Ids:
    """Of the found pages either all ids or, page by page of the others, the taken ones."""
    by_page, fill = pages.ids.reshape(-1, taken.shape[1]), pages.fill[found]
    tested, tests = by_page[found[~whole]][taken], np.append(0, np.cumsum(taken.sum(axis=1)))
    room = Room.of(int(fill[whole].sum() + len(tested)))
    ends = np.flatnonzero((np.diff(found, append=-1) != 1) | np.diff(whole, append=not whole[-1:].any())) + 1
    first = count = asked = 0
    for last in ends.tolist():  # stretches of neighbours that are all whole, or all tested
        if whole[first]:
            ids = _filled(by_page[found[first] : found[first] + last - first], fill[first:last])
        else:
            ids, asked = tested[tests[asked] : tests[asked + last - first]], asked + last - first
        room.ids[count : count + ids.size].reshape(ids.shape)[:] = ids
        first, count = last, count + ids.size
    return room.first(count)


def _filled(ids: Ids, fill: Numbers) -> Ids:
    """Of neighbouring pages (pages, rows) the ids alive: a view where all hold as many."""
    least = int(fill.min())
    if least == fill.max():
        return ids[:, :least]
    return ids[np.arange(ids.shape[1], dtype=np.int32) < fill[:, None]]


def _any(masks: list[Mask]) -> Mask:
    return masks[0] if len(masks) == 1 else np.asarray(np.logical_or.reduce(masks))


def _sorted_pages(pages: Pages, part: Part, reach_m: Floats | None) -> tuple[Mask, Mask]:
    """Which pages the part surely holds, and which may have anybody who touches it. `reach_m` None: radii do not count."""
    whole, some = np.zeros((2, pages.used), bool)
    top = next(number for number, (_, reaches) in enumerate(pages.levels) if len(reaches) <= _FIRST)
    open_ = np.arange(len(pages.levels[top][1]))
    for number in range(top, -1, -1):
        box, node_reach_m = pages.levels[number]
        open_ = open_[box[open_, 0] <= box[open_, 2]]  # nobody is in a box that is turned inside out
        inside, perhaps = _sorted(part, box[open_], None if reach_m is None else node_reach_m[open_])
        size = FAN ** (number + 1)
        whole[: pages.primary] |= _spread(open_[inside], size, pages.primary)
        below = pages.primary if number == 0 else len(pages.levels[number - 1][1])
        open_ = np.flatnonzero(_spread(open_[perhaps & ~inside], FAN, below))
    home = pages.home[pages.primary : pages.used]
    whole[pages.primary :] = whole[home]
    opened = np.zeros(pages.primary, bool)
    opened[open_] = True
    open_ = np.concatenate([open_, pages.primary + np.flatnonzero(opened[home])])
    open_ = open_[pages.fill[open_] > 0]
    inside, perhaps = _sorted(part, pages.box[open_], None if reach_m is None else reach_m[open_])
    whole[open_[inside]] = some[open_[perhaps]] = True
    return whole, some


def _sorted(part: Part, box: Floats, reach_m: Floats | None) -> tuple[Mask, Mask]:
    """As `Part.sort`."""
    boxes = Boxes(*box.T)
    reach = boxes if reach_m is None or not reach_m.any() else boxes.grown(reach_m)
    return part.sort(boxes, reach, reach_m)


def _spread(nodes: Rows, size: int, below: int) -> Mask:
    """Of `below` places in a row, those of these nodes, each of `size` places."""
    spread = np.zeros((-(-below // size), size), bool)
    spread[nodes] = True
    return spread.ravel()[:below]


def _in_order(pages: Pages, found: Rows) -> Rows:
    """Territory by territory, each page behind those before it in its chain."""
    if pages.used == pages.primary:
        return found
    depth = np.zeros(pages.used, np.int32)
    at = np.flatnonzero(pages.next[: pages.primary] != NO_PAGE)
    while len(at):
        after = pages.next[at]
        depth[after] = depth[at] + 1
        at = after[pages.next[after] != NO_PAGE]
    return found[np.lexsort((depth[found], pages.home[found]))]


def _tested(pages: Pages, part: Part, found: Rows, wanted: Mask, *, centre: bool) -> Mask:
    """(pages, rows): whoever of the wanted touches the part."""
    if not len(found):
        return wanted
    lon, lat = (column.reshape(-1, wanted.shape[1])[found] for column in (pages.lon, pages.lat))
    radius_m = None
    if not centre and pages.radius_m is not None:
        radius_m = np.where(wanted, pages.radius_m.reshape(-1, wanted.shape[1])[found], 0.0)
    if radius_m is None and isinstance(part, Polygons) and part.is_simple:
        held, asked = part.wound(Boxes(*pages.box[found].T), lon, lat)
        touched, perhaps = held & wanted, asked & wanted
    else:
        touched, perhaps = _sorted_blocks(part, lon, lat, radius_m, wanted)
    rows = np.flatnonzero(perhaps)
    radii = None if radius_m is None else radius_m.ravel()[rows]
    touched.ravel()[rows] = part.touched_by(lon.ravel()[rows], lat.ravel()[rows], radii)
    return touched


def _sorted_blocks(part: Part, lon: Floats, lat: Floats, radius_m: Floats | None, wanted: Mask) -> tuple[Mask, Mask]:
    """(pages, rows): the wanted whom the part surely holds, and those who must be asked one by one."""
    if wanted.shape[1] % _BLOCK:
        return np.zeros(wanted.shape, bool), wanted
    blocks = (-1, _BLOCK)
    some = wanted.argmax(axis=1)[:, None]  # those who are not wanted stand where one who is does
    x, y = (np.where(wanted, column, np.take_along_axis(column, some, 1)).reshape(blocks) for column in (lon, lat))
    box = np.column_stack([x.min(axis=1), y.min(axis=1), x.max(axis=1), y.max(axis=1)])
    inside, perhaps = _sorted(part, box, None if radius_m is None else radius_m.reshape(blocks).max(axis=1))
    held, asked = (wanted.reshape(blocks) & mask[:, None] for mask in (inside, perhaps & ~inside))
    return held.reshape(wanted.shape), asked.reshape(wanted.shape)


def _once(ids: Ids) -> Ids:
    """The first of each, in order."""
    _, first = np.unique(ids, return_index=True)
    return ids[np.sort(first)]
