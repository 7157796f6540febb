"""MQTT for signs and displays: retained messages by area cell, cleared when the search is over.

`subscription.address` is {"topic"}, a prefix P. Topics are P/<geohash>/<incident>, for all cells that the area touches
(`geo.geohash`): a sign that knows its cell listens to P/<each beginning of it>/+. A repeat or an update overwrites what
is retained; cells that an update no longer covers, and at the end all of them, get an empty retained message, which
takes theirs away (MQTT 5.0 section 3.3.1.3). What is retained is asked of the broker itself (P/+/<incident>): nothing is
kept here, and what a crashed worker left behind is found. Should nobody clear, the message expires with the alert
(not at a broker that knows only MQTT 3.1.1). All sends of a window go over one connection at the same time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from geo import geohash
from notifiers.channels.lasting import lasting
from notifiers.channels.mqtt_client import Broker
from notifiers.channels.mqtt_link import Failed, Link
from notifiers.channels.wording import language_for
from notifiers.guard import Guard
from notifiers.model import Kind, Notice, Outcome, Result, Subscription

MOST_CELLS = 64  # a notice and sign; a larger area has larger cells
LONGEST_PREFIX = 200


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the sends of a window share: the cells of the area, and what is said there by language."""

    notice: Notice
    cells: tuple[str, ...]
    payloads: Mapping[str, bytes]


class Mqtt:
    """The channel "mqtt"."""

    name = "mqtt"
    collapses = True  # the same topics, overwritten with the same
    concurrency = 256  # a window over one connection: they ask it what is retained together, and wait once

    def __init__(
        self, broker: Broker, guard: Guard, *, timeout_s: float = 10.0, clock: Callable[[], datetime] = _now
    ) -> None:
        self._link = Link(broker, guard, timeout_s=timeout_s)
        self._clock = clock

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> Prepared:
        """The cells of the area (no I/O, but milliseconds of geometry: not in the loop), and a payload a language."""
        area = None if notice.kind is Kind.CANCEL else notice.area
        cells = () if area is None else tuple(await asyncio.to_thread(geohash.cover, area, MOST_CELLS))
        languages = {language_for(notice, s.language) for s in subscriptions}
        return Prepared(notice, cells, {tag: payload(notice, tag) for tag in languages})

    async def send(self, prepared: Prepared, subscription: Subscription) -> Outcome:
        """Everything under one prefix brought to what it should be; SENT when the broker has confirmed every part."""
        prefix, notice = subscription.address.get("topic", ""), prepared.notice
        if not is_prefix(prefix):
            return Outcome(Result.REFUSED, "bad_address")
        if notice.kind is not Kind.CANCEL and not prepared.cells:
            return Outcome(Result.REFUSED, "no_area")
        try:
            await self._bring(prepared, prefix, prepared.payloads[language_for(notice, subscription.language)])
        except Failed as failed:
            return _of(failed)
        return Outcome(Result.SENT, "puback")

    async def _bring(self, prepared: Prepared, prefix: str, said: bytes) -> None:
        """New cells first: a sign is never dark between two versions. Raises Failed."""
        await self._link.open()
        notice = prepared.notice
        topics = [f"{prefix}/{cell}/{notice.incident}" for cell in prepared.cells]
        left_s = int((notice.expires_at - self._clock()).total_seconds())
        await self._link.retain(dict.fromkeys(topics, said), max(1, left_s))
        if notice.kind is Kind.ALERT and notice.number == 1:
            return  # nothing of this incident can be there but what was just said
        try:
            await self._link.clear(f"{prefix}/+/{notice.incident}", but=topics)
        except Failed as failed:
            raise Failed(failed.outcome, said=failed.said or bool(topics)) from None

    async def clear(self, address: Mapping[str, str], incidents: Sequence[str]) -> Outcome:
        """What these incidents left at a sign that is no more one of ours is taken away."""
        try:
            await self._link.open()
            for incident in incidents:
                await self._link.clear(f"{address['topic']}/+/{incident}")
        except Failed as failed:
            return _of(failed)
        return Outcome(Result.SENT, "cleared")

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Nothing: the broker has it."""

    async def close(self) -> None:
        """Says goodbye to the broker."""
        await self._link.close()


def _of(failed: Failed) -> Outcome:
    """What was said in part and then stopped is not known to stand."""
    if failed.said and failed.outcome.result is Result.UNSENT:
        return Outcome(Result.IN_DOUBT, failed.outcome.reason)
    return failed.outcome


def is_prefix(topic: str) -> bool:
    """Whether topics may begin with this: no wildcards, not the broker's own ($), no empty level at either end."""
    return (
        0 < len(topic) <= LONGEST_PREFIX
        and topic.isprintable()
        and not set(topic) & set("+#")
        and not topic.startswith(("/", "$"))
        and not topic.endswith("/")
    )


def payload(notice: Notice, language: str) -> bytes:
    """JSON for a display: what may be said where nobody is asked (`lasting`), and until when it counts."""
    said = lasting(notice, language)
    members = {
        "heading": said.heading,
        "area": said.area,
        "plate": notice.plate,
        "link": said.link,
        "language": said.language,
        "kind": notice.kind.value,
        "status": notice.status,
        "version": notice.version,
        "expires": notice.expires_at.isoformat(timespec="seconds"),
    }
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
