"""Real servers for whole stories: each test makes its house, starts what it needs, and nothing is left when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from server import House, Server


@pytest.fixture
def house(tmp_path, empty_database) -> Iterator[House]:
    """A sandbox data directory with an agency of Colorado and its cast; nobody is enrolled yet."""
    made = House(tmp_path, empty_database)
    yield made
    made.engine.dispose()


@pytest.fixture
def serve(house) -> Iterator[Callable[..., Server]]:
    """`serve(window=32, ...)` starts the real server over the house, with these settings."""
    made: list[Server] = []

    def start(**settings: object) -> Server:
        made.append(Server(house, **settings))
        return made[-1].start()

    yield start
    for server in made:
        server.end()
