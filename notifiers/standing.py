"""Whether a notice may leave now: pure. The one rule that planning, claiming and sending all ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_

from notifiers.model import OUTLETS
from notifiers.tables import batch, notice


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
    def outlets_over(self) -> bool: ...
    @property
    def state(self) -> str: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def test(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class NoticeState:
    """That part of a notice's row, where it stands beside other columns."""

    over: str | None
    paused: bool
    outlets_over: bool
    state: str
    expires_at: datetime
    test: bool


COLUMNS = (notice.c.over, notice.c.paused, notice.c.outlets_over, notice.c.state, notice.c.expires_at, notice.c.test)


def standing(row: NoticeRow, now: datetime, channel: str = "") -> Standing:
    """Of a notice's row at `now`: its end counts from the moment it comes, whether a sweep has marked it or not.

    For outlets (a `channel` of OUTLETS) it is over as well once a wider message of the same version speaks to them.
    What a test key made is over from its beginning: nobody lets it go, whatever else its row says.
    """
    if row.test or row.over is not None or row.expires_at <= now or (row.outlets_over and channel in OUTLETS):
        return Standing.OVER
    return Standing.PAUSED if row.paused or row.state == "held" else Standing.LIVE


def live(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """The same rule as a condition on a batch and its notice."""
    running = and_(notice.c.test.is_(False), notice.c.over.is_(None), notice.c.expires_at > now, speaks())
    return and_(running, notice.c.paused.is_(False), notice.c.state != "held")


def speaks() -> ColumnElement[bool]:
    """Whether a notice is still the one that a batch's channel is told by."""
    return or_(notice.c.outlets_over.is_(False), batch.c.channel.not_in(OUTLETS))
