"""Whom an area would reach now, by the very match and eligibility that the fan-out uses; and documents checked, not stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from alerts import area as areas
from alerts.agencies import Officer
from alerts.errors import Refused
from alerts.intake import Intake, read_area, read_parts
from alerts.model import Area, Problem, Severity
from alerts.reports import AreaChange, ReachView
from alerts.services import Services
from geo import store as positions
from geo.jurisdictions import sticks_out
from geo.shapes import Shape
from notifiers import addresses, eligibility, ledger, origins
from notifiers.eligibility import Reach
from notifiers.expecting import Expected, expected
from notifiers.policies import policy_of
from notifiers.transactions import reading


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that waits: whose area is looked at, and whom it tells beside the newly covered."""

    incident_id: int
    version: int
    status: str
    area: Shape
    tells_again: bool  # a new version; an enlargement is none
    tells_outside: bool


def count(services: Services, connection: Connection, area: Shape, status: str, *, as_drawn: bool = False) -> Reach:
    """Recipients inside who are to be told, now; of anything but Actual only those enrolled for tests.

    From the labels on the map where they are as new as the store, else by asking the store. `as_drawn`: whoever draws
    looks again in a moment, so the labels will do as they are, at most a second old (they are read every second).
    """
    tests_only = status != "Actual"
    if as_drawn or positions.newest(connection) <= services.index.seq:
        found = services.labels.reach(connection, services.index, area, tests_only=tests_only)
        if found is not None:
            return found
    return eligibility.reach(connection, services.index.within(area), tests_only=tests_only)


def change(services: Services, connection: Connection, asked: Asked) -> AreaChange:
    """How an update or enlargement that waits would change whom the incident has told.

    Only those told before are looked up one by one; the newly covered are what is left of the reach.
    """
    tests_only = asked.status != "Actual"
    below = asked.version if asked.tells_again else asked.version + 1
    ids = ledger.told(connection, asked.incident_id, below_version=below)
    told = np.unique(eligibility.eligible_subscriptions(connection, ids, tests_only=tests_only).recipient_ids)
    still = int(np.isin(told, services.index.within(asked.area)).sum())
    inside = count(services, connection, asked.area, asked.status).recipients
    return AreaChange(max(0, inside - still), still, len(told) - still, asked.tells_again, asked.tells_outside)


def expect(services: Services, found: Reach) -> Expected:
    """When the last of them would be told, where a quota is the ceiling: as if each channel were one provider, which
    most of them are; where they are several it is sooner.
    """
    counts = {addresses.ONE_ORIGIN.get(channel, channel): count for channel, count in found.by_channel.items()}
    with reading(services.engine) as connection:
        set_ = origins.policies(connection, counts)
    ours = {addresses.ONE_ORIGIN.get(channel, channel): policy_of(channel) for channel in found.by_channel}
    return expected(counts, ours | set_)


def preview(
    services: Services, drawn: Mapping[str, Any], *, status: str = "Actual", officer: Officer | None = None
) -> ReachView:
    """The reach of an area as drawn (GeoJSON, or parts: same, geojson, circles). Raises Refused with every fault."""
    _check_type(drawn)
    placed = areas.place(read_parts(drawn, services.gazetteer), services.gazetteer)
    if placed.shape is None:
        raise Refused(placed.faults)
    with reading(services.engine) as connection:
        found = count(services, connection, placed.shape, status, as_drawn=True)
    return ReachView(found, placed.shape, (*placed.problems, *_outside(placed.shape, officer)))


def check(services: Services, officer: Officer, intake: Intake) -> ReachView:
    """What a submission of this document would be told; nothing is stored. Faults are in the answer, not raised."""
    from alerts.service.drafting import examine

    examined = examine(services, officer, intake)
    if examined.area is None:
        return ReachView(Reach(0), None, examined.problems)
    with reading(services.engine) as connection:
        found = count(services, connection, examined.area, intake.alert.status)
    return ReachView(found, examined.area, examined.problems)


def read_blocks(services: Services, drawn: Mapping[str, Any]) -> tuple[Area, ...]:
    """An area's JSON as blocks. Raises Refused with every fault."""
    _check_type(drawn)
    return read_area(drawn, services.gazetteer)


def place(services: Services, blocks: tuple[Area, ...]) -> Shape:
    """The one shape of the blocks; Refused with every fault."""
    placed = areas.place(blocks, services.gazetteer)
    if placed.shape is None:
        raise Refused(placed.faults)
    return placed.shape


def _check_type(drawn: Mapping[str, Any]) -> None:
    if not isinstance(drawn.get("type", ""), str):
        raise Refused([Problem(Severity.ERROR, "area.type", "/area/type", "type must be text")])


def _outside(area: Shape, officer: Officer | None) -> list[Problem]:
    jurisdiction = officer.agency.jurisdiction if officer and officer.agency else None
    if jurisdiction is None or sticks_out(area, jurisdiction) is None:
        return []
    return [Problem(Severity.ERROR, "area.jurisdiction", "/area", "the area reaches beyond your agency's jurisdiction")]
