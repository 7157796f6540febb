"""The application on a listening socket, with uvicorn: in the foreground, or in a thread beside whoever looks at it."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

GRACE_S = 3


def run(app: FastAPI, listening: socket.socket, trusted_proxies: str = "") -> None:
    """Serves until SIGINT or SIGTERM, then returns: whoever started more than this server has that to stop as well.

    `trusted_proxies`: addresses and networks, by commas, that are believed when they say whose request it is.

    Uvicorn raises the signal again when it is done, for whoever handled it before: that is us, or it would kill us here.
    """
    server = _server(app, trusted_proxies)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.run(sockets=[listening])


@contextmanager
def in_thread(app: FastAPI, listening: socket.socket, trusted_proxies: str = "") -> Iterator[None]:
    """Serves until the block ends; inside it the server answers."""
    server = _server(app, trusted_proxies)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(2 * GRACE_S)


def _server(app: FastAPI, trusted_proxies: str) -> uvicorn.Server:
    # Access logs would hold addresses and tokens; the application logs what it may.
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=16 * 1024,
            forwarded_allow_ips=trusted_proxies,
        )
    )
