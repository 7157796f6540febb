"""Decoders and a push service that we did not write read what we send: http_ece for Python, http_ece and
web-push-testing for node (installed once from the lock file beside them).
"""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import http_ece
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from notifiers.channels.vapid import Vapid
from notifiers.channels.web_push import WebPush
from notifiers.channels.web_push_crypto import MAX_PLAINTEXT, encode, encrypt, point_of
from notifiers.guard import Guard, Mode
from notifiers.model import Result
from notifiers.senders import make_sender

NODE = Path(__file__).parent / "node"
MESSAGES = [b"", b"x", b"When I grow up, I want to be a watermelon", "Añá 子".encode(), b"y" * MAX_PLAINTEXT]


def missing(reason):
    """No node here: a reason to skip for a person, a fault in CI."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def install(into):
    """The locked packages at `into`, whole or not at all: several tests may be doing this at once."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent) as making:
        for file in NODE.iterdir():
            shutil.copy(file, making)
        said = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=making, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        if said.returncode:
            missing(f"npm cannot install: {said.stderr[-300:]}")
        if not into.exists():
            shutil.copytree(making, f"{making}.whole", symlinks=True)
            try:
                Path(f"{making}.whole").rename(into)
            except OSError:  # somebody else was quicker
                shutil.rmtree(f"{making}.whole")


@pytest.fixture(scope="session")
def node():
    """A directory from which node finds the packages."""
    if lacking := [command for command in ("node", "npm") if shutil.which(command) is None]:
        missing(f"no {' and no '.join(lacking)} here")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lookout-tests"
    files = b"".join(file.read_bytes() for file in sorted(NODE.iterdir()))
    into = cache / hashlib.sha256(files).hexdigest()[:16]
    if not into.exists():
        install(into)
    return into


def reader():
    key = ec.generate_private_key(ec.SECP256R1())
    return key, point_of(key.public_key()), os.urandom(16)


@pytest.mark.parametrize("message", MESSAGES)
def test_http_ece_for_python_reads_it(message):
    key, point, auth = reader()
    assert http_ece.decrypt(encrypt(message, point, auth), private_key=key, auth_secret=auth) == message


def test_http_ece_for_node_reads_it(node):
    lines = []
    for message in MESSAGES:
        key, point, auth = reader()
        secret = key.private_numbers().private_value.to_bytes(32)
        lines.append({"key": encode(secret), "auth": encode(auth), "body": encode(encrypt(message, point, auth))})
    said = subprocess.run(
        ["node", "decrypt.js"], cwd=node, input="\n".join(map(json.dumps, lines)),
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert said.stdout.split("\n")[:-1] == [encode(message) for message in MESSAGES]


@contextmanager
def service(node):
    """The push service in a process of its own; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(["node", "service.js", str(port)], cwd=node, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline().startswith("Server running")
            yield port
        finally:
            process.kill()


async def test_a_push_service_and_its_browser_take_it(node, notice, browser):
    vapid = Vapid(ec.generate_private_key(ec.SECP256R1()), "mailto:operator@example.com")
    live = replace(notice, expires_at=datetime.now(UTC) + timedelta(hours=1))
    with service(node) as port:
        there = frozenset((host, port) for host in ("localhost", "127.0.0.1", "::1"))
        channel = WebPush(make_sender(Guard(Mode.SANDBOX, there)), vapid)
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}") as client:
            wish = {"userVisibleOnly": "true", "applicationServerKey": vapid.public_key}
            made = (await client.post("/subscribe", data=wish)).json()["data"]
            subscription = replace(browser(1), address={"endpoint": made["endpoint"], **made["keys"]})
            prepared = await channel.prepare(live, [subscription])
            assert (await channel.send(prepared, subscription)).result is Result.SENT
            got = (await client.post("/get-notifications", data={"clientHash": made["clientHash"]})).json()
            await client.post(f"/expire-subscription/{made['clientHash']}")
            assert (await channel.send(prepared, subscription)).result is Result.GONE
        await channel.close()
    assert [json.loads(message)["title"] for message in got["data"]["messages"]] == [
        "EXERCISE: Missing child: Ann Example, 9"
    ]
