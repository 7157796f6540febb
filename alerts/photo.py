"""Photo intake: what kind it is by its content, then a child process that decodes, turns, strips and re-encodes it.

Decoders have holes: the process that runs one has a memory limit, a time limit and nothing of ours in it. What comes
back is made from pixels alone, so no metadata (position, device, thumbnail) can survive.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import structlog

from alerts.errors import Refused
from alerts.model import Problem, Severity

log = structlog.get_logger()

DECODER = Path(__file__).with_name("photo_decoder.py")
TIME_LIMIT_S = 20.0
SEATS = threading.BoundedSemaphore(2)  # decoders at a time: each may take a gibibyte
MOST_PX = 1200  # of a side, in the full size
REASONS = {
    "pixels": "the photo has more than {pixels} pixels",
    "unreadable": "the photo cannot be read: it is damaged or not what it says it is",
    "animated": "the photo must be a still picture",
    "small": "the photo is smaller than 32 by 32 pixels",
}


class Limits(Protocol):
    """What bounds a photo; `alerts.settings.Settings` is one."""

    @property
    def max_photo_bytes(self) -> int: ...
    @property
    def max_photo_pixels(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Pictures:
    """A photo re-encoded: the small size is for the first screen (14 KiB at most), `width` and `height` are the full
    size's in pixels, `sha256` (hex) is of the full JPEG.
    """

    small_jpeg: bytes = field(repr=False)
    small_webp: bytes = field(repr=False)
    full_jpeg: bytes = field(repr=False)
    full_webp: bytes = field(repr=False)
    width: int
    height: int
    sha256: str


def take_in(content: bytes, *, limits: Limits, path: str = "/photos/0") -> Pictures:
    """The photo in its sizes and formats. Refused says why not; `path` is the JSON pointer it names."""
    if len(content) > limits.max_photo_bytes:
        raise _refused("large", path, f"the photo has more than {limits.max_photo_bytes} bytes")
    kind = sniff(content)
    if kind is None:
        raise _refused("type", path, "the photo is neither JPEG nor PNG nor WebP")
    found = _answer(_run(content, kind, limits.max_photo_pixels))
    if isinstance(found, str):
        raise _refused(found, path, REASONS[found].format(pixels=limits.max_photo_pixels))
    return found


def sniff(content: bytes) -> str | None:
    """JPEG, PNG or WEBP by the first bytes; None for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    return "WEBP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def _run(content: bytes, kind: str, max_pixels: int) -> bytes:
    """What the decoder says; nothing where it crashed, hung or could not start."""
    command = [sys.executable, "-I", "-S", str(DECODER), kind, str(max_pixels), *_libraries()]
    try:
        with SEATS:
            done = subprocess.run(  # noqa: S603 our own file, no shell
                command, input=content, capture_output=True, timeout=TIME_LIMIT_S, check=False, env={}
            )
    except (subprocess.TimeoutExpired, OSError) as error:
        log.warning("photo_decoder_failed", error=type(error).__name__)
        return b""
    return done.stdout


def _answer(said: bytes) -> Pictures | str:
    """The pictures, or a word of REASONS. A decoder that was taken over may say anything: it is believed nothing."""
    try:
        head, _, rest = said.partition(b"\n")
        header = json.loads(head)
        if isinstance(header.get("fault"), str) and header["fault"] in REASONS:
            return str(header["fault"])
        small_jpeg, small_webp, full_jpeg, full_webp = _cut(rest, header["sizes"])
        width, height = int(header["width"]), int(header["height"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "unreadable"
    digest = hashlib.sha256(full_jpeg).hexdigest()
    found = Pictures(small_jpeg, small_webp, full_jpeg, full_webp, width, height, digest)
    return found if _is_what_it_says(found) else "unreadable"


def _is_what_it_says(found: Pictures) -> bool:
    jpegs = sniff(found.small_jpeg) == sniff(found.full_jpeg) == "JPEG"
    webps = sniff(found.small_webp) == sniff(found.full_webp) == "WEBP"
    return jpegs and webps and 0 < found.width <= MOST_PX and 0 < found.height <= MOST_PX


def _libraries() -> list[str]:
    """Where Pillow lies: the child starts without site packages, and gets this one folder."""
    import PIL

    return [str(Path(PIL.__file__).parent.parent)]


def _cut(rest: bytes, sizes: list[int]) -> list[bytes]:
    found, at = [], 0
    for size in sizes:
        found.append(rest[at : at + size])
        at += size
    if at != len(rest):
        raise ValueError("the decoder's parts do not add up")
    return found


def _refused(fault: str, path: str, message: str) -> Refused:
    return Refused([Problem(Severity.ERROR, f"photo.{fault}", path, message)])
