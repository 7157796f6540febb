"""Quiet hours as the API says them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from alerts.api.wire import Wire, example
from alerts.service.quieting import on_the_wall
from notifiers.quiet import QuietHours

TimeOfDay = Annotated[str, Field(max_length=5, description="HH:MM on the wall where they sleep.")]


class QuietHoursIn(Wire):
    """From `starts` until `ends`, across midnight where that is earlier, in an IANA time zone."""

    model_config = example(starts="22:00", ends="07:00", zone="America/Denver")
    starts: TimeOfDay
    ends: TimeOfDay
    zone: Annotated[str, Field(max_length=64)]


class QuietHoursOut(Wire):
    """The same as it is stored; null where there are none."""

    model_config = example(starts="22:00", ends="07:00", zone="America/Denver")
    starts: str | None
    ends: str | None
    zone: str | None

    @classmethod
    def of(cls, hours: QuietHours | None) -> Self:
        if hours is None:
            return cls(starts=None, ends=None, zone=None)
        return cls(starts=on_the_wall(hours.starts), ends=on_the_wall(hours.ends), zone=hours.zone)
