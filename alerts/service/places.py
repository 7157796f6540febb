"""A recipient's own places: told one by one, listed, removed. Which kinds there are and how long they count: `geo.kinds`."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from alerts.errors import NotFound
from alerts.service.arrivals import follow
from alerts.services import Services
from geo import coarse, keeping
from geo import store as positions
from geo.keeping import Kept
from geo.store import Position
from notifiers.tables import recipient
from notifiers.transactions import reading, writing


class Spot(NamedTuple):
    """A place as somebody tells it, before it is coarsened."""

    lon: float
    lat: float
    kind: str = "home"
    number: int = 0


def coarsened(recipient_id: int, spot: Spot) -> Position:
    """What may be stored of a place that a public recipient tells."""
    return Position(recipient_id, *coarse.coarsen(spot.lon, spot.lat), spot.kind, spot.number)


def move(services: Services, recipient_id: int, lon: float, lat: float, kind: str = "home", number: int = 0) -> None:
    """Where one of the recipient's places is now, over where it was; who comes into an active area is told. NotFound."""
    with writing(services.engine) as connection:
        row = _row(connection, recipient_id, Spot(lon, lat, kind, number))
        positions.place(connection, [row], services.clock())
    follow(services)


def remove(services: Services, recipient_id: int, kind: str, number: int = 0, *, but_the_last: bool = False) -> None:
    """One place goes; nobody is told of alerts there any more. NotFound if there is no such place.

    `but_the_last`: the only one stays, also where two windows remove the last two at once.
    """
    with writing(services.engine) as connection:
        if but_the_last and len(keeping.kept_of(connection, recipient_id)) == 1:
            return
        if keeping.remove(connection, recipient_id, kind, number) is None:
            raise NotFound("no such place")
    follow(services)


def list_own(services: Services, recipient_id: int) -> list[Kept]:
    """The recipient's places as they are stored, the one that stands for them first."""
    with reading(services.engine) as connection:
        return keeping.kept_of(connection, recipient_id)


def _row(connection: Connection, recipient_id: int, spot: Spot) -> Position:
    """Only partner platforms' own users are kept as exact points. NotFound: left a moment ago, and must not come back."""
    kind = connection.scalar(select(recipient.c.kind).where(recipient.c.id == recipient_id))
    if kind is None:
        raise NotFound("no such recipient")
    if kind == "partner":
        return Position(recipient_id, spot.lon, spot.lat, 0.0, spot.kind, spot.number)
    return coarsened(recipient_id, spot)
