"""One worker process: settings in, channels made, batches sent until it is told to stop."""

from __future__ import annotations

import os
import socket

import uvloop

from alerts.database import make_engine
from alerts.outlets import make_channels
from alerts.outlets.kit import make_kit
from alerts.settings import Settings
from notifiers.vault import Vault
from notifiers.worker import Params, Worker


def run(settings: Settings) -> None:
    """Works until SIGTERM, then drains."""
    uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    engine = make_engine(settings.engine_url, worker=True)
    vault = Vault(settings.keys_directory)
    name = f"{socket.gethostname()[:48]}:{os.getpid()}"  # the column holds 64
    channels = make_channels(make_kit(settings, vault))
    params = Params(window=settings.window, lease_s=settings.lease_s)
    worker = Worker(engine, vault, channels, params, name=name)
    worker.stop_on_signals()
    try:
        await worker.run()
    finally:
        engine.dispose()
