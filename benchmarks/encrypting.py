"""Web Push encryption beside OpenSSL's own ECDH and beside `pywebpush.webpush()`: one core, CPU time, in turns.

`python -m benchmarks.encrypting` shows the rows. Our part is all that a message costs before it is posted: reading the
subscription's keys, a fresh key pair, ECDH, HKDF, AES-GCM and the Authorization header.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks import report, timing
from benchmarks.receiver import receiving
from benchmarks.report import Row, at_least, figure
from notifiers.channels.vapid import Vapid
from notifiers.channels.web_push_crypto import decode, encode, encrypt, point_of

ROUNDS = 5
ROUND_S = 1.0
BROWSERS = 200
MESSAGE = b"x" * 500
ORIGIN = "https://push.example.net"
CONTACT = "mailto:operator@example.com"
_OPENSSL = re.compile(r"nistp256\)\s+\S+s\s+([\d.]+)")


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages, or operations, a CPU-second; the median of rounds that were measured in turns."""

    ours: float
    openssl: float
    pywebpush: float  # as it is called: it posts as well, to a receiver on this machine
    pywebpush_alone: float  # its HTTP answered at once
    keys: float  # key pairs made
    by_openssl: float
    by_pywebpush: float
    by_pywebpush_alone: float


def rows() -> Iterator[Row]:
    """The figures with their goals."""
    if shutil.which("openssl") is None:
        yield report.absent("encryption", "no openssl command")
        return
    found = measure()
    how = f"median of {ROUNDS} rounds in turns"
    yield figure("encryption, a core", found.ours, "messages/CPU-s", f"{len(MESSAGE)} bytes, fresh key each; {how}")
    yield figure("OpenSSL's ECDH on P-256", found.openssl, "ops/CPU-s", "openssl speed ecdhp256")
    yield figure("key generation on P-256", found.keys, "keys/CPU-s", "as `cryptography` makes them")
    yield figure("pywebpush.webpush()", found.pywebpush, "messages/CPU-s", "posts as well, to a receiver beside it")
    yield figure("pywebpush.webpush(), no HTTP", found.pywebpush_alone, "messages/CPU-s", "its HTTP answered at once")
    yield at_least("encryption by OpenSSL's ECDH", 100 * found.by_openssl, "%", 40.0, how)
    yield at_least("encryption by pywebpush.webpush()", found.by_pywebpush, "times", 5.5, f"which posts as well; {how}")
    yield figure("encryption by pywebpush.webpush(), no HTTP", found.by_pywebpush_alone, "times", how)


def measure() -> Rates:
    """All three in turns, so that whatever else the machine does falls on each alike."""
    from requests import Session  # what pywebpush posts with; kept alive, which spares it a connection a push

    with receiving() as port:
        browsers = [_browser(port) for _ in range(BROWSERS)]
        ours, theirs, alone = (
            _ours(browsers),
            _pywebpush(browsers, Session()),
            _pywebpush(browsers, _answered_at_once()),
        )
        rounds = [(_rate(ours), _openssl(), _rate(theirs), _rate(alone), _rate(_new_key)) for _ in range(ROUNDS)]
    return Rates(
        *(timing.median(column) for column in zip(*rounds, strict=True)),
        *(timing.median(one[0] / one[k] for one in rounds) for k in (1, 2, 3)),
    )


def _browser(port: int) -> dict[str, Any]:
    keys = {"p256dh": encode(point_of(_key().public_key())), "auth": encode(os.urandom(16))}
    return {"endpoint": f"http://127.0.0.1:{port}/{encode(os.urandom(12))}", "keys": keys}


def _ours(browsers: list[dict[str, Any]]) -> Callable[[int], object]:
    vapid = Vapid(_key(), CONTACT)

    def send(number: int) -> object:
        keys = browsers[number % BROWSERS]["keys"]
        return encrypt(MESSAGE, decode(keys["p256dh"]), decode(keys["auth"])), vapid.authorization(ORIGIN)

    return send


def _pywebpush(browsers: list[dict[str, Any]], session: Any) -> Callable[[int], object]:
    from pywebpush import webpush

    private = encode(_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))

    def send(number: int) -> object:
        claims: dict[str, Any] = {"sub": CONTACT}
        return webpush(browsers[number % BROWSERS], MESSAGE, private, claims, requests_session=session)

    return send


def _answered_at_once() -> Any:
    answer = SimpleNamespace(status_code=201, reason="Created", headers={}, text="")
    return SimpleNamespace(post=lambda *_, **__: answer)


def _rate(call: Callable[[int], object]) -> float:
    """Calls a CPU-second."""
    count, begin = 0, time.process_time()
    while (taken := time.process_time() - begin) < ROUND_S:
        for _ in range(20):
            call(count)
            count += 1
    return count / taken


def _openssl() -> float:
    """Operations a CPU-second: `openssl speed` counts user time by itself."""
    said = subprocess.run(
        ["openssl", "speed", "-seconds", str(max(1, round(ROUND_S))), "ecdhp256"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = _OPENSSL.search(said.stdout)
    if found is None:
        raise ValueError("openssl speed says nothing of nistp256")
    return float(found[1])


def _new_key(_number: int) -> object:
    return _key()


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def main() -> None:
    print(f"core {timing.pin()}")
    for row in rows():
        report.show(row)


if __name__ == "__main__":
    main()
