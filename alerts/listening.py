"""The socket that a server listens on, taken before anything else is started: a taken port is said at once."""

from __future__ import annotations

import socket

import click


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; click's error, which says how to choose another port, when this one is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as taken:
        listening.close()
        raise click.ClickException(
            f"port {port} on {host} cannot be used ({taken.strerror}); choose another with PORT=... or --port"
        ) from None
    return listening
