"""Receivers on real sockets that behave as they are told, and authorities that vouch for them."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from notifiers.guard import Guard, Mode
from notifiers.sender import HttpClient, Limits
from notifiers.senders import make_sender

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def receiver(behave, *, tls=None, early=False, bodiless=False):
    """A server that reads one request at a time and then does `behave(writer, number)`; yields (url, requests).

    `early`: it behaves when it has the head, before it reads the body. `bodiless`: requests have none.
    """
    requests = []

    async def serve(reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = 0 if bodiless else int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                if early:
                    await behave(writer, len(requests) + 1)
                requests.append((head, await reader.readexactly(length)))
                if not early:
                    await behave(writer, len(requests))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass  # the client or the test is gone
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/push/x", requests
    finally:
        server.close()


def writes(*parts, then="keep"):
    async def behave(writer, number):
        for part in parts:
            writer.write(part)
            await writer.drain()
        if then == "reset":
            reset(writer)
        elif then == "close":
            writer.close()
        elif then == "stall":
            await asyncio.sleep(30)

    return behave


def reset(writer):
    """The connection ends with RST: whatever is under way is lost."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def deaf():
    """A host that never completes the handshake: its queue is full, further SYNs are dropped. Yields the URL."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        for filler in fillers:
            filler.close()


class SlowHost:
    """Takes TCP connections at once and shakes hands when `open` is set; `read` is what then came over TLS."""

    def __init__(self, tls, connections=3):
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._serving = [threading.Thread(target=self._serve) for _ in range(connections)]
        self.url = f"https://127.0.0.1:{self._listening.getsockname()[1]}/x"
        self.open, self.waiting = threading.Event(), threading.Semaphore(0)
        self.read = b""
        for thread in self._serving:
            thread.start()

    def _serve(self):
        with suppress(OSError):  # the client or the test is gone
            connected, _ = self._listening.accept()
            connected.settimeout(5)
            self.waiting.release()
            self.open.wait()
            with self._tls.wrap_socket(connected, server_side=True) as spoken:
                while part := spoken.recv(65536):
                    self.read += part
                    if part.endswith(b"body"):
                        spoken.sendall(CREATED)

    async def connected(self):
        """Until somebody waits for the handshake."""
        await asyncio.to_thread(self.waiting.acquire, timeout=5)

    def end(self):
        """All that ever came has been read."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self.open.set()
        for thread in self._serving:
            thread.join()
        self._listening.close()


def port_of(url):
    return int(url.split(":")[2].split("/")[0])


def sender_to(url, client=HttpClient.PYREQWEST, **limits):
    guard = Guard(Mode.SANDBOX, frozenset({("127.0.0.1", port_of(url))}))
    return make_sender(guard, client, Limits(**limits))


async def post(url, client, *, timeout_s=10.0, times=1, body=b"body", **limits):
    """What the last of `times` posts with one sender comes to."""
    sender = sender_to(url, client, **limits)
    try:
        for _ in range(times):
            answer = await sender.post(url, {"TTL": "60"}, body, timeout_s)
        return answer
    finally:
        await sender.close()


def authority():
    """(certificate, key) of an authority for tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Authority of the tests")
    return _certificate(name, name, key.public_key(), key, x509.BasicConstraints(ca=True, path_length=0)), key


def vouched(directory, issuer, *hosts, protocols=("http/1.1",)):
    """A server context for these hosts that `issuer` vouches for."""
    certificate, issuer_key = issuer
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.IPAddress(ip_address(h)) if h[0].isdigit() else x509.DNSName(h) for h in hosts]
    own = _certificate(
        _name(hosts[0]), certificate.subject, key.public_key(), issuer_key, x509.SubjectAlternativeName(names)
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + own.public_bytes(Encoding.PEM)
    (directory / "server.pem").write_bytes(pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(directory / "server.pem")
    context.set_alpn_protocols(list(protocols))
    return context


def pem_of(issuer):
    return issuer[0].public_bytes(Encoding.PEM)


def _name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _certificate(subject, issuer, public, signer, extension):
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(
            issuer, subject, public, x509.random_serial_number(), now - timedelta(hours=1), now + timedelta(days=1)
        )
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(signer, hashes.SHA256())
    )
