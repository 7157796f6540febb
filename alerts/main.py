"""The composition root: settings -> database, map, watch, services, application, fan-out, schedule, child processes.

    serve process      API and pages, the map in memory, the fan-out's thread, the scheduler
      worker children  batches from the ledger, out over the channels (`alerts.worker_process`)
      sandbox child    only in a sandbox: the receivers (`notifiers.sandbox`)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from fastapi import FastAPI
from sqlalchemy import Engine

from alerts import pages
from alerts.api.app import create_app
from alerts.database import make_engine, migrate, settle_mode
from alerts.dispatch import Dispatcher
from alerts.processes import Child, Supervisor
from alerts.schedule import Schedule
from alerts.service.arrivals import watch_all
from alerts.services import Services
from alerts.settings import PREFIX, Settings
from alerts.worker_process import make_vapid
from geo import store as positions
from geo.index import RecipientIndex
from geo.places import Gazetteer
from geo.watch import Watch
from notifiers import fanout, notices
from notifiers.transactions import reading
from notifiers.vault import Vault


class Lookout:
    """A whole server. `prepare` opens the data directory, `start` sets everything going, `stop` ends it cleanly."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = prepare(settings)
        vault = Vault(settings.keys_directory)
        self.dispatcher = Dispatcher(self._fan_out, self._arrivals, self._due)
        self.services = Services(
            settings=settings,
            engine=self.engine,
            vault=vault,
            index=load_index(self.engine),
            watch=Watch(),
            gazetteer=Gazetteer.load(),
            fan_out=self.dispatcher.tell,
            arrivals=self.dispatcher.tell_arrivals,
        )
        self.supervisor = Supervisor()
        self.schedule = Schedule(self.services)

    def start(self) -> None:
        """Receivers first, then who sends, then who decides."""
        watch_all(self.services)
        self.supervisor.start(children(self.settings))
        self.dispatcher.start()
        self.schedule.start()

    def stop(self) -> None:
        """Nothing is lost by stopping: what is not done stands in the rows."""
        self.schedule.stop()
        self.dispatcher.stop()
        self.supervisor.stop()
        self.engine.dispose()

    def app(self) -> FastAPI:
        """The application: API and pages."""
        app = create_app(self.services)
        pages.mount(app, self.services, push_key=make_vapid(self.settings).public_key)
        return app

    def _fan_out(self, notice_id: int) -> None:
        fanout.run(self.engine, self.services.vault, self.services.index, notice_id)

    def _arrivals(self, notice_id: int, recipient_ids: Sequence[int]) -> None:
        fanout.plan_for(self.engine, notice_id, recipient_ids)

    def _due(self) -> Sequence[int]:
        with reading(self.engine) as connection:
            return notices.due_for_fanout(connection)


def prepare(settings: Settings) -> Engine:
    """The database of a data directory, made or brought up to date; WrongMode when it is the other kind."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.engine_url)
    migrate(engine)
    settle_mode(engine, settings)
    return engine


def load_index(engine: Engine) -> RecipientIndex:
    """The map of everybody, as the store has it now."""
    with reading(engine) as connection:
        placed = positions.load_all(connection)
    return RecipientIndex.build(placed.ids, placed.lon, placed.lat, placed.radius_m, seq=placed.seq)


def children(settings: Settings) -> list[Child]:
    """The processes beside the server's own."""
    environment = to_environment(settings)
    worker = ("-m", "alerts.cli", "worker", "--supervised")
    found = [Child(f"worker-{number}", worker, environment) for number in range(settings.workers)]
    return [sandbox(settings), *found] if settings.sandbox else found


def sandbox(settings: Settings) -> Child:
    """The sandbox's receivers, on the ports that the settings name."""
    ports = ("--push-port", str(settings.sandbox_push_port), "--smtp-port", str(settings.sandbox_smtp_port))
    directory = ("--directory", str(settings.data))
    return Child("sandbox", ("-m", "notifiers.sandbox", *directory, *ports, "--with-parent", "--quiet"))


def to_environment(settings: Settings) -> Mapping[str, str]:
    """The settings as variables, for a child process."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    return {PREFIX + name.upper(): str(value) for name, value in values.items() if value not in (None, "")}
