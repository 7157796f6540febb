"""Builds `geo/data/places.npz` from the package plotly-geo (Census Bureau, public domain): `python -m geo.build_places`.

Run by hand when the boundaries are to be renewed; the package is a development dependency only (40 MB, we keep 3).
Coordinates are rounded to a grid of GRID degrees (at most 4 m off), nothing is simplified, and every polygon is valid
again afterwards. Stored: per ring a start and then steps on the grid, zigzag-coded bytes with escapes for long ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.build_cities import write

TARGET = Path(__file__).parent / "data" / "places.npz"
GRID = 5e-5  # degrees: 6 m of latitude
ESCAPE = 255
COUNTIES = "cb_2016_us_county_500k.shp"
STATES = "cb_2016_us_state_500k.shp"

# LSAD: what the Census Bureau calls this kind of county (2016 TIGER/Line, appendix E).
KINDS = {
    "03": "City and Borough",
    "04": "Borough",
    "05": "Census Area",
    "06": "County",
    "07": "District",
    "10": "Island",
    "12": "Municipality",
    "13": "Municipio",
    "15": "Parish",
    "25": "city",
}


def source(name: str) -> Any:
    """One of the package's files as a GeoDataFrame, in order of its code."""
    import _plotly_geo  # type: ignore[import-untyped]
    import geopandas

    frame = geopandas.read_file(Path(_plotly_geo.__file__).parent / "package_data" / name, encoding="utf-8")
    return frame.sort_values("GEOID").reset_index(drop=True)


def columns(counties: Any, states: Any) -> dict[str, NDArray[Any]]:
    """All arrays of the file: codes and names as text, and the rings."""
    shapes = np.concatenate([counties.geometry.to_numpy(), states.geometry.to_numpy()])
    kinds = [KINDS.get(lsad, "") for lsad in counties.LSAD]
    names = [f"{name} {kind}".strip() for name, kind in zip(counties.NAME, kinds, strict=True)]
    return {
        "county_code": np.array(list(counties.GEOID), "S5"),
        "county_name": _text(names),
        "state_code": np.array(list(states.GEOID), "S2"),
        "state_name": _text([f"{name}, {abbr}" for name, abbr in zip(states.NAME, states.STUSPS, strict=True)]),
        **_rings(shapely.set_precision(shapes, GRID)),
    }


def _text(lines: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def _rings(places: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """County (its row) and hole (0 or 1), start (lon, lat) and length of every ring; then all steps of all rings."""
    rings = [
        (row, hole, np.round(np.asarray(ring.coords)[:-1] / GRID).astype(np.int32))
        for row, place in enumerate(places)
        for polygon in getattr(place, "geoms", [place])
        for hole, ring in enumerate([polygon.exterior, *polygon.interiors])
    ]
    steps = np.concatenate([np.diff(ring, axis=0) for _, _, ring in rings])
    zigzag = ((steps << 1) ^ (steps >> 31)).astype(np.uint32).T.ravel()
    return {
        "ring_place": np.array([row for row, _, _ in rings], np.uint16),
        "ring_hole": np.array([hole > 0 for _, hole, _ in rings], np.uint8),
        "ring_start": np.array([ring[0] for _, _, ring in rings], np.int32),
        "ring_length": np.array([len(ring) for _, _, ring in rings], np.uint32),
        "steps": np.minimum(zigzag, ESCAPE).astype(np.uint8),
        "long_steps": zigzag[zigzag >= ESCAPE],
    }


def main() -> None:
    write(columns(source(COUNTIES), source(STATES)), TARGET)


if __name__ == "__main__":
    main()
