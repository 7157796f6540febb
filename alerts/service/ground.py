"""Where an agency may alert: its jurisdiction, and what its neighbours have consented to. Looked up anew each time.

An approval is judged on the ground as it is then; `Ground.basis` says in its transaction whether it still is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from alerts import agencies, consents, outside
from alerts.errors import Conflict
from alerts.outside import SticksOut
from alerts.services import Services
from geo.jurisdictions import sticks_out
from geo.shapes import Shape, ShapeFault
from notifiers.transactions import reading

Basis = tuple[str, ...]


class LeavesJurisdiction(Conflict):
    """The area lies in the agency's ground no more: a consent ended, or the jurisdiction is another."""

    def __init__(self, problem: SticksOut) -> None:
        super().__init__(problem.message)
        self.problems = (problem,)


@dataclass(frozen=True, slots=True)
class Ground:
    """The shape, and what it was made of: the same basis is the same shape."""

    shape: Shape = field(repr=False)
    basis: Basis


def of(services: Services, agency_id: int) -> Ground:
    """The ground of an agency now."""
    with reading(services.engine) as connection:
        return load(connection, agency_id, services.clock())


def load(connection: Connection, agency_id: int, now: datetime) -> Ground:
    own = agencies.get_agency(connection, agency_id).jurisdiction
    given = consents.list_for(connection, agency_id, now)
    if not given:
        return Ground(own, (_digest(own),))
    theirs = {one.by_agency_id: agencies.get_agency(connection, one.by_agency_id).jurisdiction for one in given}
    parts = {one.id: part for one in given if (part := _part(one.area, theirs[one.by_agency_id])) is not None}
    return _joined((own, *parts.values()), (_digest(own), *(f"{id_}:{_digest(parts[id_])}" for id_ in parts)))


def find_fault(services: Services, agency_id: int, area: Shape, path: str = "/area") -> SticksOut | None:
    """What leaves the ground, if anything."""
    return outside.find(area, of(services, agency_id).shape, path)


def must_hold(services: Services, agency_id: int, area: Shape) -> Basis:
    """LeavesJurisdiction, or the basis on which the area lies inside."""
    ground = of(services, agency_id)
    if problem := outside.find(area, ground.shape, "/area"):
        raise LeavesJurisdiction(problem)
    return ground.basis


def must_be_same(connection: Connection, agency_id: int, basis: Basis, now: datetime) -> None:
    """In the deciding transaction: Conflict where jurisdiction or consents changed since they were looked at."""
    if load(connection, agency_id, now).basis != basis:
        raise Conflict("the jurisdiction or a neighbour's consent changed a moment ago; look at it again")


def _part(area: Shape | None, jurisdiction: Shape) -> Shape | None:
    """What a consent lets in: nothing where its area has left the jurisdiction of who gave it."""
    if area is None:
        return jurisdiction
    return area if sticks_out(area, jurisdiction) is None else None


@lru_cache(maxsize=256)
def _digest(shape: Shape) -> str:
    """Kept: a jurisdiction is the same object at every request, and Alaska's digest takes a tenth of a second."""
    return shape.digest()


_KEPT: dict[Basis, Ground] = {}
_MOST_KEPT = 64


def _joined(shapes: tuple[Shape, ...], basis: Basis) -> Ground:
    """Joined once: states have thousands of corners, and every preview asks."""
    if basis not in _KEPT:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        try:
            whole = shapes[0].union(*shapes[1:])
        except ShapeFault:  # a tangle: nobody's ground grows by what cannot be joined
            whole = shapes[0]
        _KEPT[basis] = Ground(whole, basis)
    return _KEPT[basis]
