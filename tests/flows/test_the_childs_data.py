"""What is known of the child is shown while the alert is active, and is nowhere any more when it is over."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cast import FIXTURES, record
from server import CHANNELS, Server, until

NAME, FAMILY, PLATE = "Quibblina", "Zephyrsson", "ZQX-7719"
PHOTOS = ("1.jpg", "1.webp", "1-full.jpg", "1-full.webp")
BLIND_S = 5.0  # the longest that anything may outlive the answer to the cancel


def forms(needle: bytes) -> set[bytes]:
    """A needle as it may lie in a file: as it is, in base64 whatever stands before it, in hexadecimal."""
    found = {needle, needle.hex().encode()}
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + needle)[-(-shift * 8 // 6) : (shift + len(needle)) * 8 // 6]
        found |= {text, text.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def needles_of(photos: list[bytes]) -> set[bytes]:
    """Names and plate in three encodings, and three pieces out of the middle of each photo."""
    words = [word.encode(code) for word in (NAME, FAMILY, PLATE) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    pieces = [photo[at : at + 24] for photo in photos for at in (len(photo) * k // 4 for k in (1, 2, 3))]
    return set().union(*map(forms, [*words, *pieces]))


def found_in(content: bytes, needles: set[bytes]) -> list[bytes]:
    return [needle for needle in needles if needle in content]


def files_with(needles: set[bytes], directory: Path) -> list[str]:
    """The files under a directory, whatever they are, that hold any of the needles."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return [path.name for path in files if found_in(path.read_bytes(), needles)]


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
    asked = [(page, ""), (f"{page}?lang=es", ""), (f"{page}/state", ""), (f"{page}/card.jpg", "")]
    asked += [(f"{page}/photo/{name}", "") for name in PHOTOS]
    asked += [(path, "submitter") for path in (api, f"{api}/cap", f"{api}/delivery", "/v1/alerts")]
    asked += [("/v1/operations/notices", "operator"), ("/metrics", "operator"), ("/v1/inbox", reader)]
    return {path: server.get(path, who).content for path, who in asked}


def leaking(server: Server, alert, needles: set[bytes]) -> list[str]:
    return [path for path, content in feeds(server, alert).items() if found_in(content, needles)]


@pytest.fixture
def active(house, serve):
    """A server on which an alert with a photo has been delivered; the alert, and what is to be looked for."""
    house.enrol(12, CHANNELS)
    server = serve(workers=1)
    alert = server.alert(**about_the_child())
    server.until_settled(alert)
    photos = [server.get(f"/a/{alert['token']}/photo/{name}").content for name in PHOTOS]
    assert [content[:3] for content in photos] == [b"\xff\xd8\xff", b"RIF"] * 2
    return server, alert, needles_of(photos)


def test_nothing_of_the_child_is_anywhere_once_the_alert_is_over(active, house):
    server, alert, needles = active
    page, api, before = f"/a/{alert['token']}", f"/v1/alerts/{alert['id']}", set(house.vault.names())
    shown = {page, f"{page}?lang=es", api, f"{api}/cap", "/v1/inbox", *(f"{page}/photo/{name}" for name in PHOTOS)}
    assert set(leaking(server, alert, needles)) >= shown
    assert files_with(needles, house.data.parent) == []  # sealed from the first moment on
    keys = {(house.data / "keys" / name).read_bytes() for name in before}

    server.cancel(alert)
    until(lambda: not leaking(server, alert, needles), BLIND_S)
    assert "over" in server.get(page).text
    assert {server.get(f"{page}/photo/{name}").status_code for name in PHOTOS} <= {404, 410}
    assert server.get(f"{api}/cap", "submitter").status_code in {404, 410}
    assert [item["over"] for item in server.get("/v1/inbox", house.people[0].key).json()]

    assert server.until_settled(alert, "cancel")["total"]["sent"] == 36
    [gone] = before - set(house.vault.names())
    left = {(house.data / "keys" / name).read_bytes() for name in before - {gone}}
    assert server.stop() == 0
    assert files_with(needles | (keys - left), house.data.parent) == []


def test_the_search_would_find_what_it_looks_for(tmp_path):
    photo = bytes(range(256)) * 4
    for number, (before, text) in enumerate(((b"", NAME), (b"x", PLATE), (b"xy", FAMILY))):
        (tmp_path / f"base64-{number}").write_bytes(base64.b64encode(before + text.encode() + b"after"))
        (tmp_path / f"utf-16-{number}").write_bytes(before + text.encode("utf-16-le"))
    (tmp_path / "photo").write_bytes(b"\0" * 1001 + photo + b"\0")
    (tmp_path / "photo.base64").write_bytes(base64.urlsafe_b64encode(photo))
    assert len(files_with(needles_of([photo]), tmp_path)) == 8
