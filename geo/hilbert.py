"""The order of places along a Hilbert curve: neighbours in it are neighbours on the map. Pure, numpy only.

Read four levels at a time from a table. In every quadrant the curve is the same but for a mirror at the diagonal and a
turn by half, so two bits tell how it lies: bit 0 for x and y swapped, bit 1 for both complemented.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEVELS = 4  # of the curve in one step through the table
COARSE, FINE = 16, 20  # bits of each coordinate: cells of some 600 by 300 m, or 38 by 19 m
_ROWS_OF_FINE = 1 << (64 - 2 * FINE)  # a key and the number of a row share 64 bits

Whole = NDArray[np.uint32]
Keys = NDArray[np.uint64]


def bits_for(count: int) -> int:
    """How fine the curve may be for so many rows to be sorted as 64-bit pairs of key and row."""
    return FINE if count <= _ROWS_OF_FINE else COARSE


def hilbert(lon: NDArray[np.float64], lat: NDArray[np.float64], bits: int = FINE) -> Keys:
    """Where each position (degrees) lies along a curve of 2^(2 bits) cells over the whole globe."""
    x, y = _cells(lon, -180.0, 360.0, bits), _cells(lat, -90.0, 180.0, bits)
    along, lie = np.zeros(len(x), np.uint64), np.zeros(len(x), np.uint32)
    for shift in range(bits - _LEVELS, -1, -_LEVELS):
        key = (lie << 8) | (((x >> shift) & 15) << 4) | ((y >> shift) & 15)
        along = (along << np.uint64(8)) | _ALONG[key]
        lie = _LIE[key]
    return along


def hilbert_order(lon: NDArray[np.float64], lat: NDArray[np.float64], bits: int) -> tuple[NDArray[np.intp], Keys]:
    """Rows along the curve, those of one cell as they came, and their keys; `bits` as `bits_for` says.

    Sorting (cell, row) pairs is twice as fast as argsort.
    """
    room = np.uint64(64 - 2 * bits)
    pairs = (hilbert(lon, lat, bits) << room) | np.arange(len(lon), dtype=np.uint64)
    pairs.sort()
    return (pairs & ((np.uint64(1) << room) - np.uint64(1))).astype(np.intp), pairs >> room


def _cells(degrees: NDArray[np.float64], first: float, span: float, bits: int) -> Whole:
    side = 1 << bits
    return np.minimum((degrees - first) * (side / span), side - 1).astype(np.uint32)


def _table() -> tuple[Keys, Whole]:
    """By (how it lies, 4 bits of x, 4 bits of y): 8 bits along the curve, and how it lies in that cell."""
    key = np.arange(4 << 8, dtype=np.uint32)
    lie, x, y = key >> 8, (key >> 4) & 15, key & 15
    along = np.zeros_like(key)
    for level in range(_LEVELS - 1, -1, -1):
        first, second = (x >> level) & 1, (y >> level) & 1
        swapped, turned = lie & 1, lie >> 1
        right = np.where(swapped == 1, second, first) ^ turned
        up = np.where(swapped == 1, first, second) ^ turned
        along = (along << 2) | ((3 * right) ^ up)
        lie = lie ^ ((up == 0) * (1 + 2 * right))
    return along.astype(np.uint64), lie.astype(np.uint32)


_ALONG, _LIE = _table()
