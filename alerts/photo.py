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
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from alerts import pdq
from alerts.errors import Refused
from alerts.model import Problem, Severity
from alerts.pdq import Pdq

log = structlog.get_logger()

DECODER = Path(__file__).with_name("photo_decoder.py")
TIME_LIMIT_S = 20.0
SEATS = threading.BoundedSemaphore(2)  # decoders at a time: each may take a gibibyte
MOST_PX = 1200  # of a side, in the full size
MOST_LOOK_PX = 512  # of a side, in the pixels that it is known again by
MOST_SAID_BYTES = 1 << 22  # six files of 300 KiB at most, and 512 x 512 pixels
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
    """A photo re-encoded: the small size is for the first screen (14 KiB at most), the full size has 300 KiB at most;
    `width` and `height` are the full size's in pixels, `sha256` (hex) is of the full JPEG, `pdq` of what it looks like.
    """

    small_jpeg: bytes = field(repr=False)
    small_webp: bytes = field(repr=False)
    small_avif: bytes = field(repr=False)
    full_jpeg: bytes = field(repr=False)
    full_webp: bytes = field(repr=False)
    full_avif: bytes = field(repr=False)
    width: int
    height: int
    sha256: str
    pdq: Pdq = field(repr=False)


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
    pipe = subprocess.PIPE
    try:
        with (
            SEATS,
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={}) as child,  # noqa: S603 our own file, no shell
        ):
            return _talk(child, content)
    except OSError as error:
        log.warning("photo_decoder_failed", error=type(error).__name__)
        return b""


def _talk(child: subprocess.Popen[bytes], content: bytes) -> bytes:
    """What it says to the content, as long as it takes neither too long nor says too much: then it is killed."""
    timer = threading.Timer(TIME_LIMIT_S, child.kill)
    timer.start()
    feeder = threading.Thread(target=_feed, args=(child, content), daemon=True)
    feeder.start()
    try:
        said = child.stdout.read(MOST_SAID_BYTES + 1) if child.stdout else b""
    finally:
        timer.cancel()
        child.kill()
        feeder.join(TIME_LIMIT_S)
    if len(said) <= MOST_SAID_BYTES:
        return said
    log.warning("photo_decoder_failed", error="TooMuch")
    return b""


def _feed(child: subprocess.Popen[bytes], content: bytes) -> None:
    with suppress(OSError, ValueError):  # it died, or has read enough
        if child.stdin:
            child.stdin.write(content)
            child.stdin.close()


def _answer(said: bytes) -> Pictures | str:
    """The pictures, or a word of REASONS. A decoder that was taken over may say anything: it is believed nothing."""
    try:
        head, _, rest = said.partition(b"\n")
        header = json.loads(head)
        if isinstance(header.get("fault"), str) and header["fault"] in REASONS:
            return str(header["fault"])
        *files, look = _cut(rest, header["sizes"])
        width, height = int(header["width"]), int(header["height"])
        seen = _pixels(look, *map(int, header["look"]))
        small_jpeg, small_webp, small_avif, full_jpeg, full_webp, full_avif = files
    except (ValueError, KeyError, TypeError, AttributeError):
        return "unreadable"
    digest = hashlib.sha256(full_jpeg).hexdigest()
    sizes = (small_jpeg, small_webp, small_avif, full_jpeg, full_webp, full_avif)
    found = Pictures(*sizes, width, height, digest, pdq.compute(seen))
    return found if _is_what_it_says(found) else "unreadable"


def _is_what_it_says(found: Pictures) -> bool:
    jpegs = sniff(found.small_jpeg) == sniff(found.full_jpeg) == "JPEG"
    webps = sniff(found.small_webp) == sniff(found.full_webp) == "WEBP"
    avifs = found.small_avif[4:12] == found.full_avif[4:12] == b"ftypavif"
    return jpegs and webps and avifs and 0 < found.width <= MOST_PX and 0 < found.height <= MOST_PX


def _pixels(look: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """The pixels as an array (height, width, 3); ValueError where there are not as many as it says."""
    if not (0 < width <= MOST_LOOK_PX and 0 < height <= MOST_LOOK_PX):
        raise ValueError("the decoder's look has no such size")
    return np.frombuffer(look, np.uint8).reshape(height, width, 3)


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
