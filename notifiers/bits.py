"""Sets of positions in a batch as whole numbers: bit i is position i. Pure; union is |, both is &, without is & ~.

A batch has at most 1,000 positions, so a set is one Python integer of up to 125 bytes and every set operation one
machine-speed instruction. Stored in little bit order, padded to whole bytes of the
batch's size; the empty set, which most are, takes no room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Bits = int


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


def pack(bits: Bits, size: int) -> bytes:
    """As stored, nothing for the empty set; OverflowError if a position lies outside the batch."""
    return bits.to_bytes((size + 7) // 8, "little") if bits else b""


def unpack(stored: bytes) -> Bits:
    return int.from_bytes(stored, "little")
