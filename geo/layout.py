"""The table of people as the compiled helper sees it: `Pages` of geo/kernel/pages.h, field by field.

The counts stand here for both paths: `geo.pages` reads and writes them through this structure with or without a helper.
"""

from __future__ import annotations

from ctypes import Structure, c_int32, c_int64, c_void_p

MOST_LEVELS = 8


class Layout(Structure):
    """One to one with the C struct; a change here is a change there. Pointers are of the columns of the same name."""

    _fields_ = (
        ("ids", c_void_p),
        ("lon", c_void_p),
        ("lat", c_void_p),
        ("radius_m", c_void_p),
        ("more", c_void_p),
        ("fill", c_void_p),
        ("box", c_void_p),
        ("reach_m", c_void_p),
        ("next", c_void_p),
        ("home", c_void_p),
        ("key", c_void_p),
        ("level_box", c_void_p * MOST_LEVELS),
        ("level_reach_m", c_void_p * MOST_LEVELS),
        ("block_of", c_void_p),
        ("rows", c_void_p),
        ("codes", c_void_p),
        ("recipients", c_int64),
        ("positions", c_int64),
        ("shift", c_int32),
        ("bits", c_int32),
        ("primary", c_int32),
        ("used", c_int32),
        ("capacity", c_int32),
        ("free", c_int32),
        ("spare", c_int32),
        ("levels", c_int32),
        ("level_size", c_int32 * MOST_LEVELS),
        ("frozen", c_int32),
    )
