"""Which place names fit on a map without touching each other, the area's mark or the sheet's edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.pages.map.frame import SHEET

_LETTER = 6.6  # sheet units a letter at the size of the style sheet, generous
_HEIGHT = 14.0
_GAP = 5.0  # between a dot and its name

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """A name to write: the dot at (x, y), the text starting or ending beside it."""

    text: str
    x: float
    y: float
    at_left: bool = False


def choose(candidates: Iterable[tuple[str, float, float]], *, taken: Iterable[Box] = (), most: int = 9) -> list[Label]:
    """Greedily, the first candidates first: each to the right of its dot, else to the left, else not at all."""
    boxes = list(taken)
    chosen: list[Label] = []
    for text, x, y in candidates:
        if len(chosen) == most:
            break
        for at_left in (False, True):
            box = _box(text, x, y, at_left=at_left)
            if _inside(box) and not any(_touch(box, other) for other in boxes):
                boxes.append(box)
                chosen.append(Label(text, x, y, at_left))
                break
    return chosen


def box_of(text: str, x: float, y: float) -> Box:
    """The room a name to the right of its dot takes."""
    return _box(text, x, y, at_left=False)


def _box(text: str, x: float, y: float, *, at_left: bool) -> Box:
    length = _LETTER * len(text) + _GAP
    near, far = (x - length, x + _GAP) if at_left else (x - _GAP, x + length)
    return near, y - _HEIGHT / 2, far, y + _HEIGHT / 2


def _inside(box: Box) -> bool:
    return box[0] >= 4 and box[1] >= 4 and box[2] <= SHEET[0] - 4 and box[3] <= SHEET[1] - 24


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
