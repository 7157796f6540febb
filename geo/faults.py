"""What is wrong with an area, in words a dispatcher understands: every fault at once, each with where it is."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_AREA_KM2 = 20_000_000.0  # more than the largest country: beyond it an area is a mistake
MAX_VERTICES = 100_000  # of all rings of one area together
MAX_PARTS = 1_000  # polygons, holes and circles of one area together
MAX_UNION_VERTICES = 400_000  # of drawn areas and places together: our own borders of all states have 207,000
MAX_UNION_PARTS = 4_000  # the same: all states have 1,429 parts
MAX_PLACES = 500  # counties and states of one area together
TOO_LARGE = f"An area may be at most {MAX_AREA_KM2 / 1e6:.0f} million square km."
TANGLED = "The lines of this area cross or touch each other too often: simplify it."


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `type` is a stable word, `path` a JSON pointer into what was given, `message` a sentence."""

    type: str
    path: str
    message: str


class ShapeFault(ValueError):
    """The area cannot be taken as it is; `faults` (one or more) says everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


@dataclass(slots=True)
class Faults:
    """Collects faults while reading goes on; at most `MOST` are kept, a broken file need not be told whole.

    `repairs`: what was not as it should be and meant only one thing, so that the area could be taken all the same.
    """

    found: list[Fault] = field(default_factory=list)
    repairs: list[Fault] = field(default_factory=list)

    MOST = 100

    def add(self, kind: str, path: str, message: str) -> None:
        if len(self.found) < self.MOST:
            self.found.append(Fault(kind, path, message))

    def repair(self, kind: str, path: str, message: str) -> None:
        """Notes something that was put right; said once for each kind, at the first place."""
        if all(one.type != kind for one in self.repairs):
            self.repairs.append(Fault(kind, path, message))

    def raise_if_any(self) -> None:
        """Raises ShapeFault with all that was found."""
        if self.found:
            raise ShapeFault(self.found)
