"""The JSON that goes out about people's places: one's own, and what came of a bulk body of them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from alerts.api.answers import ProblemOut
from alerts.api.wire import Wire, example


class LineProblemOut(ProblemOut):
    """A fault of one line of a bulk body, counted from 1; `path` is a JSON pointer into the line's object."""

    model_config = example(
        line=17, severity="error", type="lon.range", path="/lon", message="lon must be a number from -180 to 180"
    )
    line: int


class LocationsOut(Wire):
    """What came of a bulk body: `unchanged` lines were older than what is stored, or the same."""

    model_config = example(lines=5000, stored=4990, unchanged=9, rejected=1, problems=[])
    lines: int
    stored: int
    unchanged: int
    rejected: int
    problems: list[LineProblemOut]


class PartnerPersonOut(Wire):
    """A person of a partner's: their id and own secret (`Authorization: Bearer {id}.{token}`), null for who was known."""

    model_config = example(id="u8Yt1kQ2m4N6p8R0s2U4wQ", token="0" * 48, radius_m=0.0, refused=[])
    id: str
    token: str | None = Field(repr=False)
    radius_m: float
    refused: list[str] = Field(description="Ways to be told that were not taken, and why.")


class OwnPlaceOut(Wire):
    """One of the recipient's places as it is stored: the circle holds what was told of it."""

    model_config = example(
        kind="followed",
        number=1,
        lon=-104.82,
        lat=38.83,
        radius_m=790.0,
        moved_at="2026-05-01T12:00:00Z",
        expires_at=None,
    )
    kind: str
    number: int
    lon: float
    lat: float
    radius_m: float
    moved_at: datetime
    expires_at: datetime | None = Field(description="When it stops to count, or is looked at again; null: never.")
