"""The table on disk: written whole under another name and renamed, read by memory map, copy-on-write.

Format, version 1, in the byte order of the machine: HEADER bytes, of which the first 16 are MAGIC, then the CRC-32 of
the header's JSON and its length (uint32 each, little-endian), then the JSON: the counts of `geo.layout`, the sequence
of the store, the size of the file, and of each column its name, dtype, shape, offset, how many bytes of it are written
and their CRC-32. Columns begin at multiples of HEADER. The slack that a table may grow into is a hole in the file.

Anything that is not as written is refused: a map of people that is wrong in part is worse than none. The file is as
private as the positions in it (mode 0600).
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from geo.directory import BLOCK_SHIFT, Directory
from geo.layout import Layout
from geo.pages import Pages

MAGIC = b"LOOKOUT PEOPLE\r\n"
VERSION = 1
HEADER = 65_536
_START = struct.Struct("<16sII")
_COUNTS = ("shift", "bits", "primary", "used", "capacity", "free", "spare", "recipients", "positions")
_BY_ROW = ("ids", "lon", "lat", "radius_m", "more")
_BY_PAGE = ("fill", "box", "reach_m", "next", "home", "key")

Column = NDArray[Any]


def draft(pages: Pages, seq: int, path: Path) -> Path:
    """The table, which nobody may change meanwhile, in a file of another name. OSError, and nothing left behind."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # of mode 0600
    try:
        with os.fdopen(number, "wb") as file:
            _write(file, pages, seq)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def keep(drafted: Path, path: Path) -> None:
    """Gives a draft its name once it is on the disk. OSError, and an older file as it was, if it cannot be kept."""
    try:
        with drafted.open("rb") as file:
            os.fsync(file.fileno())
        drafted.replace(path)
    except BaseException:
        drafted.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def read(path: Path) -> tuple[Pages, int]:
    """The table and the sequence it was written at. ValueError for a file that is not whole or not ours; OSError."""
    with path.open("rb") as file:
        said = _header(file, path)
        mapped = mmap.mmap(file.fileno(), said["size"], access=mmap.ACCESS_COPY)
    columns = {}
    for name, dtype, shape, offset, written, crc in said["columns"]:
        if zlib.crc32(memoryview(mapped)[offset : offset + written]) != crc:
            raise ValueError(f"{path}: the column {name} is damaged")
        columns[name] = np.frombuffer(mapped, dtype, int(np.prod(shape)), offset).reshape(shape)
    return _table(said["counts"], columns), said["seq"]


def _write(file: BinaryIO, pages: Pages, seq: int) -> None:
    columns, end = [], HEADER
    for name, column, rows in _columns(pages):
        written = column[:rows].view(np.uint8).reshape(-1).data
        file.seek(end)
        file.write(written)
        columns.append([name, column.dtype.str, column.shape, end, len(written), zlib.crc32(written)])
        end += -(-column.nbytes // HEADER) * HEADER
    file.truncate(end)
    counts = {name: getattr(pages.layout, name) for name in _COUNTS}
    said = {"version": VERSION, "byteorder": sys.byteorder, "seq": seq, "size": end, "counts": counts}
    text = json.dumps({**said, "columns": columns}).encode()
    file.seek(0)
    file.write(_START.pack(MAGIC, zlib.crc32(text), len(text)) + text)


def _columns(pages: Pages) -> Iterator[tuple[str, Column, int]]:
    """Name, column, and how many of its rows are in use."""
    for name in _BY_ROW:
        if (column := getattr(pages, name)) is not None:
            yield name, column, pages.used << pages.layout.shift
    for name in _BY_PAGE:
        yield name, getattr(pages, name), len(getattr(pages, name))
    for number, (box, reach_m) in enumerate(pages.levels):
        yield f"level_box {number}", box, len(box)
        yield f"level_reach_m {number}", reach_m, len(reach_m)
    slots = (len(pages.directory.high) + 1) << BLOCK_SHIFT
    yield "high", pages.directory.high, len(pages.directory.high)
    yield "rows", pages.directory.rows[:slots], slots
    if pages.directory.codes is not None:
        yield "codes", pages.directory.codes[:slots], slots


def _header(file: BinaryIO, path: Path) -> dict[str, Any]:
    start = file.read(HEADER)
    if len(start) < _START.size or not start.startswith(MAGIC):
        raise ValueError(f"{path}: not a snapshot of the index")
    _, crc, length = _START.unpack_from(start)
    text = start[_START.size : _START.size + length]
    if len(text) != length or zlib.crc32(text) != crc:
        raise ValueError(f"{path}: the header is damaged")
    said: dict[str, Any] = json.loads(text)
    if (said["version"], said["byteorder"]) != (VERSION, sys.byteorder):
        raise ValueError(f"{path}: of version {said['version']}, {said['byteorder']}-endian, which is not read here")
    if (size := os.fstat(file.fileno()).st_size) != said["size"]:
        raise ValueError(f"{path}: {size} bytes instead of {said['size']}")
    return said


def _table(counts: dict[str, int], columns: dict[str, Column]) -> Pages:
    pages = Pages.__new__(Pages)
    for name in (*_BY_ROW, *_BY_PAGE):
        setattr(pages, name, columns.get(name))
    pages.levels = [
        (columns[name], columns[name.replace("box", "reach_m")]) for name in columns if name.startswith("level_box")
    ]
    pages.directory = Directory.of(columns["high"], columns["rows"], columns.get("codes"))
    pages.layout = Layout(**counts)
    pages.tell()
    return pages


def _sync_directory(directory: Path) -> None:
    """So that the new name outlives a power cut."""
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
