"""Whom a notice is for: those inside its area who may be told, nearest first and in parts; never more than were
approved. The choice alone: nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from geo.shapes import Shape
from notifiers import eligibility, ledger, notices, ranking
from notifiers.eligibility import Eligible, distinct
from notifiers.model import OUTLETS, Notice
from notifiers.notices import NoticeStatus
from notifiers.ranking import Index, nearest_first
from notifiers.transactions import reading

Ids = NDArray[np.uint32]

MOST_OVER_REACH = 1.2  # more people than the approval was given for, by more than this, and a person must look
# People: whose subscriptions are read and planned before the next are read. A million take seconds, and the second of
# these parts is what the workers send meanwhile.
FIRST_READ = (2_000, 40_000)
CHUNK = 1_000_000  # the most at once, about 0.15 s of that lock: the set of all planned is written once a chunk


def guard(area: Shape | None, *, digest: str, approved_digest: str, matched: int, reach: int) -> str | None:
    """Why a notice must not leave, in words for the person who is asked; None if it may. Pure."""
    if area is None or area.is_empty:
        return "The notice has no area, so nobody can be chosen by it."
    if not approved_digest or digest != approved_digest:
        return "The area is not the one that was approved."
    if matched > MOST_OVER_REACH * reach:
        return f"{matched} recipients are inside the area now; the approval was given for {reach}."
    return None


def counted(engine: Engine, inside: Ids, status: NoticeStatus) -> tuple[Eligible | None, int]:
    """How many people are to be told at most. They are read before anybody is told only where more are inside than
    the guard lets pass; where not, the nearest need not wait until the last of a million has been read.
    """
    if len(inside) <= MOST_OVER_REACH * status.reach:
        return None, len(inside)
    whole = choose(engine, inside, status)
    return whole, len(distinct(whole.recipient_ids))  # of all inside, as the approval counted them


def nearest_parts(engine: Engine, index: Index, status: NoticeStatus, said: Notice, inside: Ids) -> Iterator[Eligible]:
    order = ranking.order(nearest_first(index, inside, center(said)))
    for part in chunks(order, FIRST_READ):
        yield choose(engine, inside[part], status)


def choose(engine: Engine, recipient_ids: Ids, status: NoticeStatus) -> Eligible:
    with reading(engine) as connection:
        return eligibility.eligible(connection, recipient_ids, status.audience)


def unless_repeated(connection: Connection, status: NoticeStatus, chosen: Eligible) -> Eligible:
    """Of a repeat, without those told before on a channel where it would not take the old one's place.

    Who was not told what is repeated is told on every channel: to them it is new. An enlargement of a repeat has its
    version, and spares the same people; to outlets it says something new.
    """
    repeat = notices.get_repeat(connection, status.incident_id, status.version)
    if repeat is None:
        return chosen
    # Who is in flight may yet turn out not to have been reached: better told by both versions than by none.
    of = {"from_version": repeat.says, "below_version": status.version}
    told = ledger.told(connection, status.incident_id, **of, in_flight=False)
    on = repeat.on if status.repeats_on is not None else (*repeat.on, *OUTLETS)
    replaced = np.array([channel in on for channel, _ in chosen.lanes], bool)
    return only(chosen, replaced[chosen.lane] | ~np.isin(chosen.subscription_ids, told))


def only(chosen: Eligible, part: NDArray[Any]) -> Eligible:
    return replace(
        chosen,
        subscription_ids=chosen.subscription_ids[part],
        recipient_ids=chosen.recipient_ids[part],
        lane=chosen.lane[part],
    )


def chunks(order: NDArray[np.intp], first: Sequence[int]) -> Iterator[NDArray[np.intp]]:
    start = 0
    for size in chain(first, repeat(CHUNK)):
        if start >= len(order):
            return
        yield order[start : start + size]
        start += size


def within(index: Index, area: Shape | None) -> Ids:
    return np.zeros(0, np.uint32) if area is None or area.is_empty else index.within(area)


def center(said: Notice) -> tuple[float, float]:
    """Where to begin: where the child was last seen, else the middle of the area (the guard has seen that there is one)."""
    if said.last_seen is not None or said.area is None:
        return said.last_seen or (0.0, 0.0)
    return said.area.representative_point()
