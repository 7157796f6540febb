"""Sets of positions in a batch as whole numbers: bit i is position i. Pure; union is |, both is &, without is & ~.

A batch has at most 1,000 positions, so a set is one Python integer of up to 125 bytes and every set operation one
machine-speed instruction.

Stored in the shorter of two forms, since a batch is written anew whole at every checkpoint; the empty set, which most
are, takes no room:
- A window: how many bytes at the low end are all alike, in seven bits, and whether these are full, in the eighth; then
  the bytes after them. Those that were sent one after the other, or are under way, are a few bytes.
- Runs: `RUNS`, then u16 pairs of a first position and how many follow each other. Few are gone, anywhere in the batch.
Zero bytes at the end say nothing in either, so there can be room (`roomy`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import iter_unpack
from struct import pack as packed

Bits = int
RUNS = 0x7F
ROOM = 17  # bytes: four runs, or what is under way of a batch that shares its window
_FULL = 0x80


def full(size: int) -> Bits:
    """All positions of a batch of `size`."""
    return (1 << size) - 1


def of(positions: Iterable[int]) -> Bits:
    """The set of these positions; ValueError for a negative one."""
    bits = 0
    for position in positions:
        bits |= 1 << position
    return bits


def positions(bits: Bits) -> Iterator[int]:
    """The positions in a set, ascending."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def first(bits: Bits, count: int) -> Bits:
    """The `count` lowest positions of a set (all, if there are fewer)."""
    if bits.bit_count() <= count:
        return bits
    taken = 0
    for _ in range(count):
        lowest = bits & -bits
        taken |= lowest
        bits ^= lowest
    return taken


def plain(bits: Bits, size: int) -> bytes:
    """A bit a position in little bit order, in whole bytes; OverflowError if a position lies outside of them."""
    return bits.to_bytes((size + 7) // 8, "little")


def pack(bits: Bits, size: int) -> bytes:
    """As stored, nothing for the empty set; OverflowError if a position lies outside the batch."""
    if not bits:
        return b""
    window = _window(plain(bits, size))
    firsts = bits & ~(bits << 1)
    if 1 + 4 * firsts.bit_count() >= len(window):
        return window
    runs = zip(positions(firsts), positions(bits & ~(bits >> 1)), strict=True)
    return bytes((RUNS,)) + b"".join(packed("<HH", first, last - first + 1) for first, last in runs)


def roomy(stored: bytes) -> bytes:
    """The same with room for more: a row that grows is moved, and others with it, and that is written too."""
    return stored.ljust(ROOM, b"\0")


def unpack(stored: bytes) -> Bits:
    """From either form; ValueError or struct.error for what is neither."""
    if not stored:
        return 0
    if stored[0] == RUNS:
        return of_runs(iter_unpack("<HH", stored[1:]))
    alike = stored[0] & ~_FULL
    return int.from_bytes(stored[1:], "little") << 8 * alike | (full(8 * alike) if stored[0] & _FULL else 0)


def of_runs(runs: Iterable[tuple[int, ...]]) -> Bits:
    bits = 0
    for first, count in runs:
        bits |= full(count) << first
    return bits


def _window(whole: bytes) -> bytes:
    low = whole[:1] if whole[0] in (0, 0xFF) else b""
    rest = whole.lstrip(low) if low else whole
    alike = min(len(whole) - len(rest), RUNS - 1)
    head = alike | _FULL if low == b"\xff" else alike
    return bytes((head,)) + whole[alike:].rstrip(b"\0")
