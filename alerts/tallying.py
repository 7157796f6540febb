"""How deliveries stand, read from the ledger: for the dashboard, the agency and the API. Nothing of a child is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from alerts.reports import ChannelDelivery, DeliveryView, Failure
from notifiers import attention, ledger, origins
from notifiers.attention import Attention
from notifiers.expecting import Expected, expected
from notifiers.latency import Latency
from notifiers.ledger import Totals
from notifiers.model import total
from notifiers.tables import notice

REAL = notice.c.incident_id > 0  # self-tests have numbers below (`alerts.service.self_test`)
_NEWEST = select(notice).where(REAL).order_by(notice.c.id.desc()).limit(bindparam("most"))


def list_deliveries(connection: Connection, *, incident_id: int | None = None, limit: int = 20) -> list[DeliveryView]:
    """The newest notices (of one incident, or of all) with what came of them."""
    query = _NEWEST if incident_id is None else _NEWEST.where(notice.c.incident_id == incident_id)
    rows = connection.execute(query, {"most": limit}).all()
    looks = attention.read(connection, [row.id for row in rows])
    return [_view(connection, row, looks.get(row.id, ())) for row in rows]


def _view(connection: Connection, row: Row[Any], looks: tuple[Attention, ...]) -> DeliveryView:
    totals, failures = ledger.totals(connection, row.id), _failures(connection, row.id)
    channels = _channels(connection, row.id, totals)
    pace_per_s = sum(one.rate_per_s for one in channels)
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
        channels=tuple(_retrying(channels, failures)),
        failures=tuple(failures),
        attention=looks,
        expected=None if row.over else _expected(connection, totals, pace_per_s),
    )


def _expected(connection: Connection, totals: Mapping[str, Totals], pace_per_s: float) -> Expected | None:
    """When the last is to be expected, by the quotas and by the pace so far; None where nothing is open."""
    counts = Counter[str]()
    for one in totals.values():
        counts.update(one.open_at)
    return expected(counts, origins.policies(connection, counts), pace_per_s) if counts else None


def _channels(connection: Connection, notice_id: int, totals: Mapping[str, Totals]) -> list[ChannelDelivery]:
    latencies, arrived = ledger.latency(connection, notice_id), ledger.count_delivered(connection, notice_id)
    drops = ledger.drops(connection, notice_id) if any(one.tally.dropped for one in totals.values()) else {}
    made = (
        _channel(name, totals[name], latencies.get(name, Latency()), drops.get(name, {})) for name in sorted(totals)
    )
    return [replace(one, delivered=arrived.get(one.channel, 0)) for one in made]


def _retrying(channels: Sequence[ChannelDelivery], failures: Sequence[Failure]) -> Iterator[ChannelDelivery]:
    """With how many of each wait to be tried again."""
    for one in channels:
        yield replace(one, retrying=sum(f.count for f in failures if f.channel == one.channel and f.waiting))


def _channel(name: str, totals: Totals, latency: Latency, drops: Mapping[str, int]) -> ChannelDelivery:
    first, last = totals.first_sent_at, totals.last_sent_at
    return ChannelDelivery(
        channel=name,
        tally=totals.tally,
        rate_per_s=_rate(totals.tally.sent, first, last),
        p50_ms=_milliseconds(latency.quantile_s(0.50)),
        p95_ms=_milliseconds(latency.quantile_s(0.95)),
        p99_ms=_milliseconds(latency.quantile_s(0.99)),
        first_sent_at=first,
        last_sent_at=last,
        repeats=totals.repeats,
        dropped_why={why: count for why, count in drops.items() if count},
        sent_within=latency.within_marks,
        quiet=totals.quiet,
        quiet_until=totals.quiet_until,
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
