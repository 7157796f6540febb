"""What the helper does for a question: who is surely inside, who is in doubt, and their ids in index order."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CDLL, Structure, byref, c_char_p, c_int32, c_int64, c_void_p, string_at
from struct import pack

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import compiled
from geo.bounds import Mask
from geo.directory import Ids, Rows
from geo.outline import Outline
from geo.pages import Pages
from geo.room import Room

Settle = Callable[[Rows], Mask]  # which of the rows in doubt touch the area

_NO_MEMORY, _NOT_ORIENTED = 1, 2
LABELS = 1 << 16


class _Area(Structure):
    """`Area` of geo/kernel/area.h."""

    _fields_ = (
        ("wkb", c_char_p),
        ("circles", c_char_p),
        ("circle_count", c_int32),
        ("oriented", c_int32),
        ("centre", c_int32),
    )


class _Answer(Structure):
    """The head of `Answer` of geo/kernel/query.h, which is the helper's."""

    _fields_ = (
        ("count", c_int64),
        ("doubts", c_int64),
        ("doubt_row", c_void_p),
        ("doubt_at", c_void_p),
        ("fault", c_int64),
    )


_free: list[_Answer] = []  # answers that nobody uses just now: each keeps the room it once needed


def _declare(helper: CDLL) -> None:
    helper.lookout_answer.restype = c_void_p
    helper.lookout_answer.argtypes = []
    helper.lookout_find.restype = helper.lookout_count_labels.restype = None
    helper.lookout_find.argtypes = [c_void_p, c_void_p, c_void_p]
    helper.lookout_copy.restype = c_int64
    helper.lookout_copy.argtypes = [c_void_p, c_void_p, c_char_p, c_int64, c_void_p]
    helper.lookout_count_labels.argtypes = [c_void_p, c_void_p, c_int64, c_void_p]


def within(helper: CDLL, pages: Pages, outline: Outline, settle: Settle, *, centre: bool) -> Ids:
    """Ids of all who touch the area, each once, in index order. MemoryError."""
    answer = _answer(helper)
    try:
        _find(helper, pages, outline, answer, centre=centre)
        room = Room.of(answer.count)
        slots, verdict = len(pages.directory.rows), _verdict(answer, settle)
        found = helper.lookout_copy(pages.address, byref(answer), verdict, slots, room.address)
    finally:
        _free.append(answer)
    if found < 0:
        raise MemoryError
    return room.first(found)


def count_positions(helper: CDLL, pages: Pages, outline: Outline, settle: Settle, *, centre: bool) -> int:
    """How many positions touch the area: ids, while each stands at one place. MemoryError."""
    answer = _answer(helper)
    try:
        _find(helper, pages, outline, answer, centre=centre)
        verdict = _verdict(answer, settle)
        return int(answer.count) - (0 if verdict is None else verdict.count(0))
    finally:
        _free.append(answer)


def _answer(helper: CDLL) -> _Answer:
    try:
        return _free.pop()
    except IndexError:
        where = helper.lookout_answer()
        if not where:
            raise MemoryError from None
        return _Answer.from_address(where)


def _find(helper: CDLL, pages: Pages, outline: Outline, answer: _Answer, *, centre: bool) -> None:
    circles = [number for one in outline.circles for number in (one.lon, one.lat, one.radius_m)]
    area = _Area(
        shapely.to_wkb(outline.geometry, output_dimension=2),
        pack(f"{len(circles)}d", *circles) if circles else None,
        len(circles) // 3,
        False,
        centre,
    )
    helper.lookout_find(pages.address, byref(area), byref(answer))
    if answer.fault == _NOT_ORIENTED:
        turned = shapely.orient_polygons(outline.geometry)
        area.wkb, area.oriented = shapely.to_wkb(turned, output_dimension=2), True
        helper.lookout_find(pages.address, byref(area), byref(answer))
    if answer.fault == _NO_MEMORY:
        raise MemoryError


def _verdict(answer: _Answer, settle: Settle) -> bytes | None:
    """A byte for each row in doubt: whether it does touch."""
    if not answer.doubts:
        return None
    rows = np.frombuffer(string_at(answer.doubt_row, 4 * answer.doubts), np.uint32).astype(np.intp)
    return settle(rows).tobytes()


def count_labels(helper: CDLL, pages: Pages, ids: Ids) -> NDArray[np.int64]:
    """(65536,) how many of the ids have each label."""
    counts = np.zeros(LABELS, np.int64)
    helper.lookout_count_labels(pages.address, ids.ctypes.data, len(ids), counts.ctypes.data)
    return counts


if compiled.kernel is not None:
    _declare(compiled.kernel)
