"""Photos: three kinds by content, limits before decoding, pixels only, and no picture that breaks anything."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from desk import FIXTURES, Limits
from PIL import Image

from alerts import photo
from alerts.errors import Refused

PHOTOS = FIXTURES / "photos"
JPEG = (PHOTOS / "portrait.jpg").read_bytes()


def fault(content: bytes, **limits: int) -> str:
    with pytest.raises(Refused) as caught:
        photo.take_in(content, limits=Limits(**limits), path="/photos/3")
    (problem,) = caught.value.problems
    assert problem.path == "/photos/3"
    return problem.type


def written(image: Image.Image, kind: str, **options) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


@pytest.mark.parametrize("name", ["portrait.jpg", "portrait.png", "portrait.webp"])
def test_each_kind_comes_back_in_two_sizes_and_two_formats(name: str) -> None:
    found = photo.take_in((PHOTOS / name).read_bytes(), limits=Limits())
    assert photo.sniff(found.small_jpeg) == photo.sniff(found.full_jpeg) == "JPEG"
    assert photo.sniff(found.small_webp) == photo.sniff(found.full_webp) == "WEBP"
    assert max(len(found.small_jpeg), len(found.small_webp)) <= 14 * 1024
    assert max(Image.open(io.BytesIO(found.small_jpeg)).size) <= 480
    assert Image.open(io.BytesIO(found.full_webp)).size == (found.width, found.height)


def test_a_busy_picture_still_fits_the_first_screen() -> None:
    noise = Image.effect_noise((900, 900), 120).convert("RGB")
    found = photo.take_in(written(noise, "JPEG"), limits=Limits(max_photo_bytes=1 << 21))
    assert len(found.small_jpeg) <= 14 * 1024


def test_position_and_all_other_metadata_are_gone_and_the_photo_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter
    exif.get_ifd(0x8825)[2] = (39.0, 44.0, 21.0)
    exif[0x010E] = "SECRETPLACE"
    found = photo.take_in(written(Image.new("RGB", (400, 200), "red"), "JPEG", exif=exif), limits=Limits())
    assert (found.width, found.height) == (200, 400)
    for part in (found.small_jpeg, found.small_webp, found.full_jpeg, found.full_webp):
        assert b"SECRETPLACE" not in part
        assert not Image.open(io.BytesIO(part)).getexif()


def test_what_is_transparent_becomes_white() -> None:
    found = photo.take_in(written(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG"), limits=Limits())
    assert Image.open(io.BytesIO(found.full_jpeg)).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16"])
def test_every_kind_of_colour_is_understood(mode: str) -> None:
    image = Image.new(mode, (64, 64), 0xFFFF if mode == "I;16" else 1) if mode != "LA" else Image.new(mode, (64, 64))
    found = photo.take_in(written(image, "PNG"), limits=Limits())
    assert (found.width, found.height) == (64, 64)


@pytest.mark.parametrize("content", [b"", b"GIF89a" + b"\0" * 50, b"<svg/>", b"RIFF1234WAVE", b"%PDF-1.7"])
def test_other_kinds_are_refused_by_content(content: bytes) -> None:
    assert fault(content) == "photo.type"


def test_too_many_bytes_are_refused_unread() -> None:
    assert fault(JPEG, max_photo_bytes=len(JPEG) - 1) == "photo.large"


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    assert fault(bomb) == "photo.pixels"
    assert fault(JPEG, max_photo_pixels=960 * 1200 - 1) == "photo.pixels"


def test_a_picture_that_moves_or_is_a_speck_is_refused() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    assert fault(written(frames[0], "WEBP", save_all=True, append_images=frames[1:])) == "photo.animated"
    assert fault(written(Image.new("RGB", (31, 400)), "PNG")) == "photo.small"


@pytest.mark.parametrize(
    "content", [JPEG[:500], JPEG[:2000] + b"\0" * 3000, b"\xff\xd8\xff" + b"x" * 99, b"\x89PNG\r\n\x1a\n" * 9]
)
def test_a_damaged_photo_is_refused(content: bytes) -> None:
    assert fault(content) == "photo.unreadable"


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(9)",
        "import os; os.abort()",
        "print('{}')",
        "print('[]')",
        'print(\'{"fault": ["x"]}\')',
        'print(\'{"width": 9, "height": 9, "sizes": [1, 1, 1, 1]}\'); print(\'abc\')',
        'print(\'{"width": 9, "height": 9, "sizes": [-1, 2, "x", 0]}\'); print(\'abc\')',
    ],
)
def test_a_decoder_that_hangs_dies_or_lies_means_unreadable(monkeypatch, tmp_path, program: str) -> None:
    stand_in = tmp_path / "decoder.py"
    stand_in.write_text(program)
    monkeypatch.setattr(photo, "DECODER", stand_in)
    monkeypatch.setattr(photo, "TIME_LIMIT_S", 0.5)
    assert fault(JPEG) == "photo.unreadable"
