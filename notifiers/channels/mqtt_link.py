"""The way to one MQTT broker, shared by all sends of a worker: one connection, many messages under way on it.

Each message has a confirmation of its own (PUBACK), so each send knows what came of it. What is retained can only be
asked for by subscribing, and the protocol has no word for the end of that answer: it is over when nothing came for a
while. That silence is waited for once by everybody who asks at the same time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from aiomqtt import MqttError, ProtocolVersion
from aiomqtt.exceptions import MqttConnectError

from notifiers.channels.mqtt_client import FORBIDDEN, IN_FLIGHT, Broker, Connection, value
from notifiers.guard import Guard, Refused
from notifiers.model import Outcome, Result
from notifiers.outcome import of_failure
from notifiers.still import STOPPED, still

PORTS = frozenset({8883})  # MQTT over TLS, IANA
MANY = 900  # in one answer: brokers drop what a slow listener has not taken (Mosquitto from 1,000 on)
MOST_AT_ONCE = 256  # who ask together
_OLD_PROTOCOL = 0x84
# Reason codes of CONNACK and PUBACK (MQTT 5.0 section 2.4) that speak of us, and those that ask to come again.
_OURS = frozenset({0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x9A, 0x9B})
_LATER = frozenset({0x80, 0x83, 0x88, 0x89, 0x93, 0x96, 0x97, 0x9F})


class Failed(Exception):
    """It did not go well. `outcome`; `said`: whether any of it may have reached the broker."""

    def __init__(self, outcome: Outcome, *, said: bool) -> None:
        super().__init__(outcome.reason)
        self.outcome, self.said = outcome, said


@dataclass(frozen=True, slots=True)
class Seen:
    """The topics that have a retained message. `cut_short`: so much came that the broker may have dropped some of it."""

    topics: frozenset[str]
    cut_short: bool


class Link:
    """`quiet_s`: how long nothing more must come until what is retained counts as known. Brokers send it at once."""

    def __init__(self, broker: Broker, guard: Guard, *, timeout_s: float = 10.0, quiet_s: float = 0.25) -> None:
        self._broker, self._guard = broker, guard
        self._timeout_s, self._quiet_s = timeout_s, quiet_s
        self._connection: Connection | None = None
        self._opening: asyncio.Task[None] | None = None
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._asked: dict[str, asyncio.Future[Seen | Failed]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._at_once = MOST_AT_ONCE

    async def open(self) -> None:
        """Connected, as far as is known; one attempt for all who wait. Raises Failed: nothing was said then."""
        if self._connection is not None and not self._connection.is_over:
            return
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(lambda done: done.cancelled() or done.exception())  # also if nobody waits
        await asyncio.shield(self._opening)

    async def retain(self, messages: Mapping[str, bytes], expires_s: int | None) -> None:
        """Retained at these topics, each confirmed; an empty one takes away what is there. Raises Failed."""
        puts = (self._put(topic, said, expires_s) for topic, said in messages.items())
        ended = await asyncio.gather(*puts, return_exceptions=True)
        faults = [one for one in ended if one is not None]
        if not faults:
            return
        if unknown := next((one for one in faults if not isinstance(one, Failed)), None):
            raise unknown
        told = [one for one in faults if isinstance(one, Failed)]
        worst = next((one for one in told if one.said), told[0])
        raise Failed(worst.outcome, said=worst.said or len(faults) < len(ended))

    async def clear(self, topics: str, but: Collection[str] = ()) -> None:
        """Nothing is retained any more under `topics` (a filter), but for these. Raises Failed."""
        cleared: set[str] = set()
        while True:
            seen = await self._retained(topics)
            found = seen.topics.difference(but)
            if found and found <= cleared:  # confirmed, and still there
                raise Failed(Outcome(Result.LATER, "not_cleared"), said=True)
            await self.retain(dict.fromkeys(sorted(found), b""), None)
            cleared |= found
            if not (found and seen.cut_short):
                return

    async def close(self) -> None:
        """Says goodbye, if there is still somebody."""
        for task in (self._opening, self._looking):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(MqttError):
                await connection.__aexit__(None, None, None)

    async def _open(self) -> None:
        self._forget(self._connection)
        try:
            addresses = await self._guard.pin(self._broker.host, self._broker.port, ports=PORTS)
            self._connection = await self._connect(addresses)
        except Refused:
            raise Failed(of_failure("guard", sent=False, guarded=True), said=False) from None
        except MqttConnectError as refused:
            raise Failed(of_code(value(refused.rc)), said=False) from None
        except (MqttError, OSError):
            raise Failed(of_failure("connect", sent=False), said=False) from None

    async def _connect(self, addresses: tuple[str, ...]) -> Connection:
        """By MQTT 5; by 3.1.1 with a broker that knows no other."""
        connection = Connection(self._broker, addresses, self._timeout_s)
        try:
            await connection.__aenter__()
        except MqttConnectError as refused:
            if value(refused.rc) != _OLD_PROTOCOL:
                raise
            connection = Connection(self._broker, addresses, self._timeout_s, ProtocolVersion.V311)
            await connection.__aenter__()
        return connection

    async def _put(self, topic: str, said: bytes, expires_s: int | None) -> None:
        """One message, as soon as there is room for it on the connection and if it may still leave then."""
        async with self._room:
            if not still.get()():
                raise Failed(Outcome(Result.UNSENT, STOPPED), said=False)
            connection = self._connection
            if connection is None or connection.is_over:
                raise Failed(of_failure("connect", sent=False), said=False)
            try:
                code = await connection.put(topic, said, expires_s)
            except MqttError:
                raise Failed(self._broken(connection), said=True) from None
        if code in FORBIDDEN:
            raise Failed(of_code(code), said=False)

    async def _retained(self, topics: str) -> Seen:
        """What is retained under `topics` (a filter), as asked together with all who ask now."""
        if topics not in self._asked:
            self._asked[topics] = asyncio.get_running_loop().create_future()
        mine = self._asked[topics]
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        seen = await asyncio.shield(mine)
        if isinstance(seen, Failed):
            raise Failed(seen.outcome, said=seen.said)  # one for each: it gets a traceback
        return seen

    async def _look(self) -> None:
        """For everybody who asks, in rounds: who comes during one is part of the next.

        After an answer that may have been cut short half as many ask again.
        """
        await asyncio.sleep(0)  # those who start in the same moment
        while self._asked:
            asked = dict(islice(self._asked.items(), self._at_once))
            try:
                answers, found = await self._look_once(list(asked))
            except Failed as failed:
                answers, found = dict.fromkeys(asked, failed), 0
            except BaseException:  # told to stop
                for mine in self._asked.values():
                    mine.cancel()
                raise
            if found >= MANY and len(asked) > 1:
                self._at_once = len(asked) // 2
                continue
            if found < MANY // 4:
                self._at_once = min(2 * self._at_once, MOST_AT_ONCE)
            for one in asked:
                self._asked.pop(one).set_result(answers[one])

    async def _look_once(self, filters: list[str]) -> tuple[dict[str, Seen | Failed], int]:
        connection = self._connection
        if connection is None:
            raise Failed(of_failure("connect", sent=False), said=False)
        try:
            codes, found = await connection.look(filters, self._quiet_s)
        except MqttError:
            raise Failed(of_failure(self._broken(connection).reason, sent=False), said=False) from None
        by_filter: defaultdict[str, set[str]] = defaultdict(set)
        for topic in found:
            by_filter[_filter_of(topic)].add(topic)
        cut_short = len(found) >= MANY
        answers: dict[str, Seen | Failed] = {}
        for one, code in codes.items():
            forbidden = code in FORBIDDEN
            answers[one] = (
                Failed(of_code(code), said=False) if forbidden else Seen(frozenset(by_filter[one]), cut_short)
            )
        return answers, len(found)

    def _broken(self, connection: Connection) -> Outcome:
        """A connection that died, or fell silent, with something under way is not used again."""
        outcome = of_failure("reset" if connection.is_over else "timeout", sent=True)
        self._forget(connection)
        return outcome

    def _forget(self, connection: Connection | None) -> None:
        """Cut without a word: nothing may wait here."""
        if connection is not None:
            connection.cut()
        if self._connection is connection:
            self._connection = None


def of_code(code: int) -> Outcome:
    """Of a reason code by which the broker said no; the reason is its number."""
    result = Result.OURS if code in _OURS else Result.LATER if code in _LATER else Result.REFUSED
    return Outcome(result, f"mqtt {code}")


def _filter_of(topic: str) -> str:
    """prefix/cell/incident, whatever the cell: as it was asked for."""
    prefix, _, incident = topic.rsplit("/", 2)
    return f"{prefix}/+/{incident}"
