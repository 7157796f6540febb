"""The area fields of a form to the area of a record: counties, a town or point with radius, coordinates; their union.

Pure but for the gazetteer that is asked for names. What cannot be read is a fault beside its own field; what is read
goes on to the same rules as any other area.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alerts.pages import towns
from geo.places import Gazetteer

FIELDS = ("places", "around", "latitude", "longitude", "radius", "radius_unit", "coordinates")
METRES = {"mi": 1609.344, "km": 1000.0}
MINUS = "\N{MINUS SIGN}"  # what word processors make of a hyphen
_MOST_TEXT = 400_000
_MOST_NAME = 120
_MOST_PLACES = 300  # each is looked up among all names: a few milliseconds
_CODE = re.compile(r"\d{2}|\d{5}|\d{6}")
_NUMBER = r"([+-]?\d{1,3}(?:\.\d+)?)"
_PAIR = re.compile(  # latitude and longitude as maps copy them; "38,58" is one number with a decimal comma
    r"([+-]?\d{1,2}(?:\.\d+)?)\s?°?\s?([NS]?)(?:,\s+|;\s*|\s+|,(?=[+-]?\d{1,3}\.))([+-]?\d{1,3}(?:\.\d+)?)\s?°?\s?([EW]?)",
    re.IGNORECASE,
)
_CORNER = re.compile(rf"\s*[\[(]?\s*{_NUMBER}\s*[,;\s]\s*{_NUMBER}\s*[\])]?\s*,?\s*")

Faults = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class AreaEntry:
    """What was entered, as a record's area, and what could not be read, by field."""

    area: dict[str, Any]
    faults: Faults = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.area and not self.faults


def read(values: Mapping[str, str], places: Gazetteer) -> AreaEntry:
    """All ways at once; nothing entered is an empty entry without faults."""
    faults: Faults = {}
    values = _around(_split(values), places, faults)
    parts = {
        "same": _places(values.get("places", ""), places, faults),
        "circles": _circle(values, faults),
        "geojson": _coordinates(values.get("coordinates", ""), faults),
    }
    return AreaEntry({name: part for name, part in parts.items() if part}, faults)


def write(area: Mapping[str, Any], name_of: Mapping[str, str]) -> dict[str, str]:
    """A record's area back into the fields, so that it can be edited; of several circles the form shows the first."""
    codes = [name_of.get(code, code) for code in area.get("same") or ()]
    values = {"places": "\n".join(codes), "coordinates": _pretty(area.get("geojson"))}
    for circle in list(area.get("circles") or ())[:1]:
        values |= {"latitude": f"{circle['lat']:g}", "longitude": f"{circle['lon']:g}"}
        values |= {"radius": f"{circle['radius_m'] / METRES['km']:g}", "radius_unit": "km"}
    return values


def joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two areas as one: the parts of both."""
    lists = {name: [*(one.get(name) or ()), *(other.get(name) or ())] for name in ("same", "circles")}
    drawn = [geometry for area in (one, other) for geometry in _geometries(area.get("geojson"))]
    geojson = {"type": "GeometryCollection", "geometries": drawn} if len(drawn) > 1 else next(iter(drawn), None)
    whole = {"description": one.get("description"), **lists, "geojson": geojson}
    return {name: part for name, part in whole.items() if part}


def _geometries(geojson: Any) -> list[Any]:
    """The simple geometries of a GeoJSON object, out of its feature or collection."""
    if not isinstance(geojson, Mapping):
        return []
    if geojson.get("type") == "Feature":
        return _geometries(geojson.get("geometry"))
    if geojson.get("type") == "FeatureCollection":
        return [inner for one in geojson.get("features") or () for inner in _geometries(one)]
    if geojson.get("type") == "GeometryCollection":
        return [inner for one in geojson.get("geometries") or () for inner in _geometries(one)]
    return [dict(geojson)]


def _pretty(geojson: Any) -> str:
    return json.dumps(geojson) if geojson else ""


def _places(text: str, places: Gazetteer, faults: Faults) -> list[str]:
    """One place a line, by code or name. A code is left to the record's own rule; a name must mean one place."""
    codes = []
    lines = dict.fromkeys(filter(None, (line.strip() for line in text[:_MOST_TEXT].splitlines())))
    if len(lines) > _MOST_PLACES:
        faults["places"] = [f"Name at most {_MOST_PLACES} places: give whole states, or draw the area."]
        return []
    for line in lines:
        if _CODE.fullmatch(line):
            codes.append(line.rjust(6, "0") if len(line) == 5 else line)
            continue
        found = places.search(line, 6)
        exact = [code for code, name in found if name.casefold() == line.casefold()]
        if exact or len(found) == 1:
            codes.append(exact[0] if exact else found[0][0])
        else:
            faults.setdefault("places", []).append(_which(line, [name for _, name in found]))
    return list(dict.fromkeys(codes))


def _which(line: str, names: Sequence[str]) -> str:
    said = line if len(line) <= 60 else line[:60] + "…"
    if not names:
        return f"“{said}” is no county or state we know. Write it as “Yolo County, CA”, or give its code."
    return f"“{said}” could be {', '.join(names[:5])}. Write the one you mean in full."


def _split(values: Mapping[str, str]) -> Mapping[str, str]:
    """A pair as maps copy it, pasted into the first of the two fields, in both."""
    found = _PAIR.fullmatch(values.get("latitude", "").replace(MINUS, "-").strip())
    if found is None or values.get("longitude", "").strip():
        return values
    lat, south, lon, west = found.groups()
    signs = ("-" if south in ("S", "s") else ""), ("-" if west in ("W", "w") else "")
    return {**values, "latitude": signs[0] + lat, "longitude": signs[1] + lon}


def _around(values: Mapping[str, str], places: Gazetteer, faults: Faults) -> Mapping[str, str]:
    """The point of the town that is named; it must be one, and there must be no other point."""
    name = values.get("around", "").strip()
    if not name:
        return values
    if values.get("latitude", "").strip() or values.get("longitude", "").strip():
        faults["around"] = ["Give a town, or latitude and longitude: not both."]
        return {**values, "latitude": "", "longitude": "", "radius": ""}
    found = towns.find(places, name) if len(name) <= _MOST_NAME else []
    if len(found) != 1:
        faults["around"] = [_which_town(name, [town.name for town in found])]
        return {**values, "radius": ""}
    if not values.get("radius", "").strip():
        faults["radius"] = ["The radius is missing: a town and a radius belong together."]
        return values
    return {**values, "latitude": f"{found[0].lat:.5f}", "longitude": f"{found[0].lon:.5f}"}


def _which_town(name: str, names: Sequence[str]) -> str:
    said = name if len(name) <= 60 else name[:60] + "…"
    if not names:
        return f"“{said}” is no town we know. Write it as “Davis, CA”, or give latitude and longitude."
    return f"“{said}” could be {'; '.join(names[:5])}. Write it with its county, as here."


def _circle(values: Mapping[str, str], faults: Faults) -> list[dict[str, float]]:
    given = {name: values.get(name, "").strip() for name in ("latitude", "longitude", "radius")}
    if not any(given.values()):
        return []
    lat = _number(given["latitude"], "latitude", "The latitude", 90, faults)
    lon = _number(given["longitude"], "longitude", "The longitude", 180, faults)
    radius = _number(given["radius"], "radius", "The radius", 20_000, faults)
    if radius is not None and radius <= 0:
        faults.setdefault("radius", []).append("The radius must be more than nothing.")
    if lat is None or lon is None or radius is None or radius <= 0:
        return []
    metres = radius * METRES.get(values.get("radius_unit", ""), METRES["mi"])
    return [{"lon": lon, "lat": lat, "radius_m": round(metres, 1)}]


def _number(text: str, name: str, said: str, most: float, faults: Faults) -> float | None:
    """A plain number, decimal point or comma, within plus and minus `most`."""
    try:
        value = float(text.replace(",", ".").replace(MINUS, "-"))
    except ValueError:
        wanted = "is missing: point and radius belong together" if not text else "must be a number such as 38.58"
        faults.setdefault(name, []).append(f"{said} {wanted}.")
        return None
    if not -most <= value <= most:  # also refuses NaN
        faults.setdefault(name, []).append(f"{said} must lie between -{most:g} and {most:g}.")
        return None
    return value


def _coordinates(text: str, faults: Faults) -> dict[str, Any] | None:
    text = text.strip()
    if not text:
        return None
    if len(text) > _MOST_TEXT:
        faults["coordinates"] = ["That is more than we take here. Simplify the shape."]
        return None
    return _geojson(text, faults) if text.startswith("{") else _ring(text, faults)


def _geojson(text: str, faults: Faults) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        faults["coordinates"] = ["This starts like GeoJSON but is not complete JSON. Copy all of it."]
        return None
    return found if isinstance(found, dict) else None


def _ring(text: str, faults: Faults) -> dict[str, Any] | None:
    """One corner a line, longitude first; the last is joined to the first."""
    ring, wrong = [], []
    for row, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if corner := _CORNER.fullmatch(line):
            ring.append([float(corner[1]), float(corner[2])])
        else:
            wrong.append(str(row))
    if wrong:
        faults["coordinates"] = [
            f"Line {', '.join(wrong[:5])}: write one corner as longitude, latitude: -121.49, 38.58."
        ]
        return None
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    return {"type": "Polygon", "coordinates": [ring]}
