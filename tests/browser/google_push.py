"""A stand-in for what stands behind Chromium's PushManager: check-in and registration over HTTP, the MCS line over TLS,
and an RFC 8030 endpoint for who sends.

The messages are those of Chromium's google_apis/gcm/protocol (mcs.proto, checkin.proto), as far as they are needed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
import struct
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from notifiers.channels.vapid import BadToken, verify

VERSION, PING, PING_ACK, LOGIN, LOGIN_ANSWER, DATA = 41, 0, 1, 2, 3, 8  # MCS: version and tags of messages


def number(value: int) -> bytes:
    """A varint (protocol buffers encoding)."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(place: int, value: int | bytes | str) -> bytes:
    """A varint or a text with its place."""
    if isinstance(value, int):
        return number(place << 3) + number(value)
    raw = value.encode() if isinstance(value, str) else value
    return number(place << 3 | 2) + number(len(raw)) + raw


def fixed(place: int, value: int) -> bytes:
    return number(place << 3 | 1) + struct.pack("<Q", value)


class GooglePush:
    """`port` (HTTP) and `line_port` (MCS) once started. `subscribed`: what was registered, by the endpoint's token."""

    def __init__(self, folder: Path) -> None:
        self.port = self.line_port = 0
        self.subscribed: dict[str, Mapping[str, str]] = {}
        self.connected = asyncio.Event()
        self._folder, self._line, self._count = folder, None, 1
        app = web.Application()
        app.router.add_post("/checkin", self._check_in)
        app.router.add_post("/register", self._register)
        app.router.add_post("/wp/{token}", self._push)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self) -> None:
        key, certificate = _certificate(self._folder)
        self._trusted = key
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        self._lines = await asyncio.start_server(self._serve_line, "127.0.0.1", 0, ssl=tls)
        self.line_port = self._lines.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._lines.close()
        await self._runner.cleanup()

    def flags(self) -> Iterator[str]:
        """What Chromium is started with."""
        here = f"http://127.0.0.1:{self.port}"
        yield f"--gcm-checkin-url={here}/checkin"
        yield f"--gcm-registration-url={here}/register"
        yield f"--gcm-mcs-endpoint=https://localhost:{self.line_port}"
        yield f"--ignore-certificate-errors-spki-list={self._trusted}"

    async def _check_in(self, _request: web.Request) -> web.Response:
        now_ms = int(time.time() * 1000)
        whole = field(1, 1) + field(3, now_ms) + fixed(7, 1234567890) + fixed(8, 987654321) + field(10, "1")
        return web.Response(body=whole, content_type="application/x-protobuf")

    async def _register(self, request: web.Request) -> web.Response:
        """A token for an app; or its end."""
        asked = {name: str(value) for name, value in (await request.post()).items()}
        if asked.get("delete") == "true":
            same = {asked.get("appid"), asked.get("X-subtype")} - {None}
            kept = {t: one for t, one in self.subscribed.items() if not same & {one.get("appid"), one.get("X-subtype")}}
            self.subscribed = kept
            return web.Response(text=f"token={asked.get('appid', '')}")
        token = uuid.uuid4().hex
        self.subscribed[token] = asked
        return web.Response(text=f"token={token}")

    async def _push(self, request: web.Request) -> web.Response:
        """201; 401 without a valid signature of ours; 410 for a subscription that ended."""
        try:
            verify(request.headers.get("Authorization", ""), f"http://127.0.0.1:{self.port}", time.time())
        except BadToken:
            return web.Response(status=401)
        found = self.subscribed.get(request.match_info["token"])
        if found is None:
            return web.Response(status=410)
        body, encoding = await request.read(), request.headers["Content-Encoding"]
        await self.connected.wait()
        await self._deliver(found, body, encoding)
        return web.Response(status=201, headers={"TTL": request.headers["TTL"], "Location": "/m/1"})

    async def _deliver(self, app: Mapping[str, str], body: bytes, encoding: str) -> None:
        self._count += 1
        said = {"subtype": app.get("X-subtype", ""), "content-encoding": encoding}
        more = b"".join(field(7, field(1, name) + field(2, value)) for name, value in said.items())
        whole = field(2, uuid.uuid4().hex) + field(3, app.get("sender", "")) + field(5, app.get("app", "")) + more
        whole += field(9, uuid.uuid4().hex) + field(10, self._count) + field(17, 3600)
        whole += field(18, int(time.time())) + field(21, body)
        self._line.write(bytes([DATA]) + number(len(whole)) + whole)
        await self._line.drain()

    async def _serve_line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(1)  # the version
            while True:
                tag = (await reader.readexactly(1))[0]
                await reader.readexactly(await _length(reader))
                if tag == LOGIN:
                    answer = field(1, uuid.uuid4().hex) + field(2, "") + field(8, int(time.time() * 1000))
                    writer.write(bytes([VERSION, LOGIN_ANSWER]) + number(len(answer)) + answer)
                    self._line = writer
                    self.connected.set()
                elif tag == PING:
                    writer.write(bytes([PING_ACK, 0]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def _length(reader: asyncio.StreamReader) -> int:
    found = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        found |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return found


def _certificate(folder: Path) -> tuple[str, Path]:
    """Of localhost, for a day: the hash of its key, which Chromium is told to trust, and the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    made = made.not_valid_after(now + timedelta(days=1))
    signed = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(
        key, hashes.SHA256()
    )
    file = folder / "localhost.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + signed.public_bytes(Encoding.PEM))
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode(), file
