"""A small world on a real database, SQLite and PostgreSQL in turn: people with positions, a vault, notices; and a map that is plain brute force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from sqlalchemy import Engine

from alerts.database import make_engine
from geo import tables as places
from geo.shapes import Shape
from notifiers import addresses, notices, subscriptions, tables
from notifiers.model import Kind, Notice, Text
from notifiers.subscriptions import Enrolled, Enrolment, NewSubscription
from notifiers.transactions import writing
from notifiers.vault import Vault

SQUARE = Shape(shapely.MultiPolygon([shapely.box(-105.5, 39.5, -104.5, 40.5)]))


def now() -> datetime:
    return datetime.now(UTC)


class BruteForceMap:
    """The recipients' points one by one: the oracle of what an index answers."""

    seq = 0

    def __init__(self) -> None:
        self.points: dict[int, tuple[float, float]] = {}

    def within(self, area: Shape) -> np.ndarray:
        found = [id_ for id_, point in self.points.items() if self._inside(area, point)]
        return np.array(sorted(found), np.uint32)

    @staticmethod
    def _inside(area: Shape, point: tuple[float, float]) -> bool:
        near = (
            Geodesic.WGS84.Inverse(point[1], point[0], circle.lat, circle.lon)["s12"] <= circle.radius_m
            for circle in area.circles
        )
        return bool(shapely.intersects_xy(area.polygons, *point)) or any(near)


class World:
    """Enrols people, writes notices."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self.engine = engine
        self.vault = vault
        self.map = BruteForceMap()
        self.secret = addresses.secret(vault)
        self.receiver = "http://127.0.0.1:9"  # nobody listens there
        self._people = 0

    def enrol(self, count: int, channels: Sequence[str] = ("push",), *, test: bool = False, **where) -> list[Enrolled]:
        """People inside the square, or at `lon`, `lat`; each with one subscription a channel."""
        people = [Enrolment("public", test, "", [self.subscription(name) for name in channels]) for _ in range(count)]
        with writing(self.engine) as connection:
            enrolled = subscriptions.enrol(connection, people, secret=self.secret, now=now())
        for number, one in enumerate(enrolled):
            offset = 0.0 if where else number * 1e-4 % 0.4
            self.map.points[one.recipient_id] = (where.get("lon", -105.0) + offset, where.get("lat", 40.0))
        return enrolled

    def subscription(self, channel: str, address: dict | None = None, **changes) -> NewSubscription:
        self._people += 1
        if address is None:
            address = self._address(channel)
        values = {
            "language": "en",
            "consent_how": "web form",
            "consent_words": "Tell me when a child is missing near me.",
            "consented_at": now(),
            "confirmed_at": now(),
        }
        return NewSubscription(channel, address, **(values | changes))

    def _address(self, channel: str) -> dict[str, str]:
        if channel == "sms":
            return {"phone": f"+1303555{self._people:04}"}
        return {"endpoint": f"{self.receiver}/{self._people}"} if channel != "inbox" else {}

    def notice(self, **changes) -> Notice:
        area = changes.pop("area", SQUARE)
        values = {
            "incident": "an-incident",
            "version": 1,
            "number": 1,
            "kind": Kind.ALERT,
            "status": "Actual",
            "sent_at": now(),
            "expires_at": now() + timedelta(hours=1),
            "sender_name": "Example Police",
            "page_url": "https://example.org/a/an-incident",
            "texts": {"en": Text("A child is missing", "Look out."), "es": Text("Falta un menor", "Atentos.")},
            "area": area,
            "area_digest": "" if area is None else area.digest(),
            "reach": 1_000_000,
            "last_seen": (-105.0, 40.0),
        }
        return Notice(**(values | changes))

    def add(self, *, incident_id: int = 1, key_name: str | None = None, **changes) -> int:
        with writing(self.engine) as connection:
            said = self.notice(**changes)
            return notices.add(
                connection, self.vault, said, incident_id=incident_id, key_name=key_name, approved_at=now()
            )

    def cancel(self, *, version: int = 2, incident_id: int = 1) -> int:
        """The way a service does it: in one transaction everything is over, and the cancel is there."""
        said = self.notice(kind=Kind.CANCEL, version=version, number=version, area=None, area_digest="")
        with writing(self.engine) as connection:
            notices.set_over(connection, incident_id, "cancelled")
            return notices.add(connection, self.vault, said, incident_id=incident_id, key_name=None, approved_at=now())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database, on each of the engines."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql")
    url = f"sqlite:///{tmp_path}/lookout.sqlite"
    engine = make_engine(url)
    for metadata in (tables.metadata, places.metadata):
        metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "keys")


@pytest.fixture
def world(engine: Engine, vault: Vault) -> World:
    return World(engine, vault)
