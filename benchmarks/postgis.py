"""PostGIS as a peer: GiST over points, once in the order of the ids (random on the map), once clustered and warm.

Measured is the CPU time until the ids stand in an array here, as ours do: of the server to plan the query, run it and
hand them over by COPY, which is its fastest way, and of the client to take them. The server's share is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks import timing
from benchmarks.cluster import Session
from benchmarks.population import People
from geo import Circle, Shape

_SPHEROID = "'SPHEROID[\"WGS 84\",6378137,298.257223563]'"
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"  # of COPY's binary format
_COLUMNS = [("columns", ">i2"), ("id_size", ">i4"), ("id", ">i4"), ("place_size", ">i4")]
_POINT = [("order", "u1"), ("kind", "<u4"), ("srid", "<u4"), ("lon", "<f8"), ("lat", "<f8")]  # extended WKB
_POINT_WITH_SRID, _WGS_84 = 0x20000001, 4326


def load(session: Session, people: People) -> tuple[PostGIS, PostGIS]:
    """Two tables of the same people, the second along the curve by which PostGIS sorts points, both with their index."""
    file = session.folder / "people.copy"
    file.write_bytes(_HEADER + _rows(people).tobytes() + _TRAILER)
    file.chmod(0o644)
    session.ask("CREATE TABLE scattered (id int, place geometry(Point, 4326))")
    session.ask(f"COPY scattered FROM '{file}' (FORMAT binary)")
    file.unlink()
    session.ask("CREATE TABLE clustered AS SELECT * FROM scattered ORDER BY place")
    for table in ("scattered", "clustered"):
        session.ask(f"CREATE INDEX ON {table} USING gist (place)")
        session.ask(f"VACUUM (ANALYZE) {table}")
    scattered = PostGIS(session, "scattered", "PostGIS, table in random order")
    return scattered, PostGIS(session, "clustered", "PostGIS, clustered and warm")


@dataclass
class PostGIS:
    """One of the two tables as a peer."""

    session: Session
    table: str
    name: str
    server_s: list[float] = field(default_factory=list)  # of each answer, the share of the server

    def can(self, shape: Shape) -> bool:
        return True

    def answer(self, shape: Shape) -> tuple[float, NDArray[np.integer]]:
        copied = f"COPY ({self._query(shape)}) TO STDOUT"
        begin = self.session.server_clock()
        seconds, found = timing.timed(self._ids, copied, clock=self.session.clock)
        self.server_s.append(self.session.server_clock() - begin)
        return seconds, found

    def _ids(self, copied: str) -> NDArray[np.integer]:
        return np.fromstring(self.session.ask(copied).decode(), np.int64, sep="\n")

    def _query(self, shape: Shape) -> str:
        conditions = [_in_polygon(part) for part in shape.polygons.geoms]
        conditions += [_in_circle(circle) for circle in shape.circles]
        return f"SELECT id FROM {self.table} WHERE {' OR '.join(conditions)}"


def _in_polygon(part: shapely.Polygon) -> str:
    literal = shapely.to_wkb(shapely.set_srid(part, _WGS_84), hex=True, include_srid=True)
    return f"ST_Covers('{literal}'::geometry, place)"


def _in_circle(circle: Circle) -> str:
    """The index finds the boxes around the circle, the geodesic decides."""
    boxes = " OR ".join(f"place && ST_MakeEnvelope({','.join(map(repr, box))}, 4326)" for box in circle.boxes())
    middle = f"ST_SetSRID(ST_MakePoint({circle.lon!r}, {circle.lat!r}), 4326)"
    return f"(({boxes}) AND ST_DistanceSpheroid(place, {middle}, {_SPHEROID}) <= {circle.radius_m!r})"


def _rows(people: People) -> NDArray[np.void]:
    rows = np.zeros(len(people), np.dtype(_COLUMNS + _POINT))
    rows["columns"], rows["id_size"], rows["place_size"] = 2, 4, 25
    rows["order"], rows["kind"], rows["srid"] = 1, _POINT_WITH_SRID, _WGS_84
    rows["id"], rows["lon"], rows["lat"] = people.ids, people.lon, people.lat
    return rows
