"""Whom an area would reach now, by the very match and eligibility that the fan-out uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from alerts import area as areas
from alerts.agencies import Officer
from alerts.errors import Refused
from alerts.intake import read_area, read_parts
from alerts.model import Area, Problem, Severity
from alerts.programme import PROGRAMMES
from alerts.reports import AreaChange, ReachView
from alerts.service import ground
from alerts.services import Services
from geo import store as positions
from geo.shapes import Shape
from notifiers import addresses, eligibility, ledger, origins
from notifiers.eligibility import Audience, Reach
from notifiers.expecting import Expected, expected
from notifiers.model import OUTLETS
from notifiers.policies import policy_of
from notifiers.transactions import reading


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that waits: whose area is looked at, and whom it tells beside the newly covered."""

    incident_id: int
    version: int
    audience: Audience
    area: Shape
    tells_again: bool  # a new version; an enlargement is none
    tells_outside: bool


def count(
    services: Services, connection: Connection, area: Shape, audience: Audience, *, as_drawn: bool = False
) -> Reach:
    """Recipients inside who are to be told, now; of anything but Actual only those enrolled for tests, and nobody who
    refused alerts of its class.

    From the labels on the map where they are as new as the store, else by asking the store. `as_drawn`: whoever draws
    looks again in a moment, so the labels will do as they are, at most a second old (they are read every second).
    """
    if as_drawn or positions.newest(connection) <= services.index.seq:
        found = services.labels.reach(connection, services.index, area, audience)
        if found is not None:
            return found
    return eligibility.reach(connection, services.index.within(area), audience)


def change(services: Services, connection: Connection, asked: Asked) -> AreaChange:
    """How an update or enlargement that waits would change whom the incident has told.

    Only those told before are looked up one by one; the newly covered are what is left of the reach. An outlet is a
    recipient of its own, and counted beside the people.
    """
    below = asked.version if asked.tells_again else asked.version + 1
    ids = ledger.told(connection, asked.incident_id, below_version=below)
    chosen = eligibility.eligible_subscriptions(connection, ids, tests_only=asked.audience.tests_only)
    outlet = np.array([channel in OUTLETS for channel, _ in chosen.lanes], bool)[chosen.lane]
    within = services.index.within(asked.area)
    still, outside = _split(chosen.recipient_ids[~outlet], within)
    again, left = _split(chosen.recipient_ids[outlet], within)
    inside = count(services, connection, asked.area, asked.audience)
    outlets = sum(inside.by_channel.get(channel, 0) for channel in OUTLETS)
    newly = max(0, inside.recipients - outlets - still)
    return AreaChange(newly, still, outside, asked.tells_again, asked.tells_outside, outlets, again, left)


def _split(told: NDArray[np.uint32], within: NDArray[np.uint32]) -> tuple[int, int]:
    """How many of the told, each counted once, are within, and how many are not."""
    who = np.unique(told)
    inside = int(np.isin(who, within).sum())
    return inside, len(who) - inside


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
    services: Services,
    drawn: Mapping[str, Any],
    *,
    status: str = "Actual",
    programme: str = "",
    officer: Officer | None = None,
) -> ReachView:
    """The reach of an area as drawn (GeoJSON, or parts: same, geojson, circles), of an alert of this status under this
    programme (none: that of the officer's agency). Raises Refused with every fault.
    """
    _check_type(drawn)
    placed = areas.place(read_parts(drawn, services.gazetteer), services.gazetteer)
    if placed.shape is None:
        raise Refused(placed.faults)
    audience = audience_of(status, programme, officer)
    with reading(services.engine) as connection:
        found = count(services, connection, placed.shape, audience, as_drawn=True)
    return ReachView(found, placed.shape, (*placed.problems, *_outside(services, placed.shape, officer)))


def audience_of(status: str, programme: str, officer: Officer | None) -> Audience:
    """Whom an alert of this status under this programme (none: that of the officer's agency) is for. Where nobody's is
    known it is of no class. Refused where there is no such programme.
    """
    named = programme or (officer.agency.programme if officer and officer.agency else "")
    if named and named not in PROGRAMMES:
        said = f"no such programme; there are {', '.join(PROGRAMMES)}"
        raise Refused([Problem(Severity.ERROR, "programme", "/programme", said)])
    return Audience.of(status, PROGRAMMES[named].alert_class if named else "")


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
        raise Refused([Problem(Severity.ERROR, "area-type", "/area/type", "type must be text")])


def _outside(services: Services, area: Shape, officer: Officer | None) -> list[Problem]:
    problem = ground.find_fault(services, officer.agency.id, area) if officer and officer.agency else None
    return [problem] if problem else []
