"""Real servers for whole stories, and nothing of them left at the end.

`house` and `serve` are a test's own. `town` is one server for tests that neither kill it nor mind each other: each has
its own place with its own people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cast import DENVER, FAR_AWAY, square
from house import House, Member
from server import Server


@dataclass
class Town:
    """A running server, people by place, and travellers who are far away from all of them."""

    server: Server
    people: dict[str, list[Member]] = field(default_factory=dict)
    travellers: list[Member] = field(default_factory=list)
    places = {"Denver": DENVER, "Durango": (-107.88, 37.275), "Lamar": (-102.61, 38.09), "Craig": (-107.55, 40.515)}

    def alert(self, place: str, **changes: Any) -> dict[str, Any]:
        """Approved for the square around a place."""
        return self.server.alert(area={"geojson": square(0.2, self.places[place])}, **changes)


@pytest.fixture
def house(tmp_path, empty_database, database_url) -> Iterator[House]:
    """A sandbox data directory with an agency of Colorado and its cast; nobody is enrolled yet."""
    made = House(tmp_path, empty_database, database_url)
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


@pytest.fixture(scope="session")
def whole_town(tmp_path_factory, empty_database) -> Iterator[Town]:
    house = House(tmp_path_factory.mktemp("town"), empty_database)
    town = Town(Server(house, workers=1))
    town.people = {place: house.enrol(12, at=town.places[place]) for place in town.places}
    town.travellers = house.enrol(4, ("web_push", "inbox"), at=FAR_AWAY)
    try:
        town.server.start()
        yield town
    finally:
        town.server.end()
        house.engine.dispose()


@pytest.fixture
def town(whole_town) -> Iterator[Town]:
    """The town, whose receivers do as they should again when the test ends."""
    yield whole_town
    whole_town.server.misbehave()
