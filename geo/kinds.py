"""What kinds of places a person has, which of them ranks first, and for how long each counts. Pure.

Every place that counts is matched: whose phone is in another town still wants the alerts of home, and of the places
they follow. The rank says which one stands for the person where only one can.

A device's position is worth little after a day. But to forget where somebody was last seen means to tell them nothing
at all, so the only place of a person is kept longer: every day it is looked at again, and up to its `alone_s` it
stays while there is no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

DAY_S = 24 * 60 * 60
REVIEW = timedelta(seconds=DAY_S)  # how long an only place that is past its time is kept before it is looked at again


class Policy(NamedTuple):
    """rank: the smallest stands for the person; most: how many of the kind a person may have, numbered from 1 if more
    than one; lifetime_s: how long one counts after the person was there (None: until it is changed or removed);
    alone_s: how long one counts that is the person's only place.
    """

    rank: int
    most: int
    lifetime_s: int | None = None
    alone_s: int | None = None


POLICY: Mapping[str, Policy] = {
    "device": Policy(rank=0, most=1, lifetime_s=DAY_S, alone_s=30 * DAY_S),
    "home": Policy(rank=1, most=1),
    "followed": Policy(rank=2, most=8),
}
MOST = sum(policy.most for policy in POLICY.values())  # places a person may have


class Ranked(Protocol):
    """What is ranked by its kind and number."""

    @property
    def kind(self) -> str: ...

    @property
    def number(self) -> int: ...


R = TypeVar("R", bound=Ranked)


class Held(NamedTuple):
    """One place of a person: when they were there, and until when it counts (None: no end)."""

    kind: str
    number: int
    moved_at: datetime
    expires_at: datetime | None


class Judged(NamedTuple):
    """Of one person's places: those whose time is over, and those that stay until a new time for want of another."""

    over: tuple[Held, ...]
    kept: tuple[Held, ...]


def numbers_of(kind: str) -> range:
    """The numbers that places of a kind may have: 0 alone for a kind of which a person has one. KeyError."""
    most = POLICY[kind].most
    return range(1, most + 1) if most > 1 else range(1)


def said_numbers(kind: str) -> str:
    """`numbers_of` in words."""
    numbers = numbers_of(kind)
    return f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]} or absent"


def expires_at(kind: str, moved_at: datetime) -> datetime | None:
    """Until when a place of this kind counts; None: until it is changed or removed."""
    lifetime_s = POLICY[kind].lifetime_s
    return None if lifetime_s is None else moved_at + timedelta(seconds=lifetime_s)


def by_rank(places: Iterable[R]) -> list[R]:
    """The place that stands for the person first."""
    return sorted(places, key=lambda place: (POLICY[place.kind].rank, place.number))


def judge(places: Iterable[Held], now: datetime) -> Judged:
    """What is over of one person's places (all of them). The last seen of several that are all past their time may stay."""
    all_ = list(places)
    due = [place for place in all_ if place.expires_at is not None and place.expires_at <= now]
    if not due or len(due) < len(all_):
        return Judged(tuple(due), ())
    last = max(due, key=lambda place: place.moved_at)
    until = _alone_until(last)
    if until is None or until <= now:
        return Judged(tuple(due), ())
    kept = last._replace(expires_at=min(now + REVIEW, until))
    return Judged(tuple(place for place in due if place is not last), (kept,))


def _alone_until(place: Held) -> datetime | None:
    alone_s = POLICY[place.kind].alone_s
    return None if alone_s is None else place.moved_at + timedelta(seconds=alone_s)
