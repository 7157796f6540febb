"""Quiet hours: pure. When a person's clock lets a message through that came while they sleep.

Minutes are those of the day on the wall in the person's own time zone, whatever its offset is that night: where clocks
leap over the end of the quiet hours, they end with the leap; where an hour comes twice, they end the first time that
the wall shows their end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAY = 24 * 60
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `starts` to `ends`, minutes of the day (0-1439, not the same), in the IANA time zone `zone`.

    ValueError says what is wrong.
    """

    starts: int
    ends: int
    zone: str

    def __post_init__(self) -> None:
        if not (0 <= self.starts < DAY and 0 <= self.ends < DAY):
            raise ValueError("a time of day is between 00:00 and 23:59")
        if self.starts == self.ends:
            raise ValueError("quiet hours must end before they begin again")
        if self.zone not in known_zones():
            raise ValueError("no such time zone")

    def until(self, now: datetime) -> datetime | None:
        """When (aware UTC, later than `now`) they end; None while they are not."""
        zone = ZoneInfo(self.zone)
        if not self._covers(now.astimezone(zone)):
            return None
        today = now.astimezone(zone).date()
        ends = sorted(end for day in (today, today + timedelta(days=1)) for end in self._ends(day, zone))
        return next(end for end in ends if end > now)

    def _covers(self, local: datetime) -> bool:
        minute = local.hour * 60 + local.minute
        if self.starts < self.ends:
            return self.starts <= minute < self.ends
        return minute >= self.starts or minute < self.ends

    def _ends(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """When the wall shows the end on that day: twice where the hour is, at the leap where it does not come."""
        wall = datetime.combine(day, time(self.ends // 60, self.ends % 60))
        early, late = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if early.astimezone(zone).replace(tzinfo=None) == wall:
            yield early
            if early != late:
                yield late
            return
        at = early  # before the leap by the wall; after it the wall is past the end
        while at.astimezone(zone).replace(tzinfo=None) < wall:
            at += _MINUTE
        yield at


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """The time zones that people may name, by the zone data that this machine has."""
    return frozenset(available_timezones())
