"""The demo from start to end: a world, a server, the story, and with `once` the verdict."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from alerts import doors
from alerts.demo import stamp, warm
from alerts.demo.people import People
from alerts.demo.server import Server
from alerts.demo.settling import Settled, settle
from alerts.demo.stamp import Stamped
from alerts.demo.story import Sent, Story
from alerts.doors import Doors
from alerts.outfit import prepare
from alerts.settings import Mode, Settings, from_environment
from geo.shapes import Circle, Shape

if TYPE_CHECKING:
    from alerts.demo.show import Show

MORE_M = 5_000.0  # radius of the circle by which the area is enlarged
MARK = "demo"  # this file says that a directory is a demo's, and may be made anew
Base = tuple[str, int]  # host and port
LINK_S = 12 * 60 * 60  # the demo's sign-in links live as long as somebody looks at it


@dataclass(frozen=True, slots=True)
class World:
    """All that the story and the verdict need of a running demo."""

    settings: Settings
    engine: Engine
    story: Story
    settled: Settled
    file: Stamped
    more: Circle

    @property
    def wider(self) -> Shape:
        """The area as it was enlarged."""
        return Shape(self.file.area.polygons, (*self.file.area.circles, self.more))

    @property
    def base_url(self) -> str:
        return self.settings.base_url

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.sandbox_push_port}"


class NotOurs(Exception):
    """The directory holds something that no demo made."""


@contextmanager
def running(server: Server, file: Stamped, population: int, data: Path, base: Base, now: datetime) -> Iterator[World]:
    """A world of `population` people, served by `server`."""
    kept = warm.find(file.area, population)
    settings = _settings(data, base, kept.push_port if kept else None)
    if kept:
        kept.restore(data)
    engine = prepare(settings)
    settled = settle(settings, engine, file.area, population, now, kept)
    server.serve(settings)
    story = Story(settings.base_url, settled.cast)
    try:
        yield World(settings, engine, story, settled, file, _more(file.area, settled.people))
    finally:
        story.close()
        engine.dispose()


def play_alert(world: World, show: Show) -> tuple[Sent, Sent]:
    """Submit and approve; while it is delivered, enlarge and approve again; until both are delivered."""
    cast = world.settled.cast
    people = {role: getattr(cast, role).name for role in doors.ROLES}
    doors.write(world.settings.data, Doors(people))
    first = world.story.alert(world.file)
    doors.write(world.settings.data, Doors(people, first.token))
    show.say(f"approved for {first.reach} people")
    show.links(world.base_url, first.token, world.settled.cast)
    with show.bars("the alert") as bars:
        world.story.until_delivered(first.id, 1, bars.look)
    world.settled.complete()
    second = world.story.enlarge(first, stamp.wider(world.file.alert, world.more))
    show.say(f"area enlarged, approved for {second.reach} people; only those not told yet are told")
    with show.bars("the enlarged area") as bars:
        world.story.until_delivered(second.id, 2, bars.look)
    return first, second


def play_end(world: World, sent: Sent, show: Show) -> None:
    """Cancel, and wait until everyone who was told is told that it is over."""
    world.story.cancel(sent)
    show.say("cancelled: everyone who was told is told that it is over")
    with show.bars("it is over") as bars:
        world.story.until_delivered(
            sent.id, 3, lambda notices: bars.look([n for n in notices if n["kind"] == "cancel"])
        )


def make_room(data: Path) -> None:
    """An empty directory for the demo: a former demo's is made anew, anything else is left alone (NotOurs)."""
    if data.exists() and any(data.iterdir()):
        if not (data / MARK).exists():
            raise NotOurs(f"{data} is not empty and no demo made it; name a new directory")
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True)
    (data / MARK).write_text("made by `lookout demo`; the next one in this directory starts anew\n")


def _settings(data: Path, base: Base, push_port: int | None) -> Settings:
    host, port = base
    free, smtp = _free_ports(2)
    push = push_port or free
    return from_environment(
        data=data, mode=Mode.SANDBOX, host=host, port=port, sandbox_push_port=push, sandbox_smtp_port=smtp,
        log_format="text", log_level="warning", sign_in_link_s=LINK_S, keys=None, database_url="", public_url="",
    )  # fmt: skip


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _more(area: Shape, drawn: People) -> Circle:
    """A circle around somebody who is just outside the area and can be told: so there is always somebody new to tell."""
    from geo import distance

    sample = np.flatnonzero(drawn.confirmed)[:4_000]
    lon, lat = drawn.lon[sample], drawn.lat[sample]
    gap_m = distance.to_shape(lon, lat, area)
    outside = np.flatnonzero(gap_m > drawn.radius_m[sample] + 1.0)
    nearest = outside[np.argmin(gap_m[outside])] if len(outside) else 0
    return Circle(float(lon[nearest]), float(lat[nearest]), MORE_M)


def told(world: World) -> NDArray[np.bool_]:
    """Whom brute force expects to be told: inside the enlarged area, consenting, confirmed."""
    from alerts.demo.expected import inside

    drawn = world.settled.people
    return inside(drawn.lon, drawn.lat, drawn.radius_m, world.wider) & drawn.confirmed
