"""Ids as they are stored: pure. Those of a batch: differences from one to the next, byte by byte, run-length and Huffman.

Order is kept, so any order comes back; ids that ascend, as they do within a ring of distance, take about log2 of their
mean distance plus two bits each. What would not become smaller is stored as it is, four bytes each, little-endian;
so the length says which it is, and what older versions wrote can be read.

The set of all who were planned: a roaring bitmap in its portable format, Huffman-coded, because nearest first plans
some of every range of ids, and a bitmap of which a fifth or nine tenths are set says the same thing over and over.
"""

from __future__ import annotations

import zlib
from array import array

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

Ids = NDArray[np.uint32]

_WINDOW_BITS = -12  # DEFLATE (RFC 1951) without a frame: the row has a size, and the database its own checksums
_MEMORY = 5  # a batch is small: less to set up for each
_EACH = 4  # bytes of an id


def pack(ids: Ids) -> bytes:
    """As stored: never more than four bytes an id."""
    steps = np.array(ids, "<u4")
    steps[1:] -= ids[:-1]  # modulo 2**32: a step back is a large one
    wide = (int(steps.max(initial=0)).bit_length() + 7) // 8  # bytes of the largest step: above them all are zero
    planes = steps.view(np.uint8).reshape(-1, _EACH)[:, :wide].T.tobytes()  # all low bytes first
    deflate = zlib.compressobj(1, zlib.DEFLATED, _WINDOW_BITS, _MEMORY, zlib.Z_RLE)
    packed = deflate.compress(planes) + deflate.flush()
    return packed if len(packed) < _EACH * len(ids) else ids.astype("<u4", copy=False).tobytes()


def unpack(stored: bytes, size: int) -> Ids:
    """The `size` ids; ValueError if it is not what `pack` made of so many."""
    if len(stored) == _EACH * size:
        return np.frombuffer(stored, "<u4").astype(np.uint32)
    planes = _inflated(stored)
    wide, rest = divmod(len(planes), size)
    if rest or not 0 < wide <= _EACH:
        raise ValueError("not the ids of so many")
    steps = np.zeros((size, _EACH), np.uint8)
    steps[:, :wide] = np.frombuffer(planes, np.uint8).reshape(wide, size).T
    return np.cumsum(steps.view("<u4").ravel(), dtype=np.uint32)


def bitmap(ids: Ids) -> BitMap:
    """As a set. Through an array of Python's own, which takes a tenth of the time."""
    return BitMap(array("I", ids.tobytes()))


def members(found: BitMap) -> Ids:
    """The way back, ascending."""
    return np.frombuffer(found.to_array(), np.uint32)


def pack_set(found: BitMap) -> bytes:
    """As stored."""
    found.run_optimize()
    deflate = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_HUFFMAN_ONLY)
    return deflate.compress(found.serialize()) + deflate.flush()


def unpack_set(stored: bytes) -> BitMap:
    """What `pack_set` stored, or an older version that did not pack: neither begins as the other does (RFC 1950)."""
    return BitMap.deserialize(zlib.decompress(stored) if stored[:1] == b"x" else stored)


def _inflated(stored: bytes) -> bytes:
    try:
        return zlib.decompress(stored, _WINDOW_BITS)
    except zlib.error:
        raise ValueError("not packed ids") from None
