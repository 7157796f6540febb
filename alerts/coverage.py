"""Where people can be told: how many by cell of a quarter of a degree, never fewer than FEW at a time.

A cell with fewer is left out, and what is told is rounded down to tens, so that nobody's coming or going can be read
from two looks.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, exists, func, select

from geo.tables import position
from notifiers.attention import FEW
from notifiers.eligibility import USABLE
from notifiers.tables import subscription

CELLS_A_DEGREE = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """South-west corner in degrees, and how many people: tens, at least FEW."""

    west: float
    south: float
    people: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The cells that may be told of, the fullest first; how many were left out."""

    cells: tuple[Cell, ...]
    hidden: int

    @property
    def people(self) -> int:
        """In the cells that are told."""
        return sum(cell.people for cell in self.cells)


def read(connection: Connection) -> Coverage:
    """Of everybody who has a place and may be told: each counts once in each cell in which they have one."""
    x = func.round((position.c.lon + 180.0) * CELLS_A_DEGREE - 0.5)
    y = func.round((position.c.lat + 90.0) * CELLS_A_DEGREE - 0.5)
    can = exists(select(subscription.c.id).where(subscription.c.recipient_id == position.c.recipient_id, *USABLE))
    count = func.count(func.distinct(position.c.recipient_id))
    rows = connection.execute(select(x, y, count).where(can).group_by(x, y)).all()
    told = [_cell(float(column), float(row), int(people)) for column, row, people in rows if people >= FEW]
    ordered = sorted(told, key=lambda cell: (-cell.people, cell.south, cell.west))
    return Coverage(tuple(ordered), len(rows) - len(told))


def _cell(column: float, row: float, people: int) -> Cell:
    west, south = column / CELLS_A_DEGREE - 180.0, row / CELLS_A_DEGREE - 90.0
    return Cell(west, south, people // FEW * FEW)
