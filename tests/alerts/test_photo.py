"""Photos: three kinds by content, limits before decoding, pixels only, and no picture that breaks anything."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from desk import FIXTURES, Limits
from PIL import Image, ImageCms, PngImagePlugin

from alerts import pdq, photo
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
def test_each_kind_comes_back_in_two_sizes_and_three_formats(name: str) -> None:
    found = photo.take_in((PHOTOS / name).read_bytes(), limits=Limits())
    assert photo.sniff(found.small_jpeg) == photo.sniff(found.full_jpeg) == "JPEG"
    assert photo.sniff(found.small_webp) == photo.sniff(found.full_webp) == "WEBP"
    assert Image.open(io.BytesIO(found.small_avif)).format == Image.open(io.BytesIO(found.full_avif)).format == "AVIF"
    assert max(map(len, (found.small_jpeg, found.small_webp, found.small_avif))) <= 14 * 1024
    assert max(Image.open(io.BytesIO(found.small_jpeg)).size) <= 480
    assert Image.open(io.BytesIO(found.full_webp)).size == (found.width, found.height)


def test_a_busy_picture_still_fits_the_first_screen_and_the_wire() -> None:
    noise = Image.effect_noise((900, 900), 120).convert("RGB")
    found = photo.take_in(written(noise, "JPEG"), limits=Limits(max_photo_bytes=1 << 21))
    assert max(map(len, (found.small_jpeg, found.small_webp, found.small_avif))) <= 14 * 1024
    assert max(map(len, (found.full_jpeg, found.full_webp, found.full_avif))) <= 300 * 1024


def test_position_and_all_other_metadata_are_gone_and_the_photo_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter
    exif.get_ifd(0x8825)[2] = (39.0, 44.0, 21.0)
    exif[0x010E] = "SECRETPLACE"
    found = photo.take_in(written(Image.new("RGB", (400, 200), "red"), "JPEG", exif=exif), limits=Limits())
    assert (found.width, found.height) == (200, 400)
    for part in parts_of(found):
        assert b"SECRETPLACE" not in part
        assert not Image.open(io.BytesIO(part)).getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_notes_profiles_and_comments_are_gone_from_every_kind(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010E] = "SECRETPLACE"
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", "<x>SECRETPLACE</x>")
    more = {"pnginfo": notes} if kind == "PNG" else {"xmp": b"<x>SECRETPLACE</x>"}
    content = written(Image.new("RGB", (64, 64), "red"), kind, icc_profile=profile, exif=exif, **more)
    if kind == "JPEG":  # IPTC in an APP13 segment, and a comment
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x10\x1c\x02\x05\0\x0bSECRETPLACE"
        segments = ((0xED, iptc), (0xFE, b"SECRETPLACE"))
        tail = b"".join(struct.pack(">BBH", 0xFF, mark, len(data) + 2) + data for mark, data in segments)
        content = content[:2] + tail + content[2:]
    assert b"SECRETPLACE" in content
    for part in parts_of(photo.take_in(content, limits=Limits())):
        opened = Image.open(io.BytesIO(part))
        opened.load()
        assert b"SECRETPLACE" not in part
        assert not {"icc_profile", "exif", "xmp", "comment", "photoshop"} & opened.info.keys()


def parts_of(found: photo.Pictures) -> list[bytes]:
    return [getattr(found, f"{size}_{kind}") for size in ("small", "full") for kind in ("jpeg", "webp", "avif")]


def swapped_profile() -> bytes:
    """An ICC profile (version 2, matrix and gamma 2.2) in which red is sRGB's blue, and blue its red."""
    red, green, blue = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    white = (0.9642, 1.0, 0.8249)

    def xyz(point: tuple[float, ...]) -> bytes:
        return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(part * 65536)) for part in point)

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256)) + bytes(2)
    text = b"text" + bytes(4) + b"swapped\0"
    desc = b"desc" + bytes(4) + struct.pack(">I", 8) + b"swapped\0" + bytes(79)
    tags = {b"desc": desc + bytes(-len(desc) % 4), b"cprt": text, b"wtpt": xyz(white)}
    tags |= {b"rXYZ": xyz(blue), b"gXYZ": xyz(green), b"bXYZ": xyz(red), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    at, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        table += name + struct.pack(">II", at + len(data), len(content))
        data += content
    size = at + len(data)
    head = struct.pack(">I4sI4s4s4s12s4s4s", size, b"", 0x02100000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp", b"")
    head = head.ljust(68, b"\0") + b"".join(struct.pack(">i", round(part * 65536)) for part in white)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_colours_are_what_their_profile_means(kind: str) -> None:
    image = Image.new("RGB", (64, 64), (30, 60, 200))

    def seen(**profile: bytes) -> tuple[int, ...]:
        found = photo.take_in(written(image, kind, **profile), limits=Limits())
        return Image.open(io.BytesIO(found.full_jpeg)).getpixel((9, 9))

    assert seen(icc_profile=swapped_profile()) == pytest.approx((200, 60, 30), abs=12)
    assert seen() == seen(icc_profile=b"no profile" * 20) == pytest.approx((30, 60, 200), abs=6)


def test_a_phones_jpeg_of_several_pictures_is_its_first() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    found = photo.take_in(written(frames[0], "MPO", save_all=True, append_images=frames[1:]), limits=Limits())
    red, _, blue = Image.open(io.BytesIO(found.full_jpeg)).getpixel((9, 9))
    assert (red > 200, blue < 50) == (True, True)


def test_what_it_is_known_by_is_of_what_is_seen_not_of_the_file() -> None:
    hashes = [
        photo.take_in((PHOTOS / name).read_bytes(), limits=Limits()).pdq for name in ("portrait.jpg", "portrait.png")
    ]
    assert all(one.tells for one in hashes)
    assert pdq.distance(*(one.bits for one in hashes)) <= pdq.SAME_BITS


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
        "while True: print('x' * 65536)",
        "import sys; sys.stdin.close(); print('{}')",
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
