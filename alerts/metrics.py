"""The series that matter, for Prometheus. What lies in the database is read at the scrape, so that all processes'
work is in it and a restart loses no count; only requests are counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select

from alerts.services import Services
from alerts.tables import incident
from geo.columns import microseconds
from notifiers import attention
from notifiers.tables import batch, delivered, notice, subscription
from notifiers.transactions import reading

SETTLED = ("sent", "gone", "refused", "gave_up", "dropped", "in_doubt")

requests_registry = CollectorRegistry()
REQUESTS = Counter(
    "lookout_requests", "HTTP requests by route and class of status", ["route", "status"], registry=requests_registry
)
REQUEST_SECONDS = Histogram(
    "lookout_request_seconds",
    "Seconds from a request to the end of its answer",
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10),
    registry=requests_registry,
)


def expose(services: Services) -> bytes:
    """All series in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(FromRows(services))
    return generate_latest(registry) + generate_latest(requests_registry)


class FromRows(Collector):
    """Gauges and counters read from the rows at the scrape."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        with reading(self._services.engine) as connection:
            yield from _delivery(connection)
            yield _oldest_waiting(connection, self._services)
            yield _notices(connection)
            yield _incidents(connection)
            yield _keys_left(connection)
            yield _subscriptions(connection)
            yield _attention(connection)
        yield GaugeMetricFamily("lookout_index_recipients", "Recipients in the map", len(self._services.index))


def _delivery(connection: Connection) -> Iterator[Metric]:
    sums = [func.sum(batch.c[f"n_{name}"]) for name in (*SETTLED, "in_flight")]
    query = select(batch.c.channel, func.sum(batch.c.size), func.sum(batch.c.repeats), *sums).group_by(batch.c.channel)
    settled = CounterMetricFamily(
        "lookout_sends", "Sends settled, by channel and outcome", labels=["channel", "outcome"]
    )
    open_ = GaugeMetricFamily("lookout_sends_open", "Sends planned and not settled", labels=["channel"])
    repeats = CounterMetricFamily(
        "lookout_repeats", "Sends that may have arrived twice after a crash", labels=["channel"]
    )
    arrived = CounterMetricFamily("lookout_delivered", "Sends that the provider said have arrived", labels=["channel"])
    for channel, size, repeated, *counts in connection.execute(query):
        for name, count in zip(SETTLED, counts, strict=False):
            settled.add_metric([channel, name], count)
        open_.add_metric([channel], size - sum(counts[: len(SETTLED)]))
        repeats.add_metric([channel], repeated)
    total = select(batch.c.channel, func.sum(delivered.c.count)).join(batch, batch.c.id == delivered.c.batch_id)
    for channel, count in connection.execute(total.group_by(batch.c.channel)):
        arrived.add_metric([channel], count)
    yield from (settled, open_, repeats, arrived)


def _oldest_waiting(connection: Connection, services: Services) -> Metric:
    first = select(func.min(notice.c.approved_at)).select_from(batch.join(notice))
    at = connection.scalar(first.where(batch.c.state != "done", notice.c.over.is_(None)))
    waited = (microseconds(services.clock()) - microseconds(at)) / 1e6 if at else 0.0
    return GaugeMetricFamily("lookout_oldest_open_seconds", "Age of the oldest notice that is not all settled", waited)


def _notices(connection: Connection) -> Metric:
    found = GaugeMetricFamily(
        "lookout_notices", "Notices not over, by state (held: a person must look)", labels=["state"]
    )
    query = select(notice.c.state, func.count()).where(notice.c.over.is_(None)).group_by(notice.c.state)
    for state, count in connection.execute(query):
        found.add_metric([state], count)
    return found


def _incidents(connection: Connection) -> Metric:
    open_ = select(func.count()).where(incident.c.ended_at.is_(None), incident.c.expires_at.is_not(None))
    return GaugeMetricFamily("lookout_incidents_active", "Incidents in force", connection.scalar(open_) or 0)


def _keys_left(connection: Connection) -> Metric:
    left = select(func.count()).where(incident.c.ended_at.is_not(None), incident.c.key_destroyed_at.is_(None))
    return GaugeMetricFamily(
        "lookout_keys_to_destroy", "Ended incidents whose key still exists: anything but 0 for long is an alarm",
        connection.scalar(left) or 0,
    )  # fmt: skip


def _attention(connection: Connection) -> Metric:
    found = CounterMetricFamily(
        "lookout_attention",
        f"Alerts opened, visited and shared, by way; none below {attention.FEW}",
        labels=["way", "what"],
    )
    for one in attention.read_all(connection):
        if one.count is not None:
            found.add_metric([one.way, one.what], one.count)
    return found


def _subscriptions(connection: Connection) -> Metric:
    found = GaugeMetricFamily("lookout_subscriptions", "Confirmed subscriptions in use", labels=["channel"])
    usable = subscription.c.retired_at.is_(None) & subscription.c.confirmed_at.is_not(None)
    query = select(subscription.c.channel, func.count()).where(usable).group_by(subscription.c.channel)
    for channel, count in connection.execute(query):
        found.add_metric([channel], count)
    return found
