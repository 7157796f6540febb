"""MQTT for signs and displays: retained messages by area cell, cleared when the search is over.

`subscription.address` is {"topic"}, a prefix P. Topics are P/<geohash>/<incident>, for all cells that the area touches
(`geo.geohash`): a sign that knows its cell listens to P/<each beginning of it>/+. A repeat or an update overwrites what
is retained; cells that an update no longer covers, and at the end all of them, get an empty retained message, which
takes theirs away (MQTT 5.0 section 3.3.1.3). What is retained is asked of the broker itself (P/+/<incident>): nothing is
kept here, and what a crashed worker left behind is found. Should nobody clear, the message expires with the alert.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiomqtt import MqttError
from sqlalchemy import Connection

from geo import geohash
from notifiers.channels.lasting import lasting
from notifiers.channels.mqtt_link import Broken, Broker, Link, PutOff
from notifiers.channels.wording import language_for
from notifiers.guard import Guard, Refused
from notifiers.model import Kind, Notice, Outcome, Result, Subscription
from notifiers.outcome import of_failure
from notifiers.still import STOPPED, still

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
    concurrency = 4  # one after the other over one connection: more would only wait

    def __init__(
        self, broker: Broker, guard: Guard, *, timeout_s: float = 10.0, clock: Callable[[], datetime] = _now
    ) -> None:
        self._link = Link(broker, guard, timeout_s=timeout_s)
        self._turn = asyncio.Lock()
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
        async with self._turn:
            return await self._bring(prepared, prefix, prepared.payloads[language_for(notice, subscription.language)])

    async def _bring(self, prepared: Prepared, prefix: str, said: bytes) -> Outcome:
        """New cells first: a sign is never dark between two versions."""
        if unsent := await self._reach():
            return unsent
        try:
            await self._set(prepared, prefix, said)
        except PutOff as refused:
            return Outcome(refused.result, refused.reason)
        except Broken as death:
            return of_failure(death.kind, sent=True)
        return Outcome(Result.SENT, "puback")

    async def _reach(self) -> Outcome | None:
        """None where the connection stands and it may still be used: it may have been waited for."""
        try:
            await self._link.open()
        except Refused:
            return of_failure("guard", sent=False, guarded=True)
        except PutOff as refused:
            return Outcome(refused.result, refused.reason)
        except (MqttError, OSError):
            return of_failure("connect", sent=False)
        return None if still.get()() else Outcome(Result.UNSENT, STOPPED)

    async def _set(self, prepared: Prepared, prefix: str, said: bytes) -> None:
        notice = prepared.notice
        topics = {f"{prefix}/{cell}/{notice.incident}" for cell in prepared.cells}
        left_s = int((notice.expires_at - self._clock()).total_seconds())
        await self._link.retain(dict.fromkeys(sorted(topics), said), max(1, left_s))
        if notice.kind is Kind.ALERT and notice.number == 1:
            return  # nothing of this incident can be there but what was just said
        stale = await self._link.retained(f"{prefix}/+/{notice.incident}") - topics
        await self._link.retain(dict.fromkeys(sorted(stale), b""), None)

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Nothing: the broker has it."""

    async def close(self) -> None:
        """Says goodbye to the broker."""
        await self._link.close()


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
