"""What is wrong with an area, in words a dispatcher understands: every fault at once, each with where it is."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_AREA_KM2 = 20_000_000.0  # more than the largest country: beyond it an area is a mistake
MAX_VERTICES = 100_000  # of all rings of one area together
MAX_PARTS = 1_000  # polygons, holes and circles of one area together
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
    """Collects faults while reading goes on; at most `MOST` are kept, a broken file need not be told whole."""

    found: list[Fault] = field(default_factory=list)

    MOST = 100

    def add(self, kind: str, path: str, message: str) -> None:
        if len(self.found) < self.MOST:
            self.found.append(Fault(kind, path, message))

    def raise_if_any(self) -> None:
        """Raises ShapeFault with all that was found."""
        if self.found:
            raise ShapeFault(self.found)
