"""What happens by itself, every second: expiry, keys of ended incidents, the watch, catching up with the store."""

from __future__ import annotations

import logging

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from alerts.service import end
from alerts.service.arrivals import take_off, walk
from alerts.services import Services
from geo import store as positions
from notifiers import notices
from notifiers.transactions import reading, writing

log = structlog.get_logger()

EVERY_S = 1.0


class Schedule:
    """The jobs of one server. Each is safe to run twice, late, or in two servers at once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """The first round at once: what ended while no server ran is ended now."""
        for job in (self.expire, self.destroy_keys, self.catch_up):
            job()
            self._scheduler.add_job(job, "interval", seconds=EVERY_S)
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)

    def expire(self) -> None:
        """Alerts whose time ran out end: nobody has to remember."""
        ended = end.expire_due(self._services)
        with writing(self._services.engine) as connection:
            notices.expire(connection)
        self._services.watch.expire(self._services.clock())
        if ended:
            log.info("incidents_expired", count=ended)

    def destroy_keys(self) -> None:
        """What is over is gone, also if a server died between the end and the destruction."""
        end.destroy_keys(self._services)

    def catch_up(self) -> None:
        """Who was placed or forgotten by another process (an import, a second server) comes onto this map."""
        index = self._services.index
        with reading(self._services.engine) as connection:
            if positions.newest(connection) <= index.seq:
                return
            changed = positions.changes_since(connection, index.seq)
        if len(changed.removed):
            take_off(self._services, changed.removed.tolist())
        if len(changed.ids):
            walk(
                self._services,
                changed.ids.tolist(),
                changed.lon.tolist(),
                changed.lat.tolist(),
                changed.radius_m.tolist(),
            )
        index.seq = changed.seq
