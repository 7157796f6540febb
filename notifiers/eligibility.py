"""Of the recipients on the map, who is to be told: consented, confirmed, not retired, enrolled for tests where it is
one, and not without wish for alerts of its class.

Ids come by the hundred thousand, so answers are arrays. A run of ids that lie close together is read as a range (one
statement, no list of parameters) and sifted here; scattered ones are asked for by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, ColumnElement, Connection, Select, and_, exists, not_, select

from notifiers.tables import recipient, refused_class, subscription

Ids = NDArray[np.uint32]
Found = tuple[int, int, str, str, str]
Way = tuple[str, str]  # channel, language
CHUNK = 4_000
DENSE = 4  # a chunk whose ids span fewer than this many times their number is read as a range

USABLE = (subscription.c.confirmed_at.is_not(None), subscription.c.retired_at.is_(None))  # may be contacted at all


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a message is for, of those inside its area. `alert_class`: who refused it is left out; empty: nobody is."""

    tests_only: bool
    alert_class: str = ""

    @classmethod
    def of(cls, status: str, alert_class: str) -> Audience:
        """By CAP's status: everything but Actual is for those enrolled for tests."""
        return cls(status != "Actual", alert_class)


@dataclass(frozen=True, slots=True)
class Eligible:
    """Subscriptions to be told, as parallel arrays; `lane` indexes `lanes`, the (channel, origin) pairs met."""

    subscription_ids: Ids
    recipient_ids: Ids
    lane: NDArray[np.intp]
    lanes: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.subscription_ids)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an approval would reach: recipients, and their subscriptions by (channel, language)."""

    recipients: int
    by_way: Mapping[Way, int] = field(default_factory=dict)

    @property
    def subscriptions(self) -> int:
        return sum(self.by_way.values())

    @property
    def by_channel(self) -> dict[str, int]:
        return self._by(0)

    @property
    def by_language(self) -> dict[str, int]:
        return self._by(1)

    @property
    def by_channel_and_language(self) -> dict[str, dict[str, int]]:
        """Subscriptions by channel, then by language."""
        found: dict[str, dict[str, int]] = {}
        for (channel, language), count in self.by_way.items():
            found.setdefault(channel, {})[language] = count
        return found

    def __add__(self, other: Reach) -> Reach:
        """The reach of both, who have nobody in common."""
        return Reach(self.recipients + other.recipients, Counter(self.by_way) + Counter(other.by_way))

    def _by(self, part: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for way, count in self.by_way.items():
            found[way[part]] = found.get(way[part], 0) + count
        return found


def eligible(connection: Connection, recipient_ids: Ids | Sequence[int], audience: Audience) -> Eligible:
    """The subscriptions of these recipients that are to be told."""
    return _gather(_rows(connection, subscription.c.recipient_id, recipient_ids, audience))


def eligible_subscriptions(
    connection: Connection, subscription_ids: Ids | Sequence[int], *, tests_only: bool
) -> Eligible:
    """Those of these subscriptions, told before, that are (still) to be told: who left or was retired is not among
    them. Whoever was told of an alert hears how it goes on, whatever they refused since.
    """
    return _gather(_rows(connection, subscription.c.id, subscription_ids, Audience(tests_only)))


def reach(connection: Connection, recipient_ids: Ids | Sequence[int], audience: Audience) -> Reach:
    """Counts for the approver, by the same rule that the fan-out is held to."""
    people: set[int] = set()
    ways: Counter[Way] = Counter()
    rows = _rows(connection, subscription.c.recipient_id, recipient_ids, audience)
    for _id, recipient_id, channel, _origin, language in rows:
        people.add(recipient_id)
        ways[channel, first_of(language)] += 1
    return Reach(len(people), ways)


def first_of(languages: str) -> str:
    """Of somebody's languages in order, with blanks between, the one that they are counted by."""
    return languages.partition(" ")[0]


def _gather(rows: Iterator[Found]) -> Eligible:
    lanes: dict[tuple[str, str], int] = {}
    cells = [
        (id_, recipient_id, lanes.setdefault((channel, origin), len(lanes)))
        for id_, recipient_id, channel, origin, _language in rows
    ]
    table = np.array(cells, np.int64).reshape(-1, 3)
    return Eligible(
        table[:, 0].astype(np.uint32), table[:, 1].astype(np.uint32), table[:, 2].astype(np.intp), tuple(lanes)
    )


def _rows(connection: Connection, key: Column[int], ids: Ids | Sequence[int], audience: Audience) -> Iterator[Found]:
    """(subscription id, recipient id, channel, origin, language) of those to be told, ascending by chunk."""
    place = 0 if key is subscription.c.id else 1
    wanted = distinct(np.asarray(ids, np.uint32))
    statement = _select(audience)
    if audience.alert_class and _anyone_refuses(connection, audience.alert_class):
        statement = statement.where(not_(_refuses(audience.alert_class)))
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        members = set(chunk.tolist())
        # Straight from the driver: nothing here needs converting, and rows as objects take four times as long.
        cursor: Any = connection.execute(statement.where(among(key, chunk))).cursor
        yield from (row for row in cursor.fetchall() if row[place] in members)


def distinct(ids: Ids) -> Ids:
    """Each once, ascending. (`np.unique` hashes them, which takes twenty times as long as to sort a million.)"""
    found = np.sort(ids)
    return found[np.concatenate([[True], found[1:] != found[:-1]])] if len(found) else found


def _anyone_refuses(connection: Connection, alert_class: str) -> bool:
    """Mostly nobody does, and one look spares each row its own."""
    some = select(refused_class.c.recipient_id).where(refused_class.c.alert_class == alert_class).limit(1)
    return connection.execute(some).first() is not None


def _refuses(alert_class: str) -> ColumnElement[bool]:
    same = refused_class.c.recipient_id == subscription.c.recipient_id
    return exists().where(same, refused_class.c.alert_class == alert_class)


def _select(audience: Audience) -> Select[int, int, str, str, str]:
    names = ("id", "recipient_id", "channel", "origin", "language")
    statement = select(*(subscription.c[name] for name in names)).where(*USABLE)
    if not audience.tests_only:
        return statement
    return statement.join(recipient, recipient.c.id == subscription.c.recipient_id).where(recipient.c.test.is_(True))


def among(key: Column[int], chunk: Ids) -> ColumnElement[bool]:
    """The condition that chooses the rows of these ids (ascending), and perhaps others in between."""
    low, high = int(chunk[0]), int(chunk[-1])
    if high - low < DENSE * len(chunk):
        return and_(key >= low, key <= high)
    return key.in_(chunk.tolist())
