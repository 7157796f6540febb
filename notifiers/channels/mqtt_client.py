"""One MQTT connection as the library has it, with what it keeps to itself.

aiomqtt waits for each PUBACK but does not tell what it says; a broker that forbids a topic says so there and nowhere
else (MQTT 5.0 section 3.4.2.1). It resolves the broker's name by itself; here the connection goes to the addresses that
the guard judged, and TLS still asks for the name. Retained messages are noted as they come, without a queue.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiomqtt import Client, MqttError, ProtocolVersion
from paho.mqtt.client import MQTT_ERR_SUCCESS, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

IN_FLIGHT = (
    20  # publishes without their PUBACK: paho's own limit, and what Mosquitto takes at once unless told otherwise
)
FORBIDDEN = range(0x80, 0x100)
_FILTERS = 64  # in one SUBSCRIBE
_QUIET = logging.getLogger("notifiers.mqtt")  # paho tells topics and users
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False
_QUIET.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Broker:
    """`tls`: the certificate is checked against `host`, so that a name that is pointed elsewhere reaches nobody."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = True


class Connection(Client):
    """aiomqtt's, to one of the judged `addresses`; `expires` tells whether messages can be given an end (MQTT 5)."""

    def __init__(
        self, broker: Broker, addresses: Sequence[str], timeout_s: float, protocol: ProtocolVersion = ProtocolVersion.V5
    ) -> None:
        super().__init__(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            protocol=protocol,
            timeout=timeout_s,
            tls_context=ssl.create_default_context() if broker.tls else None,
            max_inflight_messages=IN_FLIGHT,
            logger=_QUIET,
        )
        self.expires = protocol is ProtocolVersion.V5
        self._addresses, self._wait_s = addresses, timeout_s
        self._client.connect_timeout = timeout_s
        self._client._create_socket_connection = self._dial  # type: ignore[method-assign]  # noqa: SLF001  # paho has no other way in
        self._answers: dict[int, asyncio.Future[int]] = {}
        self._found: set[str] = set()
        self._heard_s = 0.0

    @property
    def is_over(self) -> bool:
        if not self._disconnected.done():
            return False
        self._disconnected.exception()  # it is known now
        return True

    async def put(self, topic: str, said: bytes, expires_s: int | None) -> int:
        """Retained at this topic; the PUBACK's reason code (always 0 before MQTT 5). MqttError where none came."""
        info = self._client.publish(topic, said, 1, True, self._until(expires_s))  # QoS 1, retain
        if info.rc != MQTT_ERR_SUCCESS:
            raise MqttError("not written")
        answer = self._answers[info.mid] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait({answer, self._disconnected}, timeout=self._wait_s, return_when="FIRST_COMPLETED")
            if not answer.done():
                raise MqttError("no answer")
            return int(answer.result())
        finally:
            del self._answers[info.mid]

    async def look(self, filters: Sequence[str], quiet_s: float) -> tuple[dict[str, int], set[str]]:
        """What each filter's subscription was answered, and the topics of all retained messages that then came.

        All filters wait together until nothing came for `quiet_s`. MqttError where the broker did not answer.
        """
        self._found = set()
        granted: list[Any] = []
        parts = [filters[start : start + _FILTERS] for start in range(0, len(filters), _FILTERS)]
        for part in parts:
            granted += await self.subscribe([(one, 0) for one in part])
        await self._silence(quiet_s)
        for part in parts:
            await self.unsubscribe(list(part))
        return dict(zip(filters, map(value, granted), strict=True)), self._found

    def cut(self) -> None:
        """The socket closed at once, and with it what the loop watches of it."""
        with suppress(Exception):
            self._client.disconnect()
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    async def _silence(self, quiet_s: float) -> None:
        self._heard_s = time.monotonic()
        while (rest_s := self._heard_s + quiet_s - time.monotonic()) > 0:
            await asyncio.wait({self._disconnected}, timeout=rest_s)
            if self.is_over:
                raise MqttError("disconnected")

    def _dial(self) -> socket.socket:
        """On the library's thread: the first judged address that takes a connection."""
        last = OSError("no address")
        for address in self._addresses:
            try:
                return socket.create_connection((address, self._port), timeout=self._wait_s)
            except OSError as failed:
                last = failed
        raise last

    def _until(self, expires_s: int | None) -> Properties | None:
        if expires_s is None or not self.expires:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's
        properties.MessageExpiryInterval = expires_s
        return properties

    def _on_message(self, client: Any, userdata: Any, message: MQTTMessage) -> None:
        if message.retain and message.payload:
            self._heard_s = time.monotonic()
            self._found.add(message.topic)

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: Any, properties: Any) -> None:
        answer = self._answers.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(value(reason_code))


def value(code: Any) -> int:
    """The number of a reason code, whichever of its ways the library says it in."""
    return int(getattr(code, "value", code) or 0)
