"""The composition root: settings -> database, map, watch, services, application, fan-out, schedule, child processes.

serve process      API and pages, the map in memory, the fan-out's thread, the scheduler
  worker children  batches from the ledger, out over the channels (`alerts.worker_process`)
  sandbox child    only in a sandbox: the receivers (`notifiers.sandbox`)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from fastapi import FastAPI

from alerts import pages
from alerts.api.app import create_app
from alerts.children import start_children
from alerts.dispatch import Dispatcher
from alerts.map_file import MapFile
from alerts.outfit import make_vapid, prepare
from alerts.outlets.email import make_mailer
from alerts.outlets.sms import make_texter
from alerts.outlets.web_push import make_pusher
from alerts.schedule import Schedule
from alerts.service.arrivals import follow, watch_all
from alerts.services import Services
from alerts.settings import Settings
from geo.places import Gazetteer
from geo.watch import Watch
from notifiers import fanout, notices
from notifiers.transactions import reading
from notifiers.vault import Vault


class Lookout:
    """A whole server. `start` sets everything going, `stop` ends it cleanly."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = prepare(settings)
        self.supervisor = start_children(settings)
        vault = Vault(settings.keys_directory)
        self.map_file = MapFile(
            self.engine, settings.data, leavers_s=settings.map_file_leavers_s, least=settings.map_file_people
        )
        self.dispatcher = Dispatcher(self._fan_out, self._arrivals, self._due)
        self.services = Services(
            settings=settings,
            engine=self.engine,
            vault=vault,
            index=self.map_file.load(),
            watch=Watch(),
            gazetteer=Gazetteer.load(),
            fan_out=self.dispatcher.tell,
            arrivals=self.dispatcher.tell_arrivals,
            push=None if settings.sandbox else make_pusher(settings),  # the sandbox's push service reaches no browser
            text=make_texter(settings),
            mail=None if settings.sandbox else make_mailer(settings),  # nobody reads the sandbox's mailboxes
        )
        self.schedule = Schedule(self.services, self.map_file)

    def start(self) -> None:
        """The watch before the fan-out: who moves in between is seen by one of the two."""
        watch_all(self.services)
        self.dispatcher.start()
        self.schedule.start()

    def stop(self) -> None:
        """Nothing is lost by stopping: what is not done stands in the rows."""
        self.schedule.stop()
        self.dispatcher.stop()
        self.supervisor.stop()
        self.map_file.save(self.services.index, self.services.following)
        self.engine.dispose()

    def app(self) -> FastAPI:
        """The application: API and pages."""
        app = create_app(self.services)
        pages.mount(app, self.services, push_key=make_vapid(self.settings).public_key)
        pages.face(app, self.services)
        self.schedule.also(app.state.shelf.now)  # what ended leaves the memory of a server that nobody asks
        return app

    def _fan_out(self, notice_id: int) -> None:
        services = self.services
        fanout.run(services.engine, services.vault, services.index, notice_id, partial(follow, services))

    def _arrivals(self, notice_id: int, recipient_ids: Sequence[int]) -> None:
        fanout.plan_for(self.engine, notice_id, recipient_ids)

    def _due(self) -> Sequence[int]:
        with reading(self.engine) as connection:
            return notices.due_for_fanout(connection)
