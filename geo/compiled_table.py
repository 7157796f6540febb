"""What the helper does for the table: building it, and changes in place. Lengths and lives of columns are the caller's."""

from __future__ import annotations

from ctypes import CDLL, c_double, c_int32, c_int64, c_uint32, c_void_p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo import compiled
from geo.directory import Ids
from geo.people import People

_P, _N = c_void_p, c_int64
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "lookout_hilbert": (None, (_P, _P, _N, c_int32, _P)),
    "lookout_sort": (_P, (_P, _P, _N, c_int32, _P, _P)),
    "lookout_lay": (None, (_P, _P, _P, _P, _P, _N, _P, _N)),
    "lookout_direct": (_N, (_P,)),
    "lookout_place": (_N, (_P, _P, _P, _P, _P, _N)),
    "lookout_take_out": (None, (_P, _P, _N)),
    "lookout_again": (c_int32, (_P, _N, c_uint32, _P)),
    "lookout_move_one": (c_int32, (_P, _N, c_double, c_double, c_double)),
}


def _declare(helper: CDLL) -> None:
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(helper, name)
        function.restype, function.argtypes = result, arguments


def at(column: NDArray[Any] | None, first: int = 0) -> int | None:
    """Where the column lies in memory, from row `first` on."""
    return None if column is None else column.ctypes.data + first * column.itemsize


def keys(helper: CDLL, people: People, bits: int) -> NDArray[np.uint64]:
    found = np.empty(len(people), np.uint64)
    helper.lookout_hilbert(at(people.lon), at(people.lat), len(people), bits, at(found))
    return found


def lay(helper: CDLL, layout: int, people: People, bits: int, filled: int) -> None:
    """Sorts people along the curve and lays them down, with boxes and keys; the columns must be told."""
    pairs, scratch = np.empty(len(people), np.uint64), np.empty(len(people), np.uint64)
    order = helper.lookout_sort(at(people.lon), at(people.lat), len(people), bits, at(pairs), at(scratch))
    columns = at(people.ids), at(people.lon), at(people.lat), at(people.radius_m)
    helper.lookout_lay(layout, *columns, len(people), order, filled)


def direct(helper: CDLL, layout: int) -> int:
    """Fills the empty directory; how many recipients there are, or -1 if the column `more` is needed."""
    return int(helper.lookout_direct(layout))


def place(helper: CDLL, layout: int, people: People, first: int, last: int) -> int:
    """How many of the rows are done: fewer if no page is free for the next person."""
    columns = (at(column, first) for column in (people.ids, people.lon, people.lat, people.radius_m))
    return int(helper.lookout_place(layout, *columns, last - first))


def take_out(helper: CDLL, layout: int, ids: Ids) -> None:
    helper.lookout_take_out(layout, at(ids), len(ids))


def anyone_again(helper: CDLL, ids: Ids) -> bool:
    """Whether an id comes twice, by a bitmap as wide as the ids are apart."""
    least, most = int(ids.min()), int(ids.max())
    bitmap = np.zeros((most - least) // 64 + 1, np.uint64)
    return bool(helper.lookout_again(at(ids), len(ids), least, at(bitmap)))


def mover_of_one(helper: CDLL) -> Any:
    """(address of the layout, id, lon, lat, radius_m) -> 1 if nothing was done, for it is not quite simple."""
    function = compiled.without_release(helper).lookout_move_one
    function.restype, function.argtypes = _FUNCTIONS["lookout_move_one"]
    return function


if compiled.kernel is not None:
    _declare(compiled.kernel)
