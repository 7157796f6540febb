"""One worker process: settings in, channels made, batches sent until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from contextlib import suppress

import uvloop
from sqlalchemy.exc import SQLAlchemyError

from alerts.database import make_engine
from alerts.outlets import make_channels
from alerts.outlets.kit import make_kit
from alerts.settings import Settings
from notifiers import presence, scheduling
from notifiers.vault import Vault
from notifiers.worker import Params, Worker


def run(settings: Settings) -> None:
    """Works until SIGTERM, then drains."""
    scheduling.take_long_turns()  # before any other thread begins
    uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    engine = make_engine(settings.engine_url, worker=True)
    vault = Vault(settings.keys_directory)
    name = f"{socket.gethostname()[:48]}:{os.getpid()}"  # the column holds 64
    channels = make_channels(make_kit(settings, vault))
    params = Params(window=settings.window, lease_s=settings.lease_s)
    worker = Worker(engine, vault, channels, params, name=name)
    worker.stop_on_signals()
    _spare_the_collector()
    noting = asyncio.create_task(presence.keep_noting(engine, name))
    try:
        await worker.run()
    finally:
        noting.cancel()
        with suppress(SQLAlchemyError):
            await asyncio.to_thread(presence.leave, engine, name)
        engine.dispose()


def _spare_the_collector() -> None:
    """What is loaded by now stays for good, so it is looked through no more; what a send leaves has no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
