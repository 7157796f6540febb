"""What is known of the child is shown while the alert is active, and is nowhere any more when it is over."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import postgres
import pytest
from cast import BOTH, FIXTURES, record
from needles import FAMILY, NAME, PHOTOS, PLATE, files_with, found_in, needles_of
from server import CHANNELS, Server, until
from sqlalchemy import select

from alerts.tables import incident, message, photo
from notifiers.transactions import reading
from notifiers.vault import KeyGone

GONE_S = (
    60.0  # after the answer to the cancel; what is served takes 5 s at most, on a machine that is not busy otherwise
)


def about_the_child() -> dict:
    """A record with a name and a plate that occur nowhere else, and the drawn portrait."""
    whole = json.loads((FIXTURES / "alerts" / "demo.json").read_text())
    [child], [vehicle] = record()["children"], record()["vehicles"]
    return {
        "children": [child | {"name": f"{NAME} {FAMILY}"}],
        "vehicles": [vehicle | {"plate": PLATE}],
        "texts": None,
        "photos": whole["photos"],
    }


def feeds(server: Server, alert) -> dict[str, bytes]:
    """Every answer that could hold something of the child, to the public, to officers, to a recipient."""
    page, api, reader = f"/a/{alert['token']}", f"/v1/alerts/{alert['id']}", server.house.people[0].key
    public = [page, f"{page}?lang=es", f"{page}/state", f"{page}/card.jpg", f"{page}/poster-a4.pdf", f"{page}/removal"]
    public += [f"{page}/photo/{name}" for name in PHOTOS]
    public += [f"/v1/cap/{alert['token']}", "/v1/feeds/alerts.atom", "/v1/feeds/alerts.geojson", "/transparency", "/"]
    asked = [(path, "") for path in public]
    asked += [(path, "submitter") for path in (api, f"{api}/cap", f"{api}/delivery", f"{api}/steps", "/v1/alerts")]
    asked += [("/v1/operations/notices", "operator"), ("/metrics", "operator"), ("/v1/inbox", reader)]
    return {path: server.get(path, who).content for path, who in asked}


def leaking(server: Server, alert, needles: set[bytes]) -> list[str]:
    return [path for path, content in feeds(server, alert).items() if found_in(content, needles)]


def held_by(server: Server) -> Iterator[bytes]:
    """What its processes hold open or share in memory, deleted files too."""
    for pid in (server.process.pid, *server.children()):
        shared = (line.split()[0] for line in lines_of(pid) if line.split()[1][-1] == "s")
        for path in (*Path(f"/proc/{pid}/fd").iterdir(), *(Path(f"/proc/{pid}/map_files/{one}") for one in shared)):
            with suppress(OSError):
                yield path.read_bytes() if path.is_file() else b""


def lines_of(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/maps").read_text().splitlines()
    return []


def backup(house, into: Path) -> Path:
    """The database as docs/running.md and docs/postgresql.md say: never the keys."""
    into.mkdir()
    if house.settings.database_url:
        dump = [postgres.find_binaries() / "pg_dump", "--dbname", house.settings.database_url]
        (into / "dump.sql").write_bytes(subprocess.run(dump, capture_output=True, check=True, timeout=60).stdout)
    else:
        with (
            closing(sqlite3.connect(house.data / "lookout.db")) as here,
            closing(sqlite3.connect(into / "db")) as there,
        ):
            here.backup(there)
    return into


def sealed_in(house) -> tuple[str, list[bytes]]:
    """What the database, and so every copy of it, holds of the one incident: the name of its key, and all sealed blobs."""
    with reading(house.engine) as connection:
        [key_name] = connection.scalars(select(incident.c.key_name))
        rows = connection.execute(select(message.c.sealed, message.c.sealed_area)).all()
        photos = connection.execute(select(*(one for one in photo.c if one.name.startswith("sealed_")))).all()
    return key_name, [blob for row in (*rows, *photos) for blob in row if blob]


@pytest.fixture
def active(house, serve):
    """A server on which an alert with a photo has been delivered; the alert, and what is to be looked for."""
    house.enrol(12, CHANNELS)
    server = serve(workers=1)
    alert = server.alert(**about_the_child())
    server.until_settled(alert)
    photos = [server.get(f"/a/{alert['token']}/photo/{name}").content for name in PHOTOS]
    assert [content[:3] for content in photos] == [b"\xff\xd8\xff", b"RIF", bytes(3)] * 2
    return server, alert, needles_of(photos)


@pytest.fixture
def places(house, request, tmp_path) -> list[Path]:
    """Where anything of the house may lie: its directory with database, logs and temporary files, shared memory, and
    PostgreSQL's own directory.
    """
    own = [house.data.parent, Path("/dev/shm")]
    return [*own, request.getfixturevalue("cluster").folder] if house.settings.database_url else own


@BOTH
@pytest.mark.timeout(600)  # two servers of several processes each: it waits for a busy machine
def test_nothing_of_the_child_is_anywhere_once_the_alert_is_over(active, house, places, tmp_path, record_property):
    server, alert, needles = active
    page, api, before = f"/a/{alert['token']}", f"/v1/alerts/{alert['id']}", set(house.vault.names())
    shown = {page, f"{page}?lang=es", api, f"{api}/cap", "/v1/inbox", *(f"{page}/photo/{name}" for name in PHOTOS)}
    assert set(leaking(server, alert, needles)) >= shown | {f"{page}/poster-a4.pdf"}
    assert [files_with(needles, place) for place in places] == [[]] * len(places)  # sealed from the first moment on
    kept = backup(house, tmp_path / "backup")
    assert any(alert["token"].encode() in path.read_bytes() for path in kept.iterdir())
    key_name, blobs = sealed_in(house)
    assert found_in(b"".join(house.vault.open(key_name, blob) for blob in blobs), needles)  # it is there, sealed
    keys = {(house.data / "keys" / name).read_bytes() for name in before}

    server.cancel(alert)
    ended_at = time.monotonic()
    until(lambda: not leaking(server, alert, needles), GONE_S)
    record_property("flipped_s", time.monotonic() - ended_at)  # 5 s is for every machine that is not busy otherwise
    assert "over" in server.get(page).text
    assert {server.get(f"{page}/photo/{name}").status_code for name in PHOTOS} <= {404, 410}
    assert server.get(f"{api}/cap", "submitter").status_code in {404, 410}
    assert [item["over"] for item in server.get("/v1/inbox", house.people[0].key).json()]
    assert server.until_settled(alert, "cancel")["total"]["sent"] == 36

    [gone] = before - set(house.vault.names())
    assert gone == key_name
    left = {(house.data / "keys" / name).read_bytes() for name in before - {gone}}
    lost = needles | (keys - left)
    assert not any(found_in(content, lost) for content in held_by(server))
    assert server.stop(GONE_S) == 0
    assert "cancel" in server.said()
    assert [files_with(lost, place) for place in (*places, kept)] == [[]] * (len(places) + 1)
    assert time.monotonic() - ended_at < GONE_S
    for blob in blobs:
        with pytest.raises(KeyGone):
            house.vault.open(key_name, blob)


def test_the_search_would_find_what_it_looks_for(tmp_path):
    photo = bytes(range(256)) * 4
    for number, (before, text) in enumerate(((b"", NAME), (b"x", PLATE), (b"xy", FAMILY))):
        (tmp_path / f"base64-{number}").write_bytes(base64.b64encode(before + text.encode() + b"after"))
        (tmp_path / f"utf-16-{number}").write_bytes(before + text.encode("utf-16-le"))
    (tmp_path / "photo").write_bytes(b"\0" * 1001 + photo + b"\0")
    (tmp_path / "photo.base64").write_bytes(base64.urlsafe_b64encode(photo))
    assert len(files_with(needles_of([photo]), tmp_path)) == 8
