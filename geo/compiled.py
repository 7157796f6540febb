"""The compiled helper (geo/kernel/, plain C behind ctypes), where there is one.

`kernel` is None when it was not built or LOOKOUT_HELPER=off: then numpy and shapely do the same on the same columns.
Whoever uses it looks it up at each call (`compiled.kernel`), so that a test can switch it off.
"""

from __future__ import annotations

import os
from ctypes import CDLL, PyDLL, c_int64, sizeof
from pathlib import Path

from geo.layout import Layout

LIBRARY = Path(__file__).with_name("_kernel.so")


def load(library: Path = LIBRARY) -> CDLL | None:
    """None also for one of other sources, whose table would not be ours, or made for a machine of another kind."""
    if os.environ.get("LOOKOUT_HELPER") == "off":
        return None
    try:
        found = CDLL(str(library))
        found.lookout_layout_size.restype = c_int64
        if found.lookout_layout_size() != sizeof(Layout) or not found.lookout_suits_this_machine():
            return None
        found.lookout_prepare()
    except (OSError, AttributeError):
        return None
    return found


def without_release(helper: CDLL) -> PyDLL:
    """The same library called while keeping the interpreter's lock: for calls far shorter than handing it over."""
    return PyDLL(helper._name, handle=helper._handle)  # noqa: SLF001 -- the one way to the library that is loaded


kernel = load()
