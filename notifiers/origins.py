"""What all workers share about an origin: one token bucket, one breaker, one trial; a row each, on the database's clock.

A worker takes tokens in slices, in the transactions that it makes anyway, and what it has not used within a second is
lost (`Allowance`). So in any T seconds at most `rate * (T + 1) + burst` sends start, however many workers there are.
An empty bucket and a rest stand in the row as moments, and a claim passes over what is dry or shut (`open_now`).

Locks: the rows of one transaction in the order of their names and before all others, where waiting for them; a row
met later (a claim finds a batch of an origin it did not expect) is passed over if somebody else holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from notifiers.clock import awake_s
from notifiers.limits import grant, rest_s
from notifiers.policies import Policy, policy_of
from notifiers.tables import batch, origin

KEEP_S = 1.0  # tokens that were taken and not used are lost after this: the slack of the rate
SLICE_S = 0.1  # of the rate, but no more than SLICE
SLICE = 1000
TRIAL_SPARE_S = 5.0  # beyond the time-out: then the worker that tries is taken for dead, and another may


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker found out: it rests (`trial`: our single send failed), or is well again (`asked_s` None)."""

    asked_s: float | None
    why: str = ""
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """How an origin stands for all: so many rests in a row, shut for so long from now on."""

    rests: int = 0
    closed_s: float = 0.0


def ensure(connection: Connection, lanes: Iterable[tuple[str, str]]) -> None:
    """A row for each (channel, origin) that has none yet."""
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    rows = [{"name": name, "channel": channel, "rests": 0} for name, channel in sorted({(o, c) for c, o in lanes})]
    known = set(connection.scalars(select(origin.c.name).where(origin.c.name.in_([row["name"] for row in rows]))))
    if fresh := [row for row in rows if row["name"] not in known]:
        connection.execute(dialect.insert(origin).on_conflict_do_nothing(index_elements=["name"]), fresh)


def open_now(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """As a condition on the batch table: its origin neither rests nor is out of tokens."""
    shut = or_(origin.c.closed_until > now, origin.c.dry_until > now)
    return ~exists(select(origin.c.name).where(origin.c.name == batch.c.origin, shut))


def set_rate(connection: Connection, name: str, channel: str, rate_per_s: float | None, burst: float | None) -> None:
    """An operator's own rate; None: the policy's again. ValueError for one that lets nothing through."""
    policy_of(channel, rate_per_s, burst)
    values = {"rate_per_s": rate_per_s, "burst": burst, "spent_until": None, "dry_until": None}
    changed = connection.execute(update(origin).where(origin.c.name == name).values(**values))
    if not changed.rowcount:
        connection.execute(insert(origin).values(name=name, channel=channel, rests=0, **values))


def wake(connection: Connection, name: str) -> bool:
    """A person has mended it: no rest any more. Whether there is such an origin."""
    values = {"rests": 0, "closed_until": None, "dry_until": None, "why": None}
    return bool(connection.execute(update(origin).where(origin.c.name == name).values(**values)).rowcount)


def listed(connection: Connection) -> list[Row[Any]]:
    """All origins that were ever planned for, by name."""
    return list(connection.execute(select(origin).order_by(origin.c.name)))


def policies(connection: Connection, names: Iterable[str]) -> dict[str, Policy]:
    """The policy in force of each of these origins that has a row."""
    rows = connection.execute(select(origin).where(origin.c.name.in_(sorted(set(names)))))
    return {row.name: policy_of(row.channel, row.rate_per_s, row.burst) for row in rows}


@dataclass(slots=True)
class Allowance:
    """The tokens that one worker holds. Used by its database thread only; `clock` is steady seconds."""

    clock: Callable[[], float] = awake_s
    trials: set[str] = field(default_factory=set)  # origins that this turn lets try with one send
    _held: dict[str, tuple[int, float]] = field(default_factory=dict)  # tokens, and until when they are good
    _shut: set[str] = field(default_factory=set)  # as this turn found them
    _missed: set[tuple[str, str]] = field(default_factory=set)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Around a turn's transaction: what it took is ours only if it is committed."""
        try:
            yield
        except BaseException:
            self._held.clear()
            raise

    def open_turn(
        self,
        connection: Connection,
        wanted: Mapping[tuple[str, str], int],
        reports: Mapping[str, Report],
        now: datetime,
    ) -> dict[str, Known]:
        """Tells what was found out, takes what the jobs want, and says how their origins stand."""
        self.trials.clear()
        self._shut.clear()
        lanes = {name: channel for channel, name in (*wanted, *self._missed)}
        needs = {name: wanted.get((channel, name), 1) for name, channel in lanes.items()}
        self._missed.clear()
        names = sorted({*needs, *reports})
        rows = _read(connection, _ROWS, names)
        written = [name for name in names if name in reports or self._short(lanes[name], name, needs[name])]
        rows |= _read(connection, _LOCKED_ROWS, written)
        for name, report in reports.items():
            if name in rows:
                rows[name] = _store_report(connection, rows[name], report, now)
        return {
            name: self._settle(connection, name, rows.get(name), lanes.get(name), needs.get(name, 0), now)
            for name in names
        }

    def ration(self, connection: Connection, lane: tuple[str, str], wanted: int, now: datetime) -> int:
        """So many of `wanted` may start now; taken off what is held."""
        channel, name = lane
        if name in self._shut or wanted <= 0:
            return 0
        if not policy_of(channel).limited:
            return wanted
        if self._balance(name) < wanted:
            self._fill(connection, lane, wanted, now, patient=False)
        taken = min(self._balance(name), wanted)
        self._held[name] = (self._balance(name) - taken, self._held.get(name, (0, 0.0))[1])
        return taken

    def give_back(self, lane: tuple[str, str], count: int) -> None:
        """Of what was taken so many did not start after all."""
        if count > 0 and policy_of(lane[0]).limited:
            self._held[lane[1]] = (self._balance(lane[1]) + count, self._held.get(lane[1], (0, 0.0))[1])

    def close_turn(self, connection: Connection) -> frozenset[str]:
        """The trials that go out; one that nothing came of (there was nobody to send to) is left to others."""
        for name in [name for name in self.trials if self._balance(name)]:
            connection.execute(update(origin).where(origin.c.name == name).values(closed_until=None))
            self.trials.discard(name)
            del self._held[name]
        return frozenset(self.trials)

    def _settle(
        self, connection: Connection, name: str, row: Any, channel: str | None, wanted: int, now: datetime
    ) -> Known:
        known = Known() if row is None else _known(row, now)
        shut = known.closed_s > 0
        if shut:
            self._shut.add(name)
        if known.rests:
            self._held.pop(name, None)
        if channel is not None and not shut and wanted > self._balance(name):
            self._fill(connection, (channel, name), wanted, now, patient=True)
        return known

    def _fill(
        self, connection: Connection, lane: tuple[str, str], wanted: int, now: datetime, *, patient: bool
    ) -> None:
        """Takes a slice out of the shared bucket. One that rests gives a single token: the trial."""
        channel, name = lane
        if not policy_of(channel).limited:
            return
        row = _locked(connection, name, patient=patient)
        if row is None and not _exists(connection, name):
            ensure(connection, [lane])
            row = _locked(connection, name, patient=patient)
        if row is None:  # somebody else is at it: next turn, waiting
            self._missed.add(lane)
            return
        policy = policy_of(row.channel, row.rate_per_s, row.burst)
        if row.rests:
            self._try(connection, row, policy, now)
            return
        ahead = max(wanted - self._balance(name), int(min(SLICE, policy.rate_per_s * SLICE_S)))
        found = grant(policy, row.spent_until, now, ahead)
        values = {"spent_until": found.spent_until, "dry_until": found.dry_until}
        connection.execute(update(origin).where(origin.c.name == name).values(**values))
        self._held[name] = (self._balance(name) + found.count, self.clock() + KEEP_S)

    def _try(self, connection: Connection, row: Row[Any], policy: Policy, now: datetime) -> None:
        if row.closed_until is not None and row.closed_until > now:
            self._shut.add(row.name)
            return
        until = now + timedelta(seconds=policy.timeout_s + TRIAL_SPARE_S)
        connection.execute(update(origin).where(origin.c.name == row.name).values(closed_until=until))
        self._held[row.name] = (1, self.clock() + KEEP_S)
        self.trials.add(row.name)

    def _short(self, channel: str, name: str, wanted: int) -> bool:
        return policy_of(channel).limited and wanted > self._balance(name)

    def _balance(self, name: str) -> int:
        count, until_s = self._held.get(name, (0, 0.0))
        return count if self.clock() < until_s else 0


def _store_report(connection: Connection, row: Row[Any], report: Report, now: datetime) -> Any:
    """The row as it is then. The first of several workers that find it failing decides; the others' failures are of
    the same moment.
    """
    values: dict[str, Any]
    if report.asked_s is None:
        values = {"rests": 0, "closed_until": None, "dry_until": None, "why": None}
    elif report.trial or row.closed_until is None or row.closed_until <= now:
        until = now + timedelta(seconds=rest_s(row.rests, report.asked_s))
        values = {"rests": min(row.rests + 1, 32_767), "closed_until": until, "why": report.why[:64]}
    else:
        values = {"closed_until": max(row.closed_until, now + timedelta(seconds=report.asked_s))}
    connection.execute(update(origin).where(origin.c.name == row.name).values(**values))
    return connection.execute(select(origin).where(origin.c.name == row.name)).one()


def _read(connection: Connection, statement: Select[Any], names: Sequence[str]) -> dict[str, Any]:
    """The rows of those that have one, in one statement, or in none."""
    if not names:
        return {}
    return {row.name: row for row in connection.execute(statement, {"names": names}).all()}


_ROWS = select(origin).where(origin.c.name.in_(bindparam("names", expanding=True)))
_LOCKED_ROWS = _ROWS.order_by(origin.c.name).with_for_update()


def _known(row: Row[Any], now: datetime) -> Known:
    closed_s = 0.0 if row.closed_until is None else max(0.0, (row.closed_until - now).total_seconds())
    return Known(row.rests, closed_s)


def _locked(connection: Connection, name: str, *, patient: bool) -> Row[Any] | None:
    chosen = select(origin).where(origin.c.name == name).with_for_update(skip_locked=not patient)
    return connection.execute(chosen).one_or_none()


def _exists(connection: Connection, name: str) -> bool:
    return connection.execute(select(origin.c.name).where(origin.c.name == name)).first() is not None
