"""One connection to an MQTT 5 broker, kept while it works: what is retained is set and asked for.

aiomqtt waits for each PUBACK but does not tell what it says; a broker that forbids a topic says so there and nowhere
else (MQTT 5.0 section 3.4.2.1), so the answers are kept here.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiomqtt import Client, MqttError, ProtocolVersion
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from notifiers.guard import Guard
from notifiers.model import Result

PORTS = frozenset({8883})  # MQTT over TLS, IANA
FORBIDDEN = range(0x80, 0x100)
# Reason codes of CONNACK and PUBACK (MQTT 5.0 section 2.4) that speak of us, and those that ask to come again.
_OURS = frozenset({0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x9A, 0x9B})
_LATER = frozenset({0x80, 0x83, 0x88, 0x89, 0x93, 0x96, 0x97, 0x9F})
_MOST_RETAINED = 4_096  # messages of one prefix and incident that are looked at
_QUIET = logging.getLogger("notifiers.mqtt")  # paho tells topics and users
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False
_QUIET.setLevel(logging.CRITICAL)


class PutOff(Exception):
    """The broker said no. `reason`: the number of its reason code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"mqtt {code}")
        self.reason = f"mqtt {code}"
        self.result = Result.OURS if code in _OURS else Result.LATER if code in _LATER else Result.REFUSED


class Broken(Exception):
    """The connection died, or fell silent, with something under way."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Broker:
    """`tls`: the certificate is checked against `host`, so that a name that is pointed elsewhere reaches nobody."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = True


class Link:
    """`quiet_s`: how long nothing more must come until what is retained counts as known. The protocol has no word for
    the end of it; brokers send it at once.
    """

    def __init__(self, broker: Broker, guard: Guard, *, timeout_s: float = 10.0, quiet_s: float = 0.25) -> None:
        self._broker, self._guard = broker, guard
        self._timeout_s, self._quiet_s = timeout_s, quiet_s
        self._client: _Client | None = None

    async def open(self) -> None:
        """Connected, as far as is known. Raises Refused, PutOff, MqttError or OSError: nothing was said then."""
        if self._client is not None and not self._client.is_over:
            return
        await self.close()
        await self._guard.pin(self._broker.host, self._broker.port, ports=PORTS)
        client = _Client(self._broker, self._timeout_s)
        try:
            await client.__aenter__()
        except MqttConnectError as refused:
            raise PutOff(_value(refused.rc)) from None
        self._client = client

    async def retain(self, messages: Mapping[str, bytes], expires_s: int | None) -> None:
        """Retained at these topics, each confirmed; an empty one takes away what is there. Raises PutOff or Broken."""
        client = self._standing()
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's
        if expires_s is not None:
            properties.MessageExpiryInterval = expires_s
        client.refusals.clear()
        try:
            await asyncio.gather(
                *(client.publish(topic, said, 1, True, properties) for topic, said in messages.items())  # retain
            )
        except MqttError as death:
            await self._break(death)
        except BaseException:  # cancelled: an answer that comes now must not be taken for the next one's
            self._forget()
            raise
        if client.refusals:
            raise PutOff(client.refusals[0])

    async def retained(self, topics: str) -> set[str]:
        """The topics of `topics` (a filter) that have a retained message. Raises PutOff or Broken."""
        client = self._standing()
        try:
            granted = await client.subscribe(topics, qos=0)
            found = await client.gather_retained(self._quiet_s)
            await client.unsubscribe(topics)
        except MqttError as death:
            await self._break(death)
        except BaseException:
            self._forget()
            raise
        if refused := [_value(one) for one in granted if _value(one) in FORBIDDEN]:
            raise PutOff(refused[0])
        return found

    async def close(self) -> None:
        """Says goodbye, if there is still somebody."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(MqttError):
                await client.__aexit__(None, None, None)

    def _standing(self) -> _Client:
        if self._client is None:
            raise Broken("reset")
        return self._client

    def _forget(self) -> None:
        """Cut without a word: nothing may wait here."""
        client, self._client = self._client, None
        if client is not None:
            client.cut()

    async def _break(self, death: MqttError) -> None:
        over = self._client is None or self._client.is_over
        self._forget()
        raise Broken("reset" if over else "timeout") from death


class _Client(Client):
    """aiomqtt's, with what PUBACKs say."""

    def __init__(self, broker: Broker, timeout_s: float) -> None:
        super().__init__(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            protocol=ProtocolVersion.V5,
            timeout=timeout_s,
            tls_context=ssl.create_default_context() if broker.tls else None,
            max_queued_incoming_messages=_MOST_RETAINED,
            logger=_QUIET,
        )
        self._client.connect_timeout = timeout_s
        self.pending_calls_threshold = 1_000  # a library's warning: 64 cells at once are meant
        self.refusals: list[int] = []

    @property
    def is_over(self) -> bool:
        return self._disconnected.done()

    def cut(self) -> None:
        """The socket closed at once, and with it what the loop watches of it."""
        with suppress(Exception):
            self._client.disconnect()
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    async def gather_retained(self, quiet_s: float) -> set[str]:
        """Topics of the retained messages that come, until none came for `quiet_s`."""
        found: set[str] = set()
        while len(found) < _MOST_RETAINED:
            try:
                message = await asyncio.wait_for(anext(self.messages), quiet_s)
            except TimeoutError:
                break
            if message.retain and message.payload:
                found.add(str(message.topic))
        return found

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any) -> None:
        if reason_code is not None and reason_code.value in FORBIDDEN:
            self.refusals.append(reason_code.value)
        super()._on_publish(client, userdata, mid, reason_code, properties)


def _value(code: Any) -> int:
    return int(getattr(code, "value", code))
