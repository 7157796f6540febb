"""A table packed from columns: people sorted along the curve, laid down page by page, and found again by a directory."""

from __future__ import annotations

import numpy as np

from geo import compiled, compiled_table
from geo.directory import NOWHERE
from geo.hilbert import bits_for, hilbert_order
from geo.pages import Pages
from geo.people import People

SHIFT = 8  # a page has 256 rows
FILLED = 59 / 64  # of a page when packed: the rest is room for those who come


def packed(people: People, shift: int | None = None) -> Pages:
    """The table of these people; an id may come several times, it then stands at several places."""
    shift, bits = SHIFT if shift is None else shift, bits_for(len(people))
    filled = max(1, int(FILLED * (1 << shift)))
    pages = Pages(max(1, -(-len(people) // filled)), shift, bits)
    if people.radius_m is not None:
        pages.radius_m = np.zeros(len(pages.ids))
    pages.tell()
    if compiled.kernel is None:
        _lay(pages, people, filled)
    else:
        compiled_table.lay(compiled.kernel, pages.address, people, bits, filled)
    pages.grow_tree()
    pages.directory.make_room(people.ids)
    pages.tell()
    pages.layout.positions, pages.layout.recipients = len(people), _direct(pages)
    return pages


def _lay(pages: Pages, people: People, filled: int) -> None:
    """Puts them down along the curve, `filled` to a page, and draws the boxes."""
    order, keys = hilbert_order(people.lon, people.lat, pages.layout.bits)
    pages.key[1 : pages.primary] = keys[filled::filled]
    people, starts = people.take(order), np.arange(0, len(people), filled)
    pages.fill[: len(starts)] = np.minimum(filled, len(people) - starts)
    rows = pages.rows_alive()
    pages.ids[rows], pages.lon[rows], pages.lat[rows] = people.ids, people.lon, people.lat
    if not len(people):
        return
    if people.radius_m is not None and pages.radius_m is not None:
        pages.radius_m[rows] = people.radius_m
        pages.reach_m[: len(starts)] = np.maximum.reduceat(people.radius_m, starts)
    for side, column in enumerate((people.lon, people.lat)):
        pages.box[: len(starts), side] = np.minimum.reduceat(column, starts)
        pages.box[: len(starts), side + 2] = np.maximum.reduceat(column, starts)


def _direct(pages: Pages) -> int:
    """Fills the directory from the rows, with the column `more` if anybody has several; how many recipients."""
    if compiled.kernel is None:
        return _direct_in_numpy(pages)
    recipients = compiled_table.direct(compiled.kernel, pages.address)
    if recipients < 0:
        pages.directory.rows[:] = NOWHERE
        pages.more = np.full(len(pages.ids), NOWHERE, np.uint32)
        pages.tell()
        recipients = compiled_table.direct(compiled.kernel, pages.address)
    return recipients


def _direct_in_numpy(pages: Pages) -> int:
    rows = pages.rows_alive()
    ids = pages.ids[rows]
    pages.directory.rows[pages.directory.slots(ids)] = rows
    further = rows[pages.directory.first_rows(ids) != rows]
    if len(further):
        some = np.isin(ids, pages.ids[further])
        pages.more = np.full(len(pages.ids), NOWHERE, np.uint32)
        pages.link(ids[some], rows[some])
        pages.tell()
    return len(rows) - len(further)
