"""A town by its name or a ZIP code: which places a person may mean, each with its county so that they can tell them apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from alerts.pages.render import number
from geo import cities, postcodes
from geo.places import Gazetteer

MOST = 8
_CLEAR = 8  # so many times larger than the next: nobody means the other


@dataclass(frozen=True, slots=True)
class Town:
    """`at` is what the form sends back when this one is chosen."""

    name: str
    lon: float
    lat: float

    @property
    def at(self) -> str:
        return f"{self.lon:.2f},{self.lat:.2f}"


def find(gazetteer: Gazetteer, text: str, choice: str = "", here: str = "") -> list[Town]:
    """The one chosen or pointed at, or of this ZIP code, else every town of that name, the largest first; several are asked about."""
    if position := _position(choice) or _position(here):
        return [Town("", *position)]
    if spot := postcodes.find(text.strip()):
        return [Town(text.strip(), *spot)]
    name, _, region = text.partition(",")
    rows = _named(name.strip().casefold())
    if not len(rows):
        return []
    known = cities.load()
    towns = [_town(gazetteer, int(row)) for row in rows[:40]]
    if region.strip():
        towns = [town for town in towns if region.strip().casefold() in town.name.casefold()] or towns
    elif len(rows) > 1 and known.inhabitants[rows[0]] > _CLEAR * known.inhabitants[rows[1]]:
        towns = towns[:1]
    return towns[:MOST]


@cache
def _index() -> tuple[np.ndarray, np.ndarray]:
    """Rows sorted by folded name, and the folded names in that order."""
    folded = np.array([str(name).casefold() for name in cities.load().name])
    order = np.argsort(folded, kind="stable")  # stable: within a name the largest town stays first
    return order, folded[order]


def _named(folded: str) -> np.ndarray:
    order, names = _index()
    first, last = np.searchsorted(names, folded, "left"), np.searchsorted(names, folded, "right")
    return order[first:last] if folded else order[:0]


def _town(gazetteer: Gazetteer, row: int) -> Town:
    known = cities.load()
    lon, lat = float(known.lon[row]), float(known.lat[row])
    region = _county(gazetteer, lon, lat) if str(known.country[row]) in {"US", "PR"} else str(known.country[row])
    size = f", {number(int(known.inhabitants[row]))} people"
    return Town(f"{known.name[row]}, {region or known.country[row]}{size}", lon, lat)


def _county(gazetteer: Gazetteer, lon: float, lat: float) -> str | None:
    """The county around a position, by name."""
    tree, codes = _counties(gazetteer)
    rows = tree.query(shapely.Point(lon, lat), predicate="within")
    return gazetteer.name(codes[int(rows[0])]) if len(rows) else None


@cache
def _counties(gazetteer: Gazetteer) -> tuple[shapely.STRtree, list[str]]:
    codes = list(gazetteer.counties)
    return shapely.STRtree([gazetteer.get(code).polygons for code in codes]), codes


def _position(text: str) -> tuple[float, float] | None:
    """A position as the page itself wrote it, longitude comma latitude; None for all else."""
    first, comma, second = text.partition(",")
    try:
        lon, lat = float(first), float(second)
    except ValueError:
        return None
    good = comma and math.isfinite(lon) and -180 <= lon <= 180 and -90 <= lat <= 90
    return (lon, lat) if good else None
