"""The series that matter, for Prometheus. What lies in the database is read at the scrape, so that all processes'
work is in it and a restart loses no count; only requests are counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, case, func, or_, select

from alerts import self_tests
from alerts.console_tables import tip
from alerts.feed_tables import feed_import, feed_source
from alerts.services import Services
from alerts.tables import incident
from geo.columns import microseconds
from notifiers import attention, presence, tallies
from notifiers.clock import DatabaseNow, database_now
from notifiers.tables import batch, delivered, notice, origin, subscription
from notifiers.transactions import reading

REAL = batch.c.incident_id > 0  # self-tests have series of their own, and rows that go again
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
            yield _drops(connection)
            yield _oldest_waiting(connection, self._services)
            yield _notices(connection)
            yield _incidents(connection)
            yield _keys_left(connection)
            yield _subscriptions(connection)
            yield _attention(connection)
            yield from _origins(connection)
            yield _workers(connection)
            yield from _self_tests(connection)
            yield from _feeds(connection, self._services)
            yield from _tips(connection, self._services)
        yield GaugeMetricFamily("lookout_index_recipients", "Recipients in the map", len(self._services.index))


def _delivery(connection: Connection) -> Iterator[Metric]:
    """All planned = settled by outcome + open by state, at every scrape: one statement counts them all."""
    sums = [func.sum(batch.c[f"n_{name}"]) for name in (*SETTLED, "in_flight")]
    query = select(batch.c.channel, func.sum(batch.c.size), func.sum(batch.c.repeats), *sums).where(REAL)
    query = query.group_by(batch.c.channel)
    settled = CounterMetricFamily(
        "lookout_sends", "Sends settled, by channel and outcome", labels=["channel", "outcome"]
    )
    planned = CounterMetricFamily("lookout_sends_planned", "Sends planned: settled and open ones", labels=["channel"])
    open_ = GaugeMetricFamily(
        "lookout_sends_open", "Sends planned and not settled, waiting or in flight", labels=["channel", "state"]
    )
    repeats = CounterMetricFamily(
        "lookout_repeats", "Sends that may have arrived twice after a crash", labels=["channel"]
    )
    arrived = CounterMetricFamily("lookout_delivered", "Sends that the provider said have arrived", labels=["channel"])
    for channel, size, repeated, *counts in connection.execute(query):
        for name, count in zip(SETTLED, counts, strict=False):
            settled.add_metric([channel, name], count)
        planned.add_metric([channel], size)
        open_.add_metric([channel, "waiting"], size - sum(counts))
        open_.add_metric([channel, "in_flight"], counts[-1])
        repeats.add_metric([channel], repeated)
    total = select(batch.c.channel, func.sum(delivered.c.count)).join(batch, batch.c.id == delivered.c.batch_id)
    for channel, count in connection.execute(total.where(REAL).group_by(batch.c.channel)):
        arrived.add_metric([channel], count)
    yield from (planned, settled, open_, repeats, arrived)


def _drops(connection: Connection) -> Metric:
    found = CounterMetricFamily(
        "lookout_drops", "Sends dropped, by channel and why: cancelled, expired, superseded, left", labels=["channel", "why"]
    )  # fmt: skip
    for channel, why in tallies.drops_of_all(connection).items():
        for word, count in why.items():
            found.add_metric([channel, word], count)
    return found


def _oldest_waiting(connection: Connection, services: Services) -> Metric:
    first = select(func.min(notice.c.approved_at)).select_from(batch.join(notice))
    asleep = batch.c.quiet_until > DatabaseNow()  # nobody is late where nobody is to be woken
    open_ = (REAL, batch.c.state != "done", notice.c.over.is_(None), or_(batch.c.quiet_until.is_(None), ~asleep))
    at = connection.scalar(first.where(*open_))
    waited = (microseconds(services.clock()) - microseconds(at)) / 1e6 if at else 0.0
    return GaugeMetricFamily("lookout_oldest_open_seconds", "Age of the oldest notice that is not all settled", waited)


def _notices(connection: Connection) -> Metric:
    found = GaugeMetricFamily(
        "lookout_notices", "Notices not over, by state (held: a person must look)", labels=["state"]
    )
    query = (
        select(notice.c.state, func.count())
        .where(notice.c.over.is_(None), notice.c.incident_id > 0)
        .group_by(notice.c.state)
    )
    for state, count in connection.execute(query):
        found.add_metric([state], count)
    return found


def _incidents(connection: Connection) -> Metric:
    open_ = select(func.count()).where(incident.c.ended_at.is_(None), incident.c.expires_at.is_not(None))
    return GaugeMetricFamily("lookout_incidents_active", "Incidents in force", connection.scalar(open_) or 0)


def _tips(connection: Connection, services: Services) -> Iterator[Metric]:
    """What people saw and nobody at the agency has marked as read, of all agencies."""
    unread = select(func.count(), func.min(tip.c.created_at)).where(tip.c.read_at.is_(None))
    count, oldest_at = connection.execute(unread).one()
    waited_s = (services.clock() - oldest_at).total_seconds() if oldest_at else 0.0
    yield GaugeMetricFamily("lookout_tips_unread", "Tips that no officer has marked as read", count)
    yield GaugeMetricFamily("lookout_tips_oldest_unread_seconds", "Age of the oldest of them", max(0.0, waited_s))


def _keys_left(connection: Connection) -> Metric:
    left = select(func.count()).where(incident.c.ended_at.is_not(None), incident.c.key_destroyed_at.is_(None))
    return GaugeMetricFamily(
        "lookout_keys_to_destroy", "Ended incidents whose key still exists: anything but 0 for long is an alarm",
        connection.scalar(left) or 0,
    )  # fmt: skip


def _attention(connection: Connection) -> Metric:
    found = CounterMetricFamily(
        "lookout_attention",
        f"Alerts opened, visited and shared, by way, and people who left within a day of one, by channel; rounded down to tens, none below {attention.FEW}",
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


def _origins(connection: Connection) -> Iterator[Metric]:
    """How the receivers stand; by channel, since the name of a partner's server is nobody else's business."""
    known = GaugeMetricFamily("lookout_origins", "Receivers that were ever sent to", labels=["channel"])
    resting = GaugeMetricFamily(
        "lookout_origins_resting", "Receivers that rest, because they fail or asked to wait", labels=["channel"]
    )
    rests = func.sum(case((origin.c.rests > 0, 1), else_=0))
    for channel, count, ill in connection.execute(
        select(origin.c.channel, func.count(), rests).group_by(origin.c.channel)
    ):
        known.add_metric([channel], count)
        resting.add_metric([channel], ill)
    yield from (known, resting)


def _workers(connection: Connection) -> Metric:
    found = presence.alive(connection, database_now(connection))
    return GaugeMetricFamily("lookout_workers", "Worker processes that showed a sign of life", len(found))


def _self_tests(connection: Connection) -> Iterator[Metric]:
    """What the canaries got last: by channel and kind of message; the worst receiver of a channel speaks for it."""
    now, names = database_now(connection), ["channel", "kind"]
    ok = GaugeMetricFamily("lookout_self_test_ok", "Whether the last one got through: 1 or 0", labels=names)
    age = GaugeMetricFamily("lookout_self_test_age_seconds", "Since the last one that is known of", labels=names)
    took = GaugeMetricFamily("lookout_self_test_seconds", "From hand-over to the receiver's answer", labels=names)
    found: dict[tuple[str, str], list[self_tests.Probe]] = {}
    for one in self_tests.latest(connection, now):
        found.setdefault((one.channel, one.kind), []).append(one)
    for key, tested in found.items():
        ok.add_metric(key, float(all(one.ok for one in tested)))
        age.add_metric(key, max((now - one.sent_at).total_seconds() for one in tested))
        if times := [one.took_ms for one in tested if one.took_ms is not None]:
            took.add_metric(key, max(times) / 1000)
    yield from (ok, age, took)


def _feeds(connection: Connection, services: Services) -> Iterator[Metric]:
    """Feeds of others that are switched on, by name: whether each does well, and what became of its messages."""
    up = GaugeMetricFamily("lookout_feed_up", "Whether the last question was answered: 1 or 0", labels=["feed"])
    silent = GaugeMetricFamily("lookout_feed_silent", "Whether it has said nothing new for too long", labels=["feed"])
    age = GaugeMetricFamily("lookout_feed_age_seconds", "Since its last good answer", labels=["feed"])
    taken = CounterMetricFamily("lookout_feed_messages", "Messages by what became of them", labels=["feed", "outcome"])
    now, on = services.clock(), feed_source.c.enabled.is_(True)
    for row in connection.execute(select(feed_source).where(on)):
        up.add_metric([row.name], float(row.state in {"well", "silent"}))
        silent.add_metric([row.name], float(row.state == "silent"))
        if row.last_ok_at is not None:
            age.add_metric([row.name], (now - row.last_ok_at).total_seconds())
    counted = select(feed_source.c.name, feed_import.c.outcome, func.count()).join_from(feed_import, feed_source)
    for name, outcome, count in connection.execute(counted.group_by(feed_source.c.name, feed_import.c.outcome)):
        taken.add_metric([name, outcome], count)
    yield from (up, silent, age, taken)
