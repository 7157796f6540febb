"""Area blocks -> the parts of a record's area, so that they are the same place on the map and never a wider one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from alerts.area import CODES
from alerts.model import Area


def parts_of(areas: Sequence[Area]) -> dict[str, Any]:
    """The parts as JSON. Codes beside a drawn area tell the same place more coarsely: they place nothing."""
    coded = [area for area in areas if not _is_drawn(area)]
    same = [code for area in coded for name, value in area.geocodes if (code := _same(name, value))]
    kept = [
        {"name": name, "value": value}
        for area in areas
        for name, value in area.geocodes
        if _is_drawn(area) or not _same(name, value)
    ]
    circles = [c for area in areas for c in area.circles]
    found = {
        "description": "; ".join(dict.fromkeys(area.description for area in areas if area.description)),
        "same": list(dict.fromkeys(same)),
        "geojson": _geojson(list(_geometries(areas))),
        "circles": [{"lon": c.lon, "lat": c.lat, "radius_m": round(c.radius_m, 6)} for c in circles],
        "geocodes": [pair for n, pair in enumerate(kept) if pair not in kept[:n]],
    }
    heights = {
        name: value for name in ("altitude", "ceiling") for area in areas if (value := getattr(area, name)) is not None
    }
    return {name: value for name, value in found.items() if value} | heights


def _is_drawn(area: Area) -> bool:
    return bool(area.polygons or area.circles or area.geometry is not None)


def _same(name: str, value: str) -> str | None:
    """The six digits of a code that the gazetteer knows; None for other schemes."""
    if name.upper() not in CODES or not value.isdecimal():
        return None
    return value.rjust(6, "0") if len(value) in {5, 6} else None


def _geometries(areas: Sequence[Area]) -> Iterator[dict[str, Any]]:
    for area in areas:
        if area.geometry is not None:
            yield area.geometry
        for ring in area.polygons:
            yield {"type": "Polygon", "coordinates": [[list(position) for position in ring]]}


def _geojson(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    return found[0] if len(found) == 1 else {"type": "GeometryCollection", "geometries": found} if found else None
