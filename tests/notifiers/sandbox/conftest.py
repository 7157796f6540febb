"""The sandbox in the test's own loop, a client for it, and a hand-made push."""

import json

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from notifiers.channels.vapid import Vapid
from notifiers.channels.web_push_crypto import decode, encrypt
from notifiers.sandbox.process import listening

VAPID = Vapid(ec.generate_private_key(ec.SECP256R1()), "mailto:operator@example.com")


@pytest.fixture
async def sandbox(tmp_path):
    async with listening(tmp_path) as receivers:
        yield receivers


@pytest.fixture
async def client(sandbox):
    async with httpx.AsyncClient(base_url=sandbox.push_urls[0]) as client:
        yield client


@pytest.fixture
def push(sandbox, client):
    """Posts what a right sender would, but for the headers (None: left out) and content that are told otherwise."""

    async def post(token="t1", *, plaintext=None, body=None, **headers):
        address = sandbox.keys.make_subscription(sandbox.push_urls[0], token)
        plaintext = plaintext or json.dumps({"tag": "incident", "version": 1, "kind": "alert"}).encode()
        right = {
            "TTL": "60",
            "Topic": "topic",
            "Urgency": "high",
            "Content-Encoding": "aes128gcm",
            "Authorization": VAPID.authorization(sandbox.push_urls[0]),
        }
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in (right | told).items() if value is not None}
        sealed = encrypt(plaintext, decode(address["p256dh"]), decode(address["auth"])) if body is None else body
        return await client.post(f"/push/{token}", headers=sent, content=sealed)

    return post
