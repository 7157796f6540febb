"""A program of its own: a photo on standard input, its re-encoded sizes on standard output. Run by `alerts.photo`.

Imports nothing of ours. Arguments: the kind, the most pixels, the folder of Pillow. Answers one line of JSON, either
{"fault": word} or {"width", "height", "sizes", "look"}, then the bytes of JPEG, WebP and AVIF in the small size, of the
same in the full size, and the look: RGB pixels of a size that is enough to know the picture again by.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

MEMORY_BYTES = 1 << 30  # 40 million pixels of four bytes, twice over, and the libraries
CPU_S = 15
SMALL_PX, FULL_PX, LOOK_PX, LEAST_PX = 480, 1200, 512, 32
SMALL_BYTES, FULL_BYTES = 14 * 1024, 300 * 1024
MOST_PROFILE_BYTES = 1 << 20  # of an ICC profile
QUALITIES = {
    "JPEG": (82, 72, 60, 48, 36, 24),
    "WEBP": (82, 72, 60, 48, 36, 24),
    "AVIF": (68, 58, 48, 38, 28, 18),  # its scale is another: 68 looks like a JPEG of 82
}
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"optimize": True, "progressive": True},
    "WEBP": {"method": 4},
    "AVIF": {"speed": 8, "max_threads": 1},  # speed 6 is a tenth smaller and takes five times as long
}


def main() -> None:
    kind, max_pixels, libraries = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must leave no picture of the child behind
    sys.path.append(libraries)
    header, parts = answer(sys.stdin.buffer.read(), kind, max_pixels)
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + b"".join(parts))


def answer(content: bytes, kind: str, max_pixels: int) -> tuple[dict[str, object], list[bytes]]:
    """The header and the parts; a photo that cannot be decoded is a fault, not an error."""
    from PIL import AvifImagePlugin, Image, WebPImagePlugin  # noqa: F401 - else Pillow imports all its formats to find these

    Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is decoded
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as opened:
            if fault := refuse(opened, kind, max_pixels):
                return {"fault": fault}, []
            return encode(upright(opened))
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError, OverflowError, TypeError, KeyError):
        return {"fault": "unreadable"}, []


def refuse(opened: Image.Image, kind: str, max_pixels: int) -> str | None:
    """What the header alone says against it. A JPEG of several pictures is a phone's: the first is the photo."""
    if opened.width * opened.height > max_pixels:
        return "pixels"
    if min(opened.size) < LEAST_PX:
        return "small"
    return "animated" if kind != "JPEG" and getattr(opened, "n_frames", 1) > 1 else None


def upright(opened: Image.Image) -> Image.Image:
    """Full size, as the camera meant it to be seen, in sRGB, on white where it is transparent; pixels only."""
    from PIL import Image, ImageOps

    opened.draft("RGB", (FULL_PX, FULL_PX))  # JPEG decodes at a fraction where that is enough
    profile = opened.info.get("icc_profile")
    turned = ImageOps.exif_transpose(opened)
    if turned.mode in {"P", "1"}:
        turned = turned.convert("RGBA")
    turned.thumbnail((FULL_PX, FULL_PX))
    if turned.mode.startswith("I"):  # sixteen bits of grey
        turned = turned.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    clean = Image.new("RGB", turned.size, "white")
    clean.paste(in_srgb(turned, profile), mask=turned.convert("RGBA").getchannel("A"))
    return clean


def in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Its colours as its profile means them; as they are where there is none, or one that cannot be followed."""
    plain = image if image.mode in {"RGB", "CMYK", "L"} else image.convert("RGB")
    if not isinstance(profile, bytes) or not 0 < len(profile) <= MOST_PROFILE_BYTES:
        return plain.convert("RGB")
    from PIL import ImageCms

    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.profileToProfile(plain, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return plain.convert("RGB")
    return found or plain.convert("RGB")


def encode(full: Image.Image) -> tuple[dict[str, object], list[bytes]]:
    small, look = full.copy(), full.copy()
    small.thumbnail((SMALL_PX, SMALL_PX))
    look.thumbnail((LOOK_PX, LOOK_PX))
    parts = [fitting(small, kind, SMALL_BYTES) for kind in QUALITIES]
    parts += [fitting(full, kind, FULL_BYTES) for kind in QUALITIES]
    parts.append(look.tobytes())
    sizes = [len(part) for part in parts]
    return {"width": full.width, "height": full.height, "sizes": sizes, "look": list(look.size)}, parts


def fitting(image: Image.Image, kind: str, most: int) -> bytes:
    """A good quality within `most` bytes; a picture too busy for the last of them is made smaller until it fits.

    What is far too large skips steps: the noisiest picture must not take the time that is meant for ten.
    """
    at, qualities = 0, QUALITIES[kind]
    while True:
        found = written(image, kind, qualities[at])
        if len(found) <= most:
            return found
        over = len(found) / most
        if at == len(qualities) - 1:
            side = min(0.75, over**-0.5)
            image = image.resize((max(1, int(image.width * side)), max(1, int(image.height * side))))
        at = min(at + max(1, int(over)), len(qualities) - 1)


def written(image: Image.Image, kind: str, quality: int) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, quality=quality, **OPTIONS[kind])
    return target.getvalue()


if __name__ == "__main__":
    main()
