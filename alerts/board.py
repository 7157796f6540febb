"""The operator's screen, read: deliveries, queue, workers, receivers and self-tests, in one look for all who watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, func, select

from alerts import self_tests
from alerts.pulse import Sample
from alerts.reports import DeliveryView
from alerts.self_tests import Probe
from alerts.tables import incident
from alerts.tallying import REAL, list_deliveries
from notifiers import origins, presence
from notifiers.clock import database_now
from notifiers.latency import added
from notifiers.policies import policy_of
from notifiers.tables import batch, notice

SAMPLED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Provider:
    """One receiver as all workers know it. `rests_s` None: it is well. `rate_per_s` infinite: nothing leaves the house."""

    name: str
    channel: str
    rate_per_s: float
    set_by_hand: bool
    rests_s: float | None
    why: str
    open: int
    tested: tuple[Probe, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """All of the screen at `now` (the database's clock). `busy` are the workers that hold a batch."""

    now: datetime
    deliveries: tuple[DeliveryView, ...]
    in_force: int
    open: int
    oldest_s: float
    workers: int
    busy: int
    providers: tuple[Provider, ...]


def look(connection: Connection, limit: int) -> Board:
    """One look, in one transaction: its cost does not depend on how many look on."""
    now = database_now(connection)
    depth = _depth(connection)
    return Board(
        now=now,
        deliveries=tuple(list_deliveries(connection, limit=limit)),
        in_force=connection.scalar(_in_force()) or 0,
        open=sum(depth.values()),
        oldest_s=_oldest_s(connection, now),
        workers=len(presence.alive(connection, now)),
        busy=connection.scalar(_busy(now)) or 0,
        providers=tuple(_providers(connection, depth, now)),
    )


def sample(connection: Connection) -> Sample:
    """What `pulse` keeps: sums of all that was sent, by notice and channel."""
    now = database_now(connection)
    recent = (notice.c.approved_at > now - SAMPLED) & REAL
    rows = connection.execute(
        select(batch.c.notice_id, batch.c.channel, batch.c.latency)
        .join(notice, notice.c.id == batch.c.notice_id)
        .where(recent, batch.c.first_sent_at.is_not(None))
    )
    stored: dict[tuple[int, str], list[bytes]] = {}
    for notice_id, channel, latency in rows:
        stored.setdefault((notice_id, channel), []).append(latency)
    return Sample(now, {key: added(parts) for key, parts in stored.items()}, sum(_depth(connection).values()))


def _depth(connection: Connection) -> dict[str, int]:
    """By origin, how many wait or are in flight."""
    settled = sum(
        (batch.c[f"n_{name}"] for name in ("sent", "gone", "refused", "gave_up", "dropped", "in_doubt")),
        0 * batch.c.size,
    )
    query = select(batch.c.origin, func.sum(batch.c.size - settled)).where(
        batch.c.state != "done", batch.c.incident_id > 0
    )
    return {origin: int(count) for origin, count in connection.execute(query.group_by(batch.c.origin)) if count}


def _in_force() -> Select[int]:
    return select(func.count()).where(incident.c.ended_at.is_(None), incident.c.expires_at.is_not(None))


def _oldest_s(connection: Connection, now: datetime) -> float:
    first = select(func.min(notice.c.approved_at)).select_from(batch.join(notice))
    at = connection.scalar(first.where(batch.c.state != "done", notice.c.over.is_(None), REAL))
    return max(0.0, (now - at).total_seconds()) if at else 0.0


def _busy(now: datetime) -> Select[int]:
    held = (batch.c.state == "claimed") & (batch.c.lease_until > now)
    return select(func.count(func.distinct(batch.c.worker))).where(held)


def _providers(connection: Connection, depth: dict[str, int], now: datetime) -> list[Provider]:
    tested: dict[str, list[Probe]] = {}
    for one in self_tests.latest(connection, now):
        tested.setdefault(one.origin, []).append(one)
    found = []
    for row in origins.listed(connection):
        policy = policy_of(row.channel, row.rate_per_s, row.burst)
        shut_s = (row.closed_until - now).total_seconds() if row.closed_until else 0.0
        found.append(
            Provider(
                name=row.name,
                channel=row.channel,
                rate_per_s=policy.rate_per_s,
                set_by_hand=row.rate_per_s is not None,
                rests_s=max(0.0, shut_s) if row.rests else None,
                why=row.why or "",
                open=depth.get(row.name, 0),
                tested=tuple(tested.get(row.name, ())),
            )
        )
    return found
