"""A program of its own: a photo on standard input, its re-encoded sizes on standard output. Run by `alerts.photo`.

Imports nothing of ours. Arguments: the kind, the most pixels, the folder of Pillow. Answers one line of JSON, either
{"fault": word} or {"width", "height", "sizes"}, then the bytes of small JPEG, small WebP, full JPEG, full WebP.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MEMORY_BYTES = 1 << 30  # 40 million pixels of four bytes, twice over, and the libraries
CPU_S = 15
SMALL_PX, FULL_PX, LEAST_PX = 480, 1200, 32
SMALL_BYTES = 14 * 1024
FULL_QUALITY = 82
QUALITIES = (82, 72, 60, 48, 36, 24)


def main() -> None:
    kind, max_pixels, libraries = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.path.append(libraries)
    header, parts = answer(sys.stdin.buffer.read(), kind, max_pixels)
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + b"".join(parts))


def answer(content: bytes, kind: str, max_pixels: int) -> tuple[dict[str, object], list[bytes]]:
    """The header and the parts; a photo that cannot be decoded is a fault, not an error."""
    from PIL import Image, WebPImagePlugin  # noqa: F401 - else Pillow imports all its formats to find this one

    Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is decoded
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as opened:
            if fault := refuse(opened, max_pixels):
                return {"fault": fault}, []
            return encode(upright(opened))
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError, OverflowError, TypeError, KeyError):
        return {"fault": "unreadable"}, []


def refuse(opened: Image.Image, max_pixels: int) -> str | None:
    """What the header alone says against it."""
    if opened.width * opened.height > max_pixels:
        return "pixels"
    if min(opened.size) < LEAST_PX:
        return "small"
    return "animated" if getattr(opened, "n_frames", 1) > 1 else None


def upright(opened: Image.Image) -> Image.Image:
    """Full size, as the camera meant it to be seen, on white where it is transparent; pixels only."""
    from PIL import Image, ImageOps

    opened.draft("RGB", (FULL_PX, FULL_PX))  # JPEG decodes at a fraction where that is enough
    turned = ImageOps.exif_transpose(opened)
    turned.thumbnail((FULL_PX, FULL_PX))
    if turned.mode.startswith("I"):  # sixteen bits of grey
        turned = turned.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    layer = turned.convert("RGBA")
    clean = Image.new("RGB", layer.size, "white")
    clean.paste(layer, mask=layer.getchannel("A"))
    return clean


def encode(full: Image.Image) -> tuple[dict[str, object], list[bytes]]:
    small = full.copy()
    small.thumbnail((SMALL_PX, SMALL_PX))
    parts = [
        fitting(small, "JPEG"),
        fitting(small, "WEBP"),
        written(full, "JPEG", FULL_QUALITY),
        written(full, "WEBP", FULL_QUALITY),
    ]
    return {"width": full.width, "height": full.height, "sizes": [len(part) for part in parts]}, parts


def fitting(image: Image.Image, kind: str) -> bytes:
    """The best quality within SMALL_BYTES; a picture too busy for the last of them is made smaller until it fits."""
    while True:
        for quality in QUALITIES:
            found = written(image, kind, quality)
            if len(found) <= SMALL_BYTES:
                return found
        image = image.resize((image.width * 3 // 4, image.height * 3 // 4))


def written(image: Image.Image, kind: str, quality: int) -> bytes:
    target = io.BytesIO()
    options = {"optimize": True, "progressive": True} if kind == "JPEG" else {"method": 4}
    image.save(target, kind, quality=quality, **options)
    return target.getvalue()


if __name__ == "__main__":
    main()
