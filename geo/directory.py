"""Where each id stands: one row number an id, in blocks of BLOCK ids that are made when the first of them comes.

Ids are dense serials, so a block is full but for the last; an id far from all others costs one block (16 kB, 24 kB with
labels). Block 0 is nobody's: every id without a block is looked up there and found NOWHERE.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint32]
Rows = NDArray[np.intp]
Codes = NDArray[np.uint16]
NOWHERE = np.uint32(0xFFFFFFFF)
BLOCK_SHIFT = 12
BLOCK = 1 << BLOCK_SHIFT
_BLOCKS = 1 << (32 - BLOCK_SHIFT)


class Directory:
    """`rows` and `codes` by slot. A change of their place in memory is told by `make_room` and `label`."""

    def __init__(self) -> None:
        self.block_of = np.zeros(_BLOCKS, np.int32)
        self.high = np.zeros(0, np.uint32)  # of block 1, 2, ...: which ids >> BLOCK_SHIFT
        self.rows = np.full(BLOCK, NOWHERE, np.uint32)
        self.codes: Codes | None = None

    @classmethod
    def of(cls, high: Ids, rows: Ids, codes: Codes | None) -> Directory:
        directory = cls()
        directory.high, directory.rows, directory.codes = high, rows, codes
        directory.block_of[high] = np.arange(1, len(high) + 1, dtype=np.int32)
        return directory

    @property
    def nbytes(self) -> int:
        """Of the blocks in use (the table of blocks is touched only where there are some)."""
        slots = (len(self.high) + 1) << BLOCK_SHIFT
        return slots * (4 if self.codes is None else 6) + len(self.high) * 8

    def slots(self, ids: Ids) -> Rows:
        blocks: Rows = self.block_of[ids >> BLOCK_SHIFT].astype(np.intp)
        return (blocks << BLOCK_SHIFT) | (ids & np.uint32(BLOCK - 1))

    def first_rows(self, ids: Ids) -> Ids:
        """The (first) row of each, or NOWHERE."""
        return self.rows[self.slots(ids)]

    def make_room(self, ids: Ids) -> bool:
        """Blocks for all of these; true if there were any to make."""
        if self.block_of[ids >> BLOCK_SHIFT].all():
            return False
        wanted = np.zeros(_BLOCKS, np.bool_)
        wanted[ids >> BLOCK_SHIFT] = True
        wanted[self.high] = False
        high = np.flatnonzero(wanted).astype(np.uint32)
        blocks = len(self.high) + len(high) + 1
        if blocks << BLOCK_SHIFT > len(self.rows):
            spare = blocks // 8 if len(self.high) else 0  # a table that is built takes no more than it needs
            self._grow((blocks + spare) << BLOCK_SHIFT)
        self.block_of[high] = np.arange(len(self.high) + 1, blocks, dtype=np.int32)
        self.high = np.concatenate([self.high, high])
        return True

    def label(self, ids: Ids, codes: Codes) -> None:
        """The ids need room first."""
        if self.codes is None:
            self.codes = np.zeros(len(self.rows), np.uint16)
        self.codes[self.slots(ids)] = codes

    def forget_labels(self, ids: Ids) -> None:
        if self.codes is not None:
            self.codes[self.slots(ids)] = 0

    def take_labels(self, other: Directory) -> None:
        """Those of another directory, also of ids that stand nowhere."""
        if other.codes is None:
            return
        slots = np.flatnonzero(other.codes)
        ids = (other.high[(slots >> BLOCK_SHIFT) - 1] << BLOCK_SHIFT) | (slots & (BLOCK - 1)).astype(np.uint32)
        self.make_room(ids)
        self.label(ids, other.codes[slots])

    def _grow(self, slots: int) -> None:
        rows = np.full(slots, NOWHERE, np.uint32)
        rows[: len(self.rows)] = self.rows
        self.rows = rows
        if self.codes is not None:
            self.codes = np.concatenate([self.codes, np.zeros(slots - len(self.codes), np.uint16)])


def distinct(ids: Ids) -> Ids:
    """Each once, in order. By sorting: many times faster for these than the hashing of `numpy.unique`."""
    ordered = np.sort(ids)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=~ordered[:1]))]


def ranges(first: Rows, last: Rows) -> Rows:
    """All numbers from each first up to, but without, each last, one range after the other."""
    sizes = last - first
    starts = np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
    return np.asarray(starts + np.arange(len(starts)))
