"""ZIP codes of the United States: where each is, as one point inside of it (US Census Bureau, 2021, public domain).

Built by `geo.build_postcodes`; the source, vintage and licence stand in `geo/data/README.md`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.build_postcodes import PER_DEGREE

DATA = Path(__file__).parent / "data" / "postcodes.npz"
_FORM = re.compile(r"([0-9]{5})(?:-[0-9]{4})?")  # ZIP+4 is of the same area


def is_postcode(text: str) -> bool:
    """Whether it is written as one, known or not."""
    return _FORM.fullmatch(text) is not None


def find(text: str) -> tuple[float, float] | None:
    """(lon, lat) inside the area of a ZIP code; None for one that nobody knows, and for all else."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    code, lon, lat = _load()
    row = int(np.searchsorted(code, int(form[1])))
    if row == len(code) or code[row] != int(form[1]):
        return None
    return float(lon[row]) / PER_DEGREE, float(lat[row]) / PER_DEGREE


@cache
def _load() -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]]:
    with np.load(DATA) as archive:
        return archive["code"], archive["lon"], archive["lat"]
