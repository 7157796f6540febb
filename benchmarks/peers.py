"""What others would use for the same question, each as its authors advise, asked for the same ids.

`Boxed` peers find who is in a box; then the ring decides (`contains_xy`), or for a circle the geodesic (pyproj). That
is the best that is known to be got out of a tree of points. The others judge the polygon themselves.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from benchmarks import timing
from benchmarks.population import Floats, Ids, People
from geo import Circle, Shape
from geo.circles import Box

_EARTH = Geod(ellps="WGS84")
_EVERYBODY_SQL = "CREATE VIRTUAL TABLE people USING rtree(id, west, east, south, north, +lon REAL, +lat REAL)"
_BOX_SQL = "SELECT id, lon, lat FROM people WHERE east >= ? AND west <= ? AND north >= ? AND south <= ?"


class _InProcess(ABC):
    """A peer that works in this process."""

    name: str

    def answer(self, shape: Shape) -> tuple[float, NDArray[np.integer]]:
        return timing.timed(self.ids, shape)

    def can(self, shape: Shape) -> bool:
        return not shape.circles

    @abstractmethod
    def ids(self, shape: Shape) -> NDArray[np.integer]: ...


@dataclass
class Boxed(_InProcess):
    """A tree that finds candidates (ids, lon, lat) by box, settled one by one."""

    name: str
    find: Callable[[Box], tuple[Ids, Floats, Floats]]

    def can(self, shape: Shape) -> bool:
        return True

    def ids(self, shape: Shape) -> NDArray[np.integer]:
        found = [self._polygon(part) for part in shape.polygons.geoms]
        found += [self._circle(circle, box) for circle in shape.circles for box in circle.boxes()]
        return np.concatenate(found)

    def _polygon(self, part: shapely.Polygon) -> Ids:
        ids, lon, lat = self.find(part.bounds)
        shapely.prepare(part)
        return ids[shapely.contains_xy(part, lon, lat)]

    def _circle(self, circle: Circle, box: Box) -> Ids:
        ids, lon, lat = self.find(box)
        away_m = _EARTH.inv(np.full(len(lon), circle.lon), np.full(len(lat), circle.lat), lon, lat)[2]
        return ids[np.asarray(away_m) <= circle.radius_m]


@dataclass
class Predicate(_InProcess):
    """shapely's STRtree with its own predicate: polygons only."""

    people: People
    tree: shapely.STRtree
    name: str = "STRtree, predicate"

    def ids(self, shape: Shape) -> NDArray[np.integer]:
        parts = np.array(shape.polygons.geoms)
        shapely.prepare(parts)
        _, rows = self.tree.query(parts, predicate="covers")
        found: Ids = self.people.ids[rows]
        return found


class Joined(_InProcess):
    """geopandas' spatial join, its index made beforehand: polygons only."""

    name = "geopandas sjoin"

    def __init__(self, people: People) -> None:
        import geopandas

        self._geopandas = geopandas
        points = geopandas.points_from_xy(people.lon, people.lat)
        self._people = geopandas.GeoDataFrame({"id": people.ids}, geometry=points)
        self._people.sindex  # noqa: B018 - made now, not in the first question

    def ids(self, shape: Shape) -> NDArray[np.integer]:
        area = self._geopandas.GeoDataFrame(geometry=list(shape.polygons.geoms))
        joined = self._geopandas.sjoin(self._people, area, predicate="within")
        return np.asarray(joined["id"], np.uint32)


def strtrees(people: People) -> list[Predicate | Boxed]:
    """One tree, asked with its predicate, and at its best: by box, then `contains_xy`."""
    tree = shapely.STRtree(np.asarray(shapely.points(people.lon, people.lat)))

    def find(box: Box) -> tuple[Ids, Floats, Floats]:
        rows = tree.query(shapely.box(*box))
        return people.ids[rows], people.lon[rows], people.lat[rows]

    return [Predicate(people, tree), Boxed("STRtree at its best", find)]


def rtree_alone(people: People) -> Boxed:
    """`rtree`, filled and asked in bulk."""
    from rtree import index

    points = np.stack([people.lon, people.lat], axis=1)
    tree: Any = index.Index((people.ids.astype(np.int64), points, points))

    def find(box: Box) -> tuple[Ids, Floats, Floats]:
        rows, _ = tree.intersection_v(np.array([box[:2]]), np.array([box[2:]]))
        return people.ids[rows], people.lon[rows], people.lat[rows]

    return Boxed("rtree alone", find)


def sqlite_rtree(people: People) -> Boxed:
    """SQLite's R*Tree, in memory. Its boxes are 32-bit floats rounded outwards, so positions stand beside them."""
    database = sqlite3.connect(":memory:")
    database.execute(_EVERYBODY_SQL)
    ids, lon, lat = people.ids.tolist(), people.lon.tolist(), people.lat.tolist()
    rows = zip(ids, lon, lon, lat, lat, lon, lat, strict=True)
    database.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def find(box: Box) -> tuple[Ids, Floats, Floats]:
        west, south, east, north = box
        found = database.execute(_BOX_SQL, (west, east, south, north)).fetchall()
        table = np.array(found, np.float64).reshape(-1, 3)
        return table[:, 0].astype(np.uint32), table[:, 1], table[:, 2]

    return Boxed("SQLite R*Tree", find)
