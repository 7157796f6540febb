"""How deliveries stand, read from the ledger: for the dashboard, the agency and the API. Nothing of a child is here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from alerts.reports import ChannelDelivery, DeliveryView, Failure
from notifiers import attention, ledger, origins
from notifiers.attention import Attention
from notifiers.expecting import Expected, expected
from notifiers.latency import Latency
from notifiers.model import Tally
from notifiers.tables import batch, notice


def list_deliveries(connection: Connection, *, incident_id: int | None = None, limit: int = 20) -> list[DeliveryView]:
    """The newest notices (of one incident, or of all) with what came of them."""
    query = select(notice).order_by(notice.c.id.desc()).limit(limit)
    rows = connection.execute(query if incident_id is None else query.where(notice.c.incident_id == incident_id)).all()
    looks = attention.read(connection, [row.id for row in rows])
    return [_view(connection, row, looks.get(row.id, ())) for row in rows]


def _view(connection: Connection, row: Row[Any], looks: tuple[Attention, ...]) -> DeliveryView:
    channels = _channels(connection, row.id)
    return DeliveryView(
        notice_id=row.id,
        token=row.incident,
        kind=row.kind,
        version=row.version,
        number=row.number,
        status=row.status,
        state=row.state,
        held_why=row.held_why,
        over=row.over,
        paused=row.paused,
        approved_at=row.approved_at,
        expires_at=row.expires_at,
        matched=row.matched,
        reach=row.reach,
        total=total(channel.tally for channel in channels),
        channels=tuple(channels),
        failures=tuple(_failures(connection, row.id)),
        attention=looks,
        expected=None if row.over else _expected(connection, row.id, channels),
    )


def _expected(connection: Connection, notice_id: int, channels: Sequence[ChannelDelivery]) -> Expected | None:
    """When the last is to be expected, by the quotas and by the pace so far; None where nothing is open."""
    counts = ledger.open_by_origin(connection, notice_id)
    if not counts:
        return None
    return expected(counts, origins.policies(connection, counts), sum(one.rate_per_s for one in channels))


def _channels(connection: Connection, notice_id: int) -> list[ChannelDelivery]:
    latencies = ledger.latency(connection, notice_id)
    times = {row.channel: row for row in connection.execute(_times(notice_id))}
    tallies, arrived = ledger.tally(connection, notice_id), ledger.count_delivered(connection, notice_id)
    drops = ledger.drops(connection, notice_id) if any(one.dropped for one in tallies.values()) else {}
    made = (
        _channel(times[name], tallies[name], latencies.get(name, Latency()), drops.get(name, {}))
        for name in sorted(tallies)
    )
    return [replace(one, delivered=arrived.get(one.channel, 0)) for one in made]


def _times(notice_id: int) -> Any:
    return (
        select(
            batch.c.channel,
            func.sum(batch.c.repeats).label("repeats"),
            func.min(batch.c.first_sent_at).label("first"),
            func.max(batch.c.last_sent_at).label("last"),
        )
        .where(batch.c.notice_id == notice_id)
        .group_by(batch.c.channel)
    )


def _channel(times: Row[Any], tally: Tally, latency: Latency, drops: Mapping[str, int]) -> ChannelDelivery:
    return ChannelDelivery(
        channel=times.channel,
        tally=tally,
        rate_per_s=_rate(tally.sent, times.first, times.last),
        p50_ms=_milliseconds(latency.quantile_s(0.50)),
        p95_ms=_milliseconds(latency.quantile_s(0.95)),
        first_sent_at=times.first,
        last_sent_at=times.last,
        repeats=int(times.repeats),
        dropped_why={why: count for why, count in drops.items() if count},
        sent_within=latency.within_marks,
    )


def _failures(connection: Connection, notice_id: int) -> list[Failure]:
    found = ledger.failures(connection, notice_id)
    return [Failure(one.channel, one.reason, one.count, one.result, one.waiting) for one in found]


def _rate(sent: int, first: datetime | None, last: datetime | None) -> float:
    """Sends a second between the first and the last one; over a second at least, or one send would be a high rate."""
    if first is None or last is None:
        return 0.0
    return round(sent / max(1.0, (last - first).total_seconds()), 1)


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies, member by member."""
    found = list(tallies)
    return Tally(**{of.name: sum(getattr(tally, of.name) for tally in found) for of in fields(Tally)})
