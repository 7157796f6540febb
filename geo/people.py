"""Positions of people as parallel columns, checked where they come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.bounds import Floats, Mask
from geo.directory import Codes, Ids, Rows

LARGEST_ID = 2**32 - 1
LARGEST_LABEL = 2**16 - 1


@dataclass(frozen=True, slots=True)
class People:
    """Degrees in [-180, 180] and [-90, 90]; `radius_m` of the circles of uncertainty, None when nobody has one."""

    ids: Ids
    lon: Floats
    lat: Floats
    radius_m: Floats | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def nobody(cls) -> People:
        return cls(np.zeros(0, np.uint32), np.zeros(0), np.zeros(0))

    def take(self, rows: Rows | Mask | slice) -> People:
        radius_m = None if self.radius_m is None else self.radius_m[rows]
        return People(self.ids[rows], self.lon[rows], self.lat[rows], radius_m)

    @classmethod
    def joined(cls, sets: Sequence[People]) -> People:
        """All of at least one."""
        radius_m = None
        if any(one.radius_m is not None for one in sets):
            radius_m = np.concatenate([np.zeros(len(one)) if one.radius_m is None else one.radius_m for one in sets])
        ids, lon, lat = (np.concatenate([getattr(one, name) for one in sets]) for name in ("ids", "lon", "lat"))
        return cls(ids, lon, lat, radius_m)

    @classmethod
    def checked(cls, ids: ArrayLike, lon: ArrayLike, lat: ArrayLike, radius_m: ArrayLike | None) -> People:
        """Copies, longitudes brought into [-180, 180]. ValueError for what is no position."""
        who, x, y = checked_ids(ids), np.array(lon, np.float64), np.array(lat, np.float64)
        radii = np.zeros(1) if radius_m is None else np.array(radius_m, np.float64)
        if {x.shape, y.shape, who.shape if radius_m is None else radii.shape} != {who.shape}:
            raise ValueError("ids, lon, lat and radius_m must be columns of one length")
        if not (np.isfinite(x).all() and (np.abs(y) <= 90.0).all()):
            raise ValueError("a position needs a finite longitude and a latitude in [-90, 90]")
        if not (np.isfinite(radii) & (radii >= 0.0)).all():
            raise ValueError("a radius in metres must be finite and at least 0")
        past = np.abs(x) > 180.0
        x[past] = (x[past] + 180.0) % 360.0 - 180.0
        return cls(who, x, y, radii if radii.any() else None)


def checked_ids(ids: ArrayLike) -> Ids:
    """A copy as a column of uint32. ValueError for what would not fit (numpy alone would wrap it round)."""
    given: NDArray[np.int64] = np.asarray(ids)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise ValueError("ids must be a column of whole numbers")
    if given.size and (given.min() < 0 or given.max() > LARGEST_ID):
        raise ValueError("an id must be in [0, 2^32)")
    return given.astype(np.uint32)


def checked_labels(ids: ArrayLike, codes: ArrayLike) -> tuple[Ids, Codes]:
    """Copies. ValueError if they are not columns of one length, or a label does not fit into 16 bits."""
    who, given = checked_ids(ids), np.asarray(codes)
    if given.shape != who.shape or (given.size and given.dtype.kind not in "iu"):
        raise ValueError("ids and labels must be columns of whole numbers of one length")
    if given.size and (given.min() < 0 or given.max() > LARGEST_LABEL):
        raise ValueError("a label must be in [0, 65535]")
    return who, given.astype(np.uint16)
