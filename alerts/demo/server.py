"""The demo's server: `alerts.main.Lookout` in a process of its own, as `lookout serve` runs it.

It is started first of all and imports while the demo's own process makes the world that it will serve.
"""

from __future__ import annotations

import gc
import multiprocessing
import socket
from multiprocessing.connection import Connection as Pipe
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alerts.settings import Settings


class Server:
    """Answers on `listening` once it is told what to serve; ends with the block, and with the demo however that ends."""

    def __init__(self, listening: socket.socket) -> None:
        self._here, there = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(there, listening), name="server"
        )
        self._process.start()
        there.close()

    def serve(self, settings: Settings) -> None:
        """Returns when it answers; its data directory stands. RuntimeError when it did not come up."""
        try:
            self._here.send(settings)
            self._here.recv()
        except (EOFError, OSError):
            raise RuntimeError("the demo's server did not start") from None

    def close(self) -> None:
        """As SIGTERM stops every server: it drains its workers."""
        self._here.close()
        self._process.terminate()
        self._process.join(15.0)


def _serve(there: Pipe, listening: socket.socket) -> None:
    from alerts.children import expect_children
    from alerts.processes import begin

    begin("server")
    gc.disable()  # while tens of thousands of objects are made that will never go
    expect_children()
    from alerts import logs, web
    from alerts.main import Lookout

    try:
        settings = there.recv()
    except EOFError:  # there is nothing to serve after all
        return
    logs.configure(settings.log_format, settings.log_level)
    lookout = Lookout(settings)
    lookout.start()
    try:
        app = lookout.app()
        gc.freeze()
        gc.enable()
        there.send("serving")
        web.run(app, listening)
    finally:
        lookout.stop()
