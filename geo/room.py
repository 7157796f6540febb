"""Memory for answers, used again once nobody holds the answer: fresh memory costs as much as copying into it once more.

A column is free when only its room refers to it: an answer is a view of it and refers to it as long as it lives.
"""

from __future__ import annotations

from collections import deque
from sys import getrefcount
from typing import NamedTuple

import numpy as np

from geo.directory import Ids

_LEAST = 1 << 14  # ids: below it memory is at hand anyway
_MOST = 1 << 24  # ids: above it memory is given back


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
            if len(room.ids) >= count and getrefcount(room.ids) <= 2:  # the room itself, and this call
                return room
            _spare.append(room)
        ids = np.empty(max(count, _LEAST), np.uint32)
        return cls(ids, ids.ctypes.data)

    def first(self, count: int) -> Ids:
        """The answer; the room is free again when nobody holds it any more."""
        answer = self.ids[:count]  # holds the column before anybody else can find it free
        if len(self.ids) <= _MOST:
            _spare.append(self)
        return answer


_spare: deque[Room] = deque(maxlen=4)
