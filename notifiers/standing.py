"""Whether a notice may leave now: pure. The one rule that planning, claiming and sending all ask."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import ColumnElement, and_

from notifiers.tables import notice


class Standing(StrEnum):
    """LIVE sends leave. PAUSED nothing leaves for now (paused, or held until a person looked). OVER nothing ever will."""

    LIVE = "live"
    PAUSED = "paused"
    OVER = "over"


class NoticeRow(Protocol):
    """What of a notice's row decides."""

    @property
    def over(self) -> str | None: ...
    @property
    def paused(self) -> bool: ...
    @property
    def state(self) -> str: ...
    @property
    def expires_at(self) -> datetime: ...


COLUMNS = (notice.c.over, notice.c.paused, notice.c.state, notice.c.expires_at)


def standing(row: NoticeRow, now: datetime) -> Standing:
    """Of a notice's row at `now`: its end counts from the moment it comes, whether a sweep has marked it or not."""
    if row.over is not None or row.expires_at <= now:
        return Standing.OVER
    return Standing.PAUSED if row.paused or row.state == "held" else Standing.LIVE


def live(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """The same rule as a condition on the notice table."""
    return and_(
        notice.c.over.is_(None), notice.c.expires_at > now, notice.c.paused.is_(False), notice.c.state != "held"
    )
