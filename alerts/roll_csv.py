"""A roll as CSV (RFC 4180) in UTF-8 with a header line: read once to see that it is whole, and then again for its rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from alerts.roll import COLUMNS, REQUIRED, NotARoll, Row

_REASONS = {
    "unexpected end of data": "a quote is opened here and not closed before the end of the file",
    "line contains NUL": "there is a NUL byte",
    "field larger than field limit (131072)": "a field begins here that is longer than any: is a quote not closed?",
}


class CsvRoll:
    """A roll in a CSV file. `done` of `total` bytes have been read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.total = path.stat().st_size
        self.unused: tuple[str, ...] = ()  # columns that mean nothing here
        self._file: TextIO | None = None

    @property
    def done(self) -> int:
        """Text files refuse `tell` while they are iterated, their raw file does not."""
        return int(self._file.buffer.raw.tell()) if self._file else 0  # type: ignore[attr-defined]

    def rows(self) -> Iterator[Row]:
        """NotARoll before the first row, with the line, if the file is not whole: half of it would mislead."""
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            header: list[str] = []
            for _, cells in _cells(file):
                header = header or cells
            self.unused = tuple(name for name in header if name not in COLUMNS)
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            self._file = file
            yield from read(file)
            self._file = None


def read(file: TextIO) -> Iterator[Row]:
    """The rows of an open file, each with the line it begins on. NotARoll at the line that is not CSV in UTF-8."""
    lines = _cells(file)
    _, header = next(lines, (1, []))
    _check(header)
    for line, cells in lines:
        yield _row(line, header, cells)


def _cells(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    reader, line = csv.reader(file, strict=True), 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        said = _REASONS.get(str(error), str(error))
        raise NotARoll(f"line {line} is not CSV: {said}") from None
    except UnicodeDecodeError:
        raise NotARoll(f"line {line} or one soon after it is not UTF-8") from None


def _check(header: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise NotARoll(f"the first line must name the columns; missing: {', '.join(missing)}")
    twice = [name for name in COLUMNS if header.count(name) > 1]
    if twice:
        raise NotARoll(f"the first line names columns twice: {', '.join(twice)}")


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    found = dict(zip(header, cells, strict=False))
    values = {name: found.get(name, "").strip() for name in COLUMNS}
    if len(cells) == len(header):
        return Row(line, values)
    more = "more" if len(cells) > len(header) else "fewer"
    return Row(line, values, (f"the row has {more} fields than the first line",))
