"""What is looked for when nothing of the child may be left: names, plate, pieces of photos, in all the forms they may have."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

NAME, FAMILY, PLATE = "Quibblina", "Zephyrsson", "ZQX-7719"
PHOTOS = ("1.jpg", "1.webp", "1.avif", "1-full.jpg", "1-full.webp", "1-full.avif")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def forms(needle: bytes) -> set[bytes]:
    """A needle as it may lie in a file: as it is, in base64 whatever stands before it, in hexadecimal."""
    found = {needle, needle.hex().encode()}
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + needle)[-(-shift * 8 // 6) : (shift + len(needle)) * 8 // 6]
        found |= {text, text.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def needles_of(photos: Iterable[bytes]) -> set[bytes]:
    """Names and plate in three encodings, and three pieces out of the middle of each photo."""
    words = [word.encode(code) for word in (NAME, FAMILY, PLATE) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    pieces = [photo[at : at + 24] for photo in photos for at in (len(photo) * k // 4 for k in (1, 2, 3))]
    return set().union(*map(forms, [*words, *pieces]))


def found_in(content: bytes, needles: set[bytes]) -> list[bytes]:
    """The needles in it; a PDF is looked at as it is and with its streams unpacked."""
    whole = content + (b"".join(_unpacked(content)) if content.startswith(b"%PDF") else b"")
    return [needle for needle in needles if needle in whole]


def files_with(needles: set[bytes], directory: Path) -> list[str]:
    """The files under a directory, whatever they are, that hold any of the needles; what goes meanwhile is gone."""
    found = []
    for path in directory.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and found_in(path.read_bytes(), needles):
                found.append(path.name)
    return found


def _unpacked(pdf: bytes) -> Iterable[bytes]:
    for stream in _STREAM.findall(pdf):
        with suppress(zlib.error):
            yield zlib.decompress(stream)
