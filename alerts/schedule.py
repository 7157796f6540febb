"""What happens by itself, every second: expiry, keys of ended incidents, catching up with the store, newcomers; places."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from alerts import leases
from alerts.service import arrivals, end
from alerts.service.end import May
from alerts.services import Services
from geo import keeping
from notifiers import attention, notices
from notifiers.transactions import writing

log = structlog.get_logger()

EVERY_S = 1.0
LABELS_AFTER_S = 5.0  # of the start: whoever starts it has the processor first
PLACES_EVERY_S = 10.0  # hours and days is how long they count
COUNTS_EVERY_S = 60.0  # what was counted since is lost when the server dies
LEASE_S = 5.0  # how late a job is at most when the server that ran it died
MOST_ROUNDS = 20  # of places that are due, a transaction each


class Schedule:
    """The jobs of one server. Each is safe to run twice, late, or in two servers at once.

    Those that change what all servers share are run by one of them (`alerts.leases`); following the map, the watch,
    newcomers and labels each server does for itself.
    """

    def __init__(self, services: Services, lease_s: float = LEASE_S) -> None:
        self._services = services
        self._lease_s = lease_s
        self._holder = f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(4)}"
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """The first round at once: what ended while no server ran is ended now."""
        for job in (self.expire, self.destroy_keys, self.catch_up, self.sweep):
            job()
            self._scheduler.add_job(job, "interval", seconds=EVERY_S)
        later = datetime.now(UTC) + timedelta(seconds=LABELS_AFTER_S)
        self._scheduler.add_job(self.read_labels, "interval", seconds=LABELS_AFTER_S, next_run_time=later)
        self._scheduler.add_job(self.expire_places, "interval", seconds=PLACES_EVERY_S)
        self._scheduler.add_job(self.write_counts, "interval", seconds=COUNTS_EVERY_S)
        self._scheduler.start()

    def stop(self) -> None:
        """What it held is free: another server goes on at once."""
        self._scheduler.shutdown(wait=True)
        with suppress(SQLAlchemyError):
            self.write_counts()
        with suppress(SQLAlchemyError):  # else the lease runs out
            leases.release(self._services.engine, self._holder)

    def expire(self) -> None:
        """Alerts whose time ran out end: nobody has to remember. The watch is this server's own."""
        self._services.watch.expire(self._services.clock())
        if may := self._turn("expire"):
            ended = end.expire_due(self._services, may)
            with writing(self._services.engine) as connection:
                if may(connection):
                    notices.expire(connection)
            if ended:
                log.info("incidents_expired", count=ended)

    def destroy_keys(self) -> None:
        """What is over is gone, also if a server died between the end and the destruction."""
        if self._turn("destroy_keys"):
            end.destroy_keys(self._services)

    def expire_places(self) -> None:
        """Places that are too old to count go; the maps hear of it as of any change."""
        may = self._turn("expire_places")
        if may is None:
            return
        for _ in range(MOST_ROUNDS):
            with writing(self._services.engine) as connection:
                if not may(connection) or keeping.expire(connection, self._services.clock()) is None:
                    return

    def catch_up(self) -> None:
        """Who was placed or forgotten by another process (an import, a second server) comes onto this map."""
        arrivals.follow(self._services)

    def read_labels(self) -> None:
        """Everybody's label onto the map, once; until then a reach is counted by asking the store."""
        if not self._services.labels.complete:
            self._services.labels.read_all(self._services.engine, self._services.index)

    def write_counts(self) -> None:
        """What this server counted of looks at public pages."""
        if taken := self._services.counts.take():
            with writing(self._services.engine) as connection:
                attention.write(connection, taken)

    def sweep(self) -> None:
        """Newcomers whom nobody told, because whoever placed them died, or another server did it."""
        arrivals.sweep(self._services)

    def _turn(self, name: str) -> May | None:
        """Whether this server runs the job now: what it then asks in every transaction that writes."""
        fence = leases.take(self._services.engine, name, self._holder, self._lease_s)
        return None if fence is None else partial(leases.stands, name=name, fence=fence)
