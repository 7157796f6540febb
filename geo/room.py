"""Memory for answers, used again once nobody holds the answer: fresh memory costs as much as writing to it twice."""

from __future__ import annotations

from collections import deque
from sys import getrefcount
from typing import NamedTuple

import numpy as np

from geo.directory import Ids

_LEAST = 1 << 14  # ids: below it memory is at hand anyway
_MOST = 1 << 24  # ids: above it memory is given back
_HELD = 3  # by the deque, by the NamedTuple's field and by the call that counts


class Room(NamedTuple):
    """A column of ids whose content is nobody's, and where it lies."""

    ids: Ids
    address: int

    @classmethod
    def of(cls, count: int) -> Room:
        """For so many ids at least."""
        for _ in range(len(_spare)):
            try:
                room = _spare.popleft()
            except IndexError:  # another thread was first
                break
            if len(room.ids) >= count and getrefcount(room.ids) <= 2:
                return room
            _spare.append(room)
        ids = np.empty(max(count, _LEAST), np.uint32)
        return cls(ids, ids.ctypes.data)

    def first(self, count: int) -> Ids:
        """The answer; the room is free again when nobody holds it any more."""
        if len(self.ids) <= _MOST:
            _spare.append(self)
        return self.ids[:count]


_spare: deque[Room] = deque(maxlen=4)
