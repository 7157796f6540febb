"""The app can be installed: a manifest whose icons are there, in the sizes that it says."""

from __future__ import annotations

import io
import json
import re

import pytest
from PIL import Image


@pytest.fixture
def reader(browser):
    return browser()


def test_every_icon_of_the_manifest_is_there_in_its_size(reader):
    path = re.search(r'rel="manifest" href="([^"]+)"', reader.get("/subscribe").text)[1]
    manifest = json.loads(reader.get(path).text)
    drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert [icon["sizes"] for icon in drawn] == ["192x192", "512x512", "512x512"]
    for icon in drawn:
        answer = reader.get(icon["src"])
        assert answer.headers["content-type"] == "image/png"
        assert "x".join(map(str, Image.open(io.BytesIO(answer.content)).size)) == icon["sizes"]


def test_a_maskable_icon_fills_its_square_and_so_does_apples(reader):
    for name in ("icon-maskable.png", "icon-apple.png"):
        drawn = Image.open(io.BytesIO(reader.get(f"/static/{name}").content)).convert("RGBA")
        assert drawn.getpixel((0, 0)) == (0xA8, 0x0F, 0x1E, 255)
