"""The cast of all tests and the small world they live in: Clock, House, and records around Denver."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
DENVER = (-104.9903, 39.7392)  # lon, lat
FAR_AWAY = (-100.0, 35.0)
BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


class Clock:
    """Real time, and as much later as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_time(self, **ahead: float) -> None:
        self.ahead += timedelta(**ahead)


@dataclass
class House:
    """A sandbox Lookout without web server and workers."""

    services: Any
    submitter: Any
    approver: Any
    stranger: Any
    operator: Any
    clock: Clock
    keys: dict[str, str] = field(default_factory=dict)  # API key by role in the cast
    fanned_out: list[int] = field(default_factory=list)

    def enrol(self, places: Sequence[tuple[float, float]], channel: str = "inbox", *, test: bool = True, **more: Any):
        """Confirmed recipients at these exact points; one subscription each."""
        from geo import store as positions
        from notifiers import addresses, subscriptions
        from notifiers.subscriptions import Enrolment, NewSubscription
        from notifiers.transactions import writing

        now = self.clock()
        known = len(self.fanned_out) * 1000

        def address(n: int) -> dict[str, str]:
            return {"email": f"person{known}-{n}-{len(places)}@example.org"} if channel == "email" else {}

        people = [
            Enrolment(
                more.get("kind", "partner"),
                test,
                "tests",
                [NewSubscription(channel, address(n), more.get("language", "en"), "test", "I agree.", now, now)],
            )
            for n in range(len(places))
        ]
        with writing(self.services.engine) as connection:
            done = subscriptions.enrol(connection, people, secret=addresses.secret(self.services.vault), now=now)
            rows = [positions.Position(one.recipient_id, *place) for one, place in zip(done, places, strict=True)]
            positions.place(connection, rows, now)
        lon, lat = np.array(places).T
        self.services.index.move(np.array([one.recipient_id for one in done], np.uint32), lon, lat)
        return done

    def run_out(self, *alert_ids: str) -> None:
        """The time of these messages is over, or of everything: on the database's clock, whatever ours says."""
        from sqlalchemy import update

        from alerts.tables import incident, message
        from notifiers.clock import database_now
        from notifiers.tables import notice
        from notifiers.transactions import writing

        with writing(self.services.engine) as connection:
            past = database_now(connection) - timedelta(seconds=1)
            chosen = message.c.public_id.in_(alert_ids) if alert_ids else message.c.id > 0
            connection.execute(update(message).where(chosen).values(expires_at=past))
            connection.execute(update(incident).where(incident.c.expires_at.is_not(None)).values(expires_at=past))
            if not alert_ids:
                connection.execute(update(notice).values(expires_at=past))

    def headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}", "If-Match": "*"}

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table."""
        from sqlalchemy import select

        from notifiers.transactions import reading

        with reading(self.services.engine) as connection:
            return list(connection.execute(select(table)).all())


def record(**changes: Any) -> dict[str, Any]:
    """A small valid AMBER record (an exercise) whose area is a square around Denver; `changes` replace members."""
    whole: dict[str, Any] = json.loads((FIXTURES / "alerts" / "demo.json").read_text())
    del whole["photos"]
    whole["abduction"]["at"] = (datetime.now(UTC) - timedelta(hours=2)).isoformat(timespec="seconds")
    whole["area"] = {"geojson": square(0.2)}
    return {name: value for name, value in (whole | changes).items() if value is not None}


def square(side: float, centre: tuple[float, float] = DENVER) -> dict[str, Any]:
    """A GeoJSON square of `side` degrees around a point."""
    (x, y), half = centre, side / 2
    ring = [
        [x - half, y - half],
        [x + half, y - half],
        [x + half, y + half],
        [x - half, y + half],
        [x - half, y - half],
    ]
    return {"type": "Polygon", "coordinates": [ring]}
