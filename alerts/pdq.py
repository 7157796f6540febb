"""PDQ: a hash of 256 bits by which the same picture is known again, resized, recompressed or a little changed. Pure.

Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (Meta, 2019), section PDQ. Luminance;
two passes of a box filter along each axis (Jarosz), a picture of 64 by 64; 16 by 16 of its cosine transform; the bits
say which of them are above the median. All in 32-bit floats in the reference's order of adding, so that the bits are
the reference's, not nearly so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE, COEFFICIENTS = 64, 16
BITS = COEFFICIENTS * COEFFICIENTS
LEAST_PX = 5
SAME_BITS = 31  # differing bits up to which two pictures are taken for the same, as the paper recommends
LEAST_QUALITY = 50  # below, there is too little in the picture to tell it from others
_PASSES = 2
_SCALE = float(np.float32(math.sqrt(2 / SIDE)))  # the reference keeps it in 32 bits
_DCT = np.array(
    [[_SCALE * math.cos(math.pi / 2 / SIDE * (i + 1) * (2 * j + 1)) for j in range(SIDE)] for i in range(COEFFICIENTS)],
    np.float32,
)
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pdq:
    """`bits`: 32 bytes, whose hexadecimal form is the usual way to write the hash; `quality` from 0 to 100."""

    bits: bytes
    quality: int

    @property
    def tells(self) -> bool:
        """Whether there is enough in the picture for the hash to mean this one."""
        return self.quality >= LEAST_QUALITY


def compute(picture: NDArray[np.uint8]) -> Pdq:
    """The hash of a picture of shape (height, width, 3), RGB of 0 to 255; quality 0 where a side has under 5 pixels."""
    height, width = picture.shape[:2]
    if min(height, width) < LEAST_PX:
        return Pdq(bytes(BITS // 8), 0)
    luma = (picture[:, :, 0] * 0.299 + picture[:, :, 1] * 0.587 + picture[:, :, 2] * 0.114).astype(np.float32)
    small = luma if (height, width) == (SIDE, SIDE) else _shrunk(luma)
    transformed = _product(_product(_DCT, small), _DCT.T)
    median = np.sort(transformed, axis=None)[BITS // 2 - 1]
    return Pdq(np.packbits((transformed > median).ravel()[::-1]).tobytes(), _quality(small))


def distance(one: bytes, other: bytes) -> int:
    """In how many bits two hashes differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def _shrunk(luma: Floats) -> Floats:
    """64 by 64: blurred, then the pixel at the centre of each part."""
    height, width = luma.shape
    for _ in range(_PASSES):
        luma = _box(luma.T, _window(width)).T
        luma = _box(luma, _window(height))
    rows = [int((i + 0.5) * height / SIDE) for i in range(SIDE)]
    columns = [int((j + 0.5) * width / SIDE) for j in range(SIDE)]
    return luma[np.ix_(rows, columns)]


def _window(size: int) -> int:
    return (size + 2 * SIDE - 1) // (2 * SIDE)


def _box(lines: Floats, window: int) -> Floats:
    """The mean over `window` lines around each line, fewer at both ends: one running sum, as the reference adds."""
    count, half = len(lines), (window + 2) // 2
    found = np.empty_like(lines)
    total, held = np.zeros_like(lines[0]), 0
    for step in range(count + half - 1):
        if step < count:
            total, held = total + lines[step], held + 1
        if held > window or step >= count:
            total, held = total - lines[step - window if step < count else count - held], held - 1
        if step >= half - 1:
            found[step - half + 1] = total / np.float32(held)
    return found


def _product(left: Floats, right: Floats) -> Floats:
    """The matrix product, each sum from the first term to the last (a library's sums in an order of its own)."""
    total = np.zeros((left.shape[0], right.shape[1]), np.float32)
    for k in range(left.shape[1]):
        total += left[:, k : k + 1] * right[k : k + 1, :]
    return total


def _quality(small: Floats) -> int:
    """How much there is to see: the steps between neighbours, counted from the hundredth part of the whole range on."""
    hundred, most = np.float32(100), np.float32(255)
    steps = sum(int(np.abs((np.diff(small, axis=axis) * -hundred / most).astype(np.int64)).sum()) for axis in (0, 1))
    return min(steps // 90, 100)
