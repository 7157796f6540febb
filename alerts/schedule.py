"""What happens by itself, every second: expiry, keys of ended incidents, catching up with the store, newcomers; places."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from alerts import audit_heads, board, leases, pulse, revoked
from alerts.map_file import MapFile
from alerts.polling import Poller, make_guard
from alerts.service import arrivals, copies, countdown, end, known_photos, mailboxes, self_test, tips
from alerts.service.end import May
from alerts.services import Services
from geo import keeping
from notifiers import attention, notices
from notifiers.clock import database_now
from notifiers.transactions import reading, writing

log = structlog.get_logger()

EVERY_S = 1.0
COUNTDOWN_LOOK_S = 0.5
LABELS_AFTER_S = 5.0  # of the start: whoever starts it has the processor first
PLACES_EVERY_S = 10.0  # hours and days is how long they count
REVOKED_EVERY_S = 5.0
TIPS_EVERY_S = 600.0  # 30 days is how long they are kept; networks an hour
PHOTOS_EVERY_S = 3600.0  # a year is how long they are known again
SILENT_EVERY_S = 60.0  # a day is how long a browser may take to answer its test
COPIES_EVERY_S = 30.0  # a day is how long they are kept; the key of a closed one is gone already, but for a crash
COUNTS_EVERY_S = 60.0  # what was counted since is lost when the server dies
LEASE_S = 5.0  # how late a job is at most when the server that ran it died
MAP_FILE_EVERY_S = 15.0
TEST_LOOK_S = 3.0  # a round is three messages, each when the one before is through
MOST_ROUNDS = 20  # of places that are due, a transaction each


class Schedule:
    """The jobs of one server. Each is safe to run twice, late, or in two servers at once.

    Those that change what all servers share are run by one of them (`alerts.leases`); following the map, the watch,
    newcomers and labels each server does for itself.
    """

    def __init__(self, services: Services, map_file: MapFile | None = None, lease_s: float = LEASE_S) -> None:
        self._services = services
        self._map_file = map_file
        self._lease_s = lease_s
        self._tail = audit_heads.Tail(services.engine, services.vault, services.settings.data)
        self._holder = f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._poller = Poller(services, make_guard(services.settings), self._holder)
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """The first round at once: what ended while no server ran is ended now."""
        for job in (self.expire, self.destroy_keys, self.catch_up, self.sweep, self.sign_log):
            job()
            self._scheduler.add_job(job, "interval", seconds=EVERY_S)
        later = datetime.now(UTC) + timedelta(seconds=LABELS_AFTER_S)
        self._scheduler.add_job(self.let_due, "interval", seconds=COUNTDOWN_LOOK_S)
        self._scheduler.add_job(self.read_labels, "interval", seconds=LABELS_AFTER_S, next_run_time=later)
        self._scheduler.add_job(self.expire_places, "interval", seconds=PLACES_EVERY_S)
        self._scheduler.add_job(self.clear_revoked, "interval", seconds=REVOKED_EVERY_S)
        self._scheduler.add_job(self.forget_photos, "interval", seconds=PHOTOS_EVERY_S)
        self._scheduler.add_job(self.forget_tips, "interval", seconds=TIPS_EVERY_S, next_run_time=later)
        self._scheduler.add_job(self.expire_copies, "interval", seconds=COPIES_EVERY_S)
        self._scheduler.add_job(self.sweep_silent, "interval", seconds=SILENT_EVERY_S)
        self._scheduler.add_job(self.keep_map_file, "interval", seconds=MAP_FILE_EVERY_S)
        self._scheduler.add_job(self.test_itself, "interval", seconds=TEST_LOOK_S)
        self._scheduler.add_job(self.take_pulse, "interval", seconds=pulse.EVERY_S)
        self._scheduler.add_job(self.write_counts, "interval", seconds=COUNTS_EVERY_S)
        self._poller.start()
        self._scheduler.add_job(self.poll_feeds, "interval", seconds=EVERY_S)
        self._scheduler.start()

    def also(self, job: Callable[[], object]) -> None:
        """Every second as well, on this server."""
        self._scheduler.add_job(job, "interval", seconds=EVERY_S)

    def stop(self) -> None:
        """What it held is free: another server goes on at once."""
        self._scheduler.shutdown(wait=True)
        self._poller.stop()
        with suppress(SQLAlchemyError):
            self.write_counts()
        with suppress(SQLAlchemyError):  # else the lease runs out
            leases.release(self._services.engine, self._holder)

    def expire(self) -> None:
        """Alerts whose time ran out end: nobody has to remember. The watch is this server's own.

        The first round comes a lease (LEASE_S) late where the server that did it was killed; nothing leaves meanwhile,
        since workers judge a notice's time by themselves, on the same clock of the database.
        """
        with reading(self._services.engine) as connection:
            now = database_now(connection)
        self._services.watch.expire(now)
        if may := self._turn("expire"):
            ended = end.expire_due(self._services, may)
            if lapsed := end.lapse_due(self._services, may):
                log.info("requests_lapsed", count=lapsed)
            with writing(self._services.engine) as connection:
                if may(connection):
                    notices.expire(connection)
            if ended:
                log.info("incidents_expired", count=ended)

    def let_due(self) -> None:
        """Approvals that nobody stopped in their seconds go; whichever server looks first takes one."""
        countdown.let_due(self._services)

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

    def clear_revoked(self) -> None:
        """Signs that were revoked during an alert show it no longer."""
        if may := self._turn("clear_revoked"):
            revoked.clear(self._services, may)

    def forget_photos(self) -> None:
        """Photos of alerts that ended too long ago are known no more."""
        if may := self._turn("forget_photos"):
            with writing(self._services.engine) as connection:
                if may(connection):
                    known_photos.forget(connection, self._services)

    def forget_tips(self) -> None:
        """What people wrote that they saw goes 30 days after the end, and from which network within the hour."""
        if may := self._turn("forget_tips"):
            tips.forget_due(self._services, may)

    def expire_copies(self) -> None:
        """Forms that nobody went on with are forgotten."""
        if may := self._turn("expire_copies"):
            copies.expire(self._services, may)

    def sweep_silent(self) -> None:
        """Browsers that never answered their test are forgotten."""
        if may := self._turn("sweep_silent"):
            mailboxes.sweep(self._services, may)

    def catch_up(self) -> None:
        """Who was placed or forgotten by another process (an import, a second server) comes onto this map."""
        arrivals.follow(self._services)

    def read_labels(self) -> None:
        """Everybody's label onto the map, once; until then a reach is counted by asking the store."""
        if not self._services.labels.complete:
            self._services.labels.read_all(self._services.engine, self._services.index)

    def keep_map_file(self) -> None:
        """The file that the next start begins with: never old, never in the way of an active alert."""
        if self._map_file is not None:
            services, busy = self._services, len(self._services.watch) > 0
            self._map_file.look(services.index, services.following, busy=busy, now_s=time.monotonic())

    def sign_log(self) -> None:
        """How the log ends: the newest entry each second for this server's own file, a head an hour for all to keep."""
        services = self._services
        self._tail.keep(services.clock())
        if may := self._turn("sign_log"):
            folder = services.settings.data
            audit_heads.sign_hourly(services.engine, services.vault, folder, services.clock(), may)

    def write_counts(self) -> None:
        """What this server counted of looks at public pages."""
        if taken := self._services.counts.take():
            with writing(self._services.engine) as connection:
                attention.write(connection, taken)

    def test_itself(self) -> None:
        """An Alert, an Update and a Cancel to the canaries, every three minutes."""
        if may := self._turn("self_test"):
            self_test.run(self._services, may)

    def take_pulse(self) -> None:
        """How fast sending goes, for this server's screens."""
        with reading(self._services.engine) as connection:
            self._services.pulse.add(board.sample(connection))

    def sweep(self) -> None:
        """Newcomers whom nobody told, because whoever placed them died, or another server did it."""
        arrivals.sweep(self._services)

    def poll_feeds(self) -> None:
        """Feeds that are due are asked, beside this: none of them holds up a job, or another feed."""
        self._poller.tick()

    def _turn(self, name: str) -> May | None:
        """Whether this server runs the job now: what it then asks in every transaction that writes."""
        fence = leases.take(self._services.engine, name, self._holder, self._lease_s)
        return None if fence is None else partial(leases.stands, name=name, fence=fence)
