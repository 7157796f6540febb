"""Who moves: a batch made ready, put on the table turn by turn, and a table packed afresh when it has no room left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geo import compiled, compiled_table, placing
from geo.directory import NOWHERE, Codes, Ids, distinct
from geo.packing import packed
from geo.pages import Pages
from geo.people import People

_SPARSEST = 256  # bits of a map of ids that one id may cost


def by_person(people: People) -> People:
    """The rows of one id after each other, as a table takes them."""
    return people.take(np.argsort(people.ids, kind="stable")) if _anyone_again(people.ids) else people


def _anyone_again(ids: Ids) -> bool:
    if len(ids) < 2:
        return False
    if compiled.kernel is not None and int(ids.max()) - int(ids.min()) < _SPARSEST * len(ids):
        return compiled_table.anyone_again(compiled.kernel, ids)
    ordered = np.sort(ids)
    return bool((ordered[1:] == ordered[:-1]).any())


def make_room(pages: Pages, people: People) -> None:
    """The columns and blocks of the directory that these people need, so that the turns cannot fail."""
    new = pages.directory.make_room(people.ids)
    if people.radius_m is not None and pages.radius_m is None:
        pages.radius_m, new = np.zeros(len(pages.ids)), True
    if pages.more is None and (people.ids[1:] == people.ids[:-1]).any():
        pages.more, new = np.full(len(pages.ids), NOWHERE, np.uint32), True
    if new:
        pages.tell()


def step(pages: Pages, people: People, first: int, most: int) -> int:
    """Places some of the people from row `first` on, about so many at most; 0 if the table has no room for them."""
    last = min(first + most, len(people))
    while last < len(people) and people.ids[last] == people.ids[last - 1]:
        last += 1
    if compiled.kernel is not None:
        return compiled_table.place(compiled.kernel, pages.address, people, first, last)
    return last - first if placing.place(pages, people.take(slice(first, last))) else 0


def take_out(pages: Pages, ids: Ids) -> None:
    """These (each given once) leave the table, and nothing of them is left on it."""
    if compiled.kernel is None:
        placing.take_out(pages, ids)
    else:
        compiled_table.take_out(compiled.kernel, pages.address, ids)
    pages.directory.forget_labels(ids)


def label(pages: Pages, ids: Ids, codes: Codes) -> None:
    """Also of ids that stand nowhere (yet)."""
    pages.directory.make_room(ids)
    pages.directory.label(ids, codes)
    pages.tell()


def repacked(pages: Pages, people: People) -> Pages:
    """A new table: these people (several rows of an id are its places), and all others of the old one as they are."""
    stays = np.ones(pages.used << pages.layout.shift, np.bool_)
    stays[placing.rows_of(pages, distinct(people.ids))] = False
    rows = pages.rows_alive()
    new = packed(People.joined([pages.people_of(rows[stays[rows]]), people]), pages.layout.shift)
    new.directory.take_labels(pages.directory)
    new.tell()
    return new


def mover_of_one() -> Callable[[int, int, float, float, float], int]:
    """(`Pages.address`, id, lon, lat, radius_m) -> 0 if that person has moved; else the long way is to be gone."""
    return compiled_table.mover_of_one(compiled.kernel) if compiled.kernel is not None else lambda *_: 1
