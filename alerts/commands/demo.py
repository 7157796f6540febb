"""`lookout demo`: the whole job on invented people, watched in the browser or judged at the receivers."""

from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from alerts.demo.run import World
    from alerts.demo.server import Server
    from alerts.demo.show import Show
    from alerts.demo.stamp import Stamped

DEFAULT_PORT = 8000
CANCEL_AFTER_S = 180.0


@click.command(help="Run Lookout with invented people while an exercise alert is delivered.")
@click.option("--once", is_flag=True, help="To the end without a browser: alert, enlarged area, cancel; then stop.")
@click.option("--json", "as_json", is_flag=True, help="With --once: one JSON object on standard output.")
@click.option("--population", type=click.IntRange(100, 5_000_000), default=100_000, show_default=True)
@click.option("--alert", type=click.Path(path_type=Path), help="An AMBER record (JSON) or CAP 1.2 message (XML).")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Default: a temporary folder.")
@click.option("--port", type=int, help="Default: PORT, else 8000; with --once a free one.")
def command(
    *, once: bool, as_json: bool, population: int, alert: Path | None, data: Path | None, port: int | None
) -> None:
    from alerts.demo.server import Server
    from alerts.listening import listen

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops it, it cleans up
    with listen("127.0.0.1", _port(port, once=once)) as listening, closing(Server(listening)) as server:
        _demo(server, listening, population, alert, data, once=once, as_json=as_json)


def _demo(
    server: Server,
    listening: socket.socket,
    population: int,
    alert: Path | None,
    data: Path | None,
    *,
    once: bool,
    as_json: bool,
) -> None:
    from alerts import logs
    from alerts.demo.run import running
    from alerts.demo.show import Show
    from alerts.demo.story import Refused
    from alerts.services import utc_now

    logs.configure("text", "warning")
    show, now = Show(quiet=as_json), utc_now()
    file = _stamped(alert, now)
    show.say(f"making a world of {population} invented people around the area ...")
    base: tuple[str, int] = listening.getsockname()[:2]
    listening.close()  # the server has it; nobody else shall hold the port
    try:
        with _directory(data) as directory, running(server, file, population, directory, base, now) as world:
            _once(world, show, data, as_json=as_json) if once else _watch(world, show)
    except Refused as refused:
        raise click.ClickException(str(refused)) from None


def _stamped(alert: Path | None, now: datetime) -> Stamped:
    from alerts.demo.stamp import Unusable, stamp

    try:
        return stamp(alert, now)
    except Unusable as unusable:
        click.echo(str(unusable), err=True)
        raise SystemExit(2) from None


def _port(port: int | None, *, once: bool) -> int:
    told = os.environ.get("PORT", "")
    if port is None and told and not told.isdecimal():
        raise click.UsageError(f"PORT is {told!r}, no number")
    return port if port is not None else int(told) if told else 0 if once else DEFAULT_PORT


@contextmanager
def _directory(data: Path | None) -> Iterator[Path]:
    from alerts.demo.run import NotOurs, make_room

    if data is None:
        with tempfile.TemporaryDirectory(prefix="lookout-demo-", ignore_cleanup_errors=True) as temporary:
            make_room(Path(temporary))
            yield Path(temporary)
        return
    try:
        make_room(data)
    except NotOurs as fault:
        raise click.UsageError(str(fault)) from None
    yield data


def _once(world: World, show: Show, data: Path | None, *, as_json: bool) -> None:
    """The page and the CAP XML outlive a temporary world: whoever reads their paths wants to open them."""
    from alerts.demo.report import play_and_judge

    report = play_and_judge(world, show, data or Path(tempfile.mkdtemp(prefix="lookout-demo-report-")))
    click.echo(json.dumps(report) if as_json else json.dumps(report, indent=2))
    if not report["ok"]:
        raise SystemExit(1)


def _watch(world: World, show: Show) -> None:
    """Until Ctrl-C. After three minutes the search is over, unless somebody ended it in the console before."""
    import time

    from alerts.demo import canaries
    from alerts.demo.story import Refused

    canaries.enrol(world.settings, world.engine)
    try:
        try:
            _play(world, show)
        except Refused as refused:  # whoever watches may have gone first, in the console
            show.say(f"the story stops here, the server goes on: {refused}")
        show.say("still serving; Ctrl-C stops")
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        show.say("stopping ...")


def _play(world: World, show: Show) -> None:
    import time

    from alerts.demo.run import play_alert, play_end

    first, second = play_alert(world, show)
    show.say(f"all delivered; the alert is cancelled in {CANCEL_AFTER_S / 60:.0f} min, or by you in the console")
    show.links(world.base_url, first.token, world.settled.cast)
    time.sleep(CANCEL_AFTER_S)
    play_end(world, second, show)
