"""`lookout serve` over a populated house, its officers over HTTP, and its deaths (-9) in the middle of what they do.

The server has no workers of its own here, so that what dies is what takes in, approves and plans. Whoever calls and hears
nothing calls again, as the API lets everybody do: the same record has the same identifier, an approval the same hash.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx
import shapely
from sqlalchemy import func, select

from alerts import agencies
from alerts.record_example import EXAMPLE
from alerts.tables import incident
from benchmarks.sending import CENTER, House
from geo import Shape
from notifiers.tables import notice
from notifiers.transactions import reading, writing

SOON_S = 0.15  # it dies within this of being asked
_START_S = 120.0
_SQUARE = shapely.box(CENTER[0] - 0.5, CENTER[1] - 0.5, CENTER[0] + 0.5, CENTER[1] + 0.5)


class Serving:
    """Started at the beginning of the block and after every death; `deaths` are counted."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._keys = _cast(house)
        self._port, self._mail = _free_port(), _free_port()
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=30.0, trust_env=False)
        self._process: subprocess.Popen[bytes] | None = None
        self.deaths = 0

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)

    def approved(self, deaths: int) -> int:
        """An alert for everybody, submitted and approved, with so many deaths in the middle of each; the notice's id."""
        left = self._through(deaths, lambda: self._post("/v1/alerts", "submitter", _record()))
        seen = {"content_hash": left["content_hash"], "reach": left["reach"]}
        at = f"/v1/alerts/{left['id']}"
        self._through(deaths, lambda: self._post(f"{at}/approve", "approver", seen, known=409))
        with reading(self._house.engine) as connection:
            return int(connection.execute(select(func.max(notice.c.id))).scalar_one())

    def dies(self, deaths: int) -> None:
        """While it plans, or is about to."""
        for _ in range(deaths):
            time.sleep(random.uniform(0, SOON_S))
            self._die()

    def counted(self) -> tuple[int, int]:
        """Incidents and notices that there are: of one alert one each, however often it was asked for."""
        with reading(self._house.engine) as connection:
            return tuple(
                connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (incident, notice)
            )

    def _through(self, deaths: int, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What is answered at last; whoever calls calls again when the server died of it."""
        for _ in range(deaths):
            killing = threading.Timer(random.uniform(0, SOON_S), self._kill)
            killing.start()
            with suppress(httpx.TransportError):
                call()
            killing.join()
            self._start()
        return call()

    def _post(self, path: str, who: str, body: dict[str, Any], known: int = 0) -> dict[str, Any]:
        """`known`: the status that says that it was done already."""
        headers = {"Authorization": f"Bearer {self._keys[who]}", "If-Match": "*"}
        answer = self._client.post(path, json=body, headers=headers)
        if answer.status_code != known and not answer.is_success:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
        return dict(answer.json())

    def _die(self) -> None:
        self._kill()
        self._start()

    def _kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.deaths += 1

    def _start(self) -> None:
        settings = self._house.settings
        variables = {
            "LOOKOUT_DATABASE_URL": settings.database_url,
            "LOOKOUT_SANDBOX_PUSH_PORT": str(settings.sandbox_push_port),
            "LOOKOUT_SANDBOX_SMTP_PORT": str(self._mail),
            "LOOKOUT_LOG_LEVEL": "error",
            "LOOKOUT_WORKERS": "0",
        }
        command = [sys.executable, "-m", "alerts.cli", "serve", "--data", str(settings.data), "--port", str(self._port)]
        with (settings.data.parent / "server.log").open("ab") as log:  # its sandbox finds its port taken, at length
            self._process = subprocess.Popen(
                command, env=os.environ | variables, cwd=Path(__file__).parents[1], stdout=log, stderr=log
            )
        until_s = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until_s:
                raise RuntimeError("the server does not come back")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return self._client.get("/readyz").is_success
        except httpx.TransportError:
            return False


def _record() -> dict[str, Any]:
    """For everybody; the same one in one run, whenever it is asked for."""
    area = {"geojson": shapely.geometry.mapping(_SQUARE)}
    abduction = EXAMPLE["abduction"] | {"at": _BEGAN.isoformat(), "point": {"lon": CENTER[0], "lat": CENTER[1]}}
    own = {"identifier": "chaos-1", "sent_at": (_BEGAN + timedelta(hours=1)).isoformat()}
    return EXAMPLE | own | {"area": area, "abduction": abduction}


_BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


def _cast(house: House) -> dict[str, str]:
    """An agency for all of the area, one who submits and one who approves: their keys."""
    now, home = datetime.now(UTC), Shape(shapely.MultiPolygon([_SQUARE.buffer(1)]))
    row = {"code": "EXA", "name": "Example Police", "sender": "exa@agency.example", "programme": "us-amber"}
    keys = {}
    with writing(house.engine) as connection:
        agency = agencies.add_agency(connection, **row, jurisdiction=home, now=now)
        for who in ("submitter", "approver"):
            person = agencies.add_officer(connection, name=who.title(), roles=agencies.OFFICER, agency=agency, now=now)
            keys[who] = agencies.issue_key(connection, person.id, now)
    return keys


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])
