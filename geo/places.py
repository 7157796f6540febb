"""The gazetteer: SAME and FIPS codes of US counties and states to boundaries and names, and names to codes.

SAME is PSSCCC (47 CFR 11.31): a digit for the part of the county (0: all of it), two for the state, three for the
county. FIPS is SSCCC or SS. A code without a boundary here is refused by name and never widened: a part of a county
does not become the county. Boundaries: Census Bureau 1:500,000 of 2016, at most 8 m off, but for five counties
(`geo/data/README.md`); what is missing stands in `docs/gazetteer.md`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.shapes import Shape

DATA = Path(__file__).parent / "data" / "places.npz"
GRID = 5e-5  # degrees, as in `geo.build_places`
ESCAPE = 255
_CODE = re.compile(r"[0-9]{2}|[0-9]{5}|[0-9]{6}")
_FIRST_MARINE_STATE = 57  # SAME state numbers from 57 on that are no territory are stretches of water (NWS 10-1712)
_TERRITORIES = {"60", "64", "66", "68", "69", "70", "72", "74", "78"}


class UnknownPlace(KeyError):
    """There is no boundary for this code; the text says why, in words for the person who typed it."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(code)
        self.code = code
        self.why = why

    def __str__(self) -> str:
        return f"{self.code}: {self.why}"


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """All names and the packed boundaries; a boundary is unpacked when it is asked for."""

    counties: dict[str, str]  # FIPS -> name
    states: dict[str, str]  # FIPS -> "California, CA"
    _rows: dict[str, int]
    _ring_place: NDArray[np.uint16]
    _ring_hole: NDArray[np.uint8]
    _ring_start: NDArray[np.int32]
    _ring_end: NDArray[np.int64]
    _steps: NDArray[np.int32]

    @staticmethod
    def load() -> Gazetteer:
        """The gazetteer that ships with the project; read once a process."""
        return _load()

    def get(self, code: str) -> Shape:
        """The boundary of a SAME or FIPS code; UnknownPlace says why there is none."""
        place = self._place(code)
        return _boundary(place)

    def find(self, code: str) -> Shape | None:
        """The boundary, or None."""
        try:
            return self.get(code)
        except UnknownPlace:
            return None

    def name(self, code: str) -> str:
        """Its name, as "Los Angeles County, CA" or "California"; UnknownPlace."""
        place = self._place(code)
        state, _, abbreviation = self.states[place[:2]].rpartition(", ")
        return f"{self.counties[place]}, {abbreviation}" if len(place) == 5 else state

    def search(self, text: str, limit: int = 10) -> list[tuple[str, str]]:
        """(SAME code, name) of the places whose name holds all words of `text`, those that begin with it first."""
        words = text.casefold().replace(",", " ").split()
        if not words:
            return []
        rarest = max(words, key=len)  # one test for most of the names
        held = [one for one in _all_names(self) if rarest in one[0]]
        named = [one for one in held if all(word in one[0] for word in words)]
        named.sort(key=lambda found: (not found[0].startswith(words[0]), found[1]))
        return [(f"0{code:0<5}", name) for _, name, code in named[:limit]]

    def _place(self, code: str) -> str:
        """The FIPS number of a county (5 digits) or state (2)."""
        if not _CODE.fullmatch(code):
            raise UnknownPlace(code, "a SAME code has six digits, a FIPS code two or five")
        part, fips = (code[0], code[1:]) if len(code) == 6 else ("0", code)
        if len(fips) == 5 and fips.endswith("000"):
            fips = fips[:2]
        if fips == "00":
            raise UnknownPlace(code, "the whole country is no area for an alert")
        if fips not in self.counties and fips not in self.states:
            raise UnknownPlace(code, _why_unknown(fips))
        if part != "0":
            raise UnknownPlace(
                code, f"part {part} of {self.name(fips)} has no boundary here; name the whole or draw it"
            )
        return fips

    def _shape(self, fips: str) -> Shape:
        """One place: its rings, exteriors each followed by their holes."""
        polygons: list[list[NDArray[np.float64]]] = []
        for ring in np.flatnonzero(self._ring_place == self._rows[fips]):
            if self._ring_hole[ring]:
                polygons[-1].append(self._ring(int(ring)))
            else:
                polygons.append([self._ring(int(ring))])
        return Shape(shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in polygons]))

    def _ring(self, ring: int) -> NDArray[np.float64]:
        end = int(self._ring_end[ring])
        begin = int(self._ring_end[ring - 1]) if ring else 0
        steps = self._steps[:, begin:end].T
        points = np.concatenate([self._ring_start[ring][None, :], steps]).cumsum(axis=0)
        return np.round(points * GRID, 5)


def _why_unknown(fips: str) -> str:
    state = fips[:2]
    if int(state) >= _FIRST_MARINE_STATE and state not in _TERRITORIES:
        return "a stretch of water; marine zones have no boundary here"
    return "there is no such county or state in the boundaries of 2016"


@cache
def _load() -> Gazetteer:
    with np.load(DATA) as archive:
        data: dict[str, NDArray[Any]] = dict(archive)
    codes = [code.decode() for code in data["county_code"]]
    states = [code.decode() for code in data["state_code"]]
    lengths = data["ring_length"].astype(np.int64) - 1
    return Gazetteer(
        counties=dict(zip(codes, _lines(data["county_name"]), strict=True)),
        states=dict(zip(states, _lines(data["state_name"]), strict=True)),
        _rows={code: row for row, code in enumerate([*codes, *states])},
        _ring_place=data["ring_place"],
        _ring_hole=data["ring_hole"],
        _ring_start=data["ring_start"],
        _ring_end=lengths.cumsum(),
        _steps=_unpacked(data["steps"], data["long_steps"]),
    )


def _unpacked(steps: NDArray[np.uint8], long_steps: NDArray[np.uint32]) -> NDArray[np.int32]:
    """(2, n): the steps east and north on the grid."""
    zigzag = steps.astype(np.uint32)
    zigzag[steps == ESCAPE] = long_steps
    return ((zigzag >> 1).astype(np.int32) ^ -(zigzag & 1).astype(np.int32)).reshape(2, -1)


def _lines(column: NDArray[np.uint8]) -> list[str]:
    return bytes(column).decode().split("\n")


@lru_cache(maxsize=512)
def _boundary(fips: str) -> Shape:
    return _load()._shape(fips)  # noqa: SLF001 - the cache of its own class


@cache
def _all_names(gazetteer: Gazetteer) -> list[tuple[str, str, str]]:
    """(the name as it is searched, the name, the code) of every place."""
    named = [(gazetteer.name(code), code) for code in (*gazetteer.states, *gazetteer.counties)]
    return [(name.casefold(), name, code) for name, code in named]
