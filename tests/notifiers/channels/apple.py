"""APNs as far as a provider meets it: HTTP/2 over TLS on 127.0.0.1, one stream a device, told how to answer."""

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
from senders import receivers

logging.getLogger("hpack").setLevel(logging.WARNING)  # the server's own: it tells every header that it reads


@dataclass
class Asked:
    headers: dict
    body: bytes = b""

    @property
    def device(self):
        return self.headers[":path"].removeprefix("/3/device/")

    @property
    def said(self):
        return json.loads(self.body)


@dataclass
class Apple:
    """`answer` is (status, reason, headers); `broken` is None, "reset" (the connection) or "silent"."""

    port: int = 0
    trust: bytes = b""
    answer: tuple = (200, "", {})
    broken: str | None = None
    asked: list = field(default_factory=list)
    connections: list = field(default_factory=list)

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"


class _Connection(asyncio.Protocol):
    def __init__(self, apple):
        self.apple, self.streams = apple, {}
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))

    def connection_made(self, transport):
        self.transport = transport
        self.apple.connections.append(self)
        self.h2.initiate_connection()
        self.flush()

    def data_received(self, data):
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self.streams[event.stream_id] = Asked(dict(event.headers))
            elif isinstance(event, h2.events.DataReceived):
                self.streams[event.stream_id].body += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self.respond(event.stream_id, self.streams.pop(event.stream_id))
        self.flush()

    def respond(self, stream, asked):
        status, reason, more = self.apple.answer
        if status == 200:
            self.apple.asked.append(asked)
        if self.apple.broken == "reset":
            self.transport.abort()
        if self.apple.broken:
            return
        body = json.dumps({"reason": reason}).encode() if reason else b""
        headers = [(":status", str(status)), ("apns-id", asked.headers.get("apns-id", "")), *more.items()]
        self.h2.send_headers(stream, headers, end_stream=not body)
        if body:
            self.h2.send_data(stream, body, end_stream=True)

    def flush(self):
        if not self.transport.is_closing():
            self.transport.write(self.h2.data_to_send())


@asynccontextmanager
async def listening(directory):
    issuer = receivers.authority()
    tls = receivers.vouched(directory, issuer, "127.0.0.1", protocols=("h2",))
    apple = Apple(trust=receivers.pem_of(issuer))
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(apple), "127.0.0.1", 0, ssl=tls)
    apple.port = server.sockets[0].getsockname()[1]
    try:
        yield apple
    finally:
        server.close()
        for connection in apple.connections:
            connection.transport.abort()
