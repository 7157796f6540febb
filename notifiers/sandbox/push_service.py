"""The push service (RFC 8030) and the browsers behind it: refuses what a real one refuses, decrypts what it takes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from notifiers.channels.vapid import BadToken, verify
from notifiers.channels.web_push_crypto import RECORD_SIZE, Undecryptable, decrypt
from notifiers.sandbox.counts import Counts, NoticeKey
from notifiers.sandbox.faults import Fault, Faults
from notifiers.sandbox.http import Connection, Request
from notifiers.sandbox.keys import Keys

CHANNEL = "web_push"
PATH = "/push/"
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_URGENCIES = frozenset({"", "very-low", "low", "normal", "high"})
_RECHECK_S = 60.0


class PushService:
    """Answers POST /push/{token}."""

    def __init__(self, keys: Keys, counts: Counts, faults: Faults) -> None:
        self._keys, self._counts, self._faults = keys, counts, faults
        self._verified: dict[tuple[str, str], float] = {}
        self._taken = 0

    def hasty(self, request: Request) -> int | None:
        """The status that is told before the body has come, if a fault says so."""
        if not request.url.startswith(PATH):
            return None
        fault = self._faults.pick(CHANNEL, request.headers.get("host", ""), request.url[len(PATH) :], early=True)
        if fault is None:
            return None
        self._counts.answered[CHANNEL]["early"] += 1
        return fault.status

    def handle(self, request: Request, connection: Connection) -> None:
        """One push: told to fail, refused for a reason, or taken."""
        token = request.url[len(PATH) :]
        origin = request.headers.get("host", "")
        fault = self._faults.pick(CHANNEL, origin, token)
        if fault is not None:
            self._misbehave(fault, token, request, connection)
            return
        self._respond(self._receive(token, origin, request), connection)

    def _misbehave(self, fault: Fault, token: str, request: Request, connection: Connection) -> None:
        if fault.kind == "status":
            self._respond(fault.status, connection, retry_after=fault.retry_after(time.time()))
            return
        if fault.kind == "reset":
            self._counts.answered[CHANNEL]["reset"] += 1
            connection.reset()
            return
        status = self._receive(token, request.headers.get("host", ""), request)
        if fault.kind == "slow":
            connection.later(fault.seconds, lambda: self._respond(status, connection))
            return
        self._counts.answered[CHANNEL][fault.kind] += 1
        if fault.kind == "cut":
            connection.cut()
        elif fault.kind == "garbage":
            connection.garble()
        elif fault.kind == "drip":
            connection.drip(fault.seconds, status)

    def _respond(self, status: int, connection: Connection, *, retry_after: str | None = None) -> None:
        self._counts.answered[CHANNEL][str(status)] += 1
        headers = f"Retry-After: {retry_after}\r\n" if retry_after is not None else ""
        if status == 201:
            self._taken += 1
            headers = f"Location: /message/{self._taken}\r\n"
        connection.answer(status, headers)

    def _receive(self, token: str, origin: str, request: Request) -> int:
        """The status for a push, and if that is 201 its place in the counts."""
        if status := _refusal(request):
            return status
        if status := self._stranger(request.headers.get("authorization", ""), f"http://{origin}"):
            return status
        browser = self._keys.browser(token)
        try:
            key, message = read_message(decrypt(request.body, browser.key, browser.auth, p256dh=browser.point))
        except Undecryptable:  # the service cannot know; the browser drops it
            self._counts.unreadable[CHANNEL] += 1
            return 201
        self._counts.take(key, token)
        headers = {name: request.headers.get(name, "") for name in ("ttl", "topic", "urgency")}
        self._counts.recent.append({"channel": CHANNEL, "to": token, **headers, "message": message})
        return 201

    def _stranger(self, authorization: str, audience: str) -> int | None:
        """401 without a VAPID token, 403 for a bad one. A token once verified is trusted for a minute."""
        now = time.time()
        if self._verified.get((authorization, audience), 0.0) > now - _RECHECK_S:
            return None
        if not authorization:
            return 401
        try:
            verify(authorization, audience, now)
        except BadToken:
            return 403
        if len(self._verified) > 1000:
            self._verified.clear()
        self._verified[authorization, audience] = now
        return None


def _refusal(request: Request) -> int | None:
    """What a push service says to a request that is none (RFC 8030 sections 5 and 5.2 to 5.4, RFC 8291 section 4)."""
    headers = request.headers
    if request.method != "POST":
        return 405
    if len(request.body) > RECORD_SIZE:
        return 413
    if headers.get("content-encoding") != "aes128gcm" or not headers.get("ttl", "").isdigit():
        return 400
    topic = headers.get("topic")
    if (topic is not None and not _TOPIC.fullmatch(topic)) or headers.get("urgency", "") not in _URGENCIES:
        return 400
    return None


def read_message(plaintext: bytes) -> tuple[NoticeKey, Mapping[str, Any]]:
    """The payload and the notice it names; Undecryptable for what no service worker of ours could show."""
    try:
        message = json.loads(plaintext)
        key = NoticeKey(CHANNEL, str(message["tag"]), int(message["version"]), str(message["kind"]))
    except (ValueError, KeyError, TypeError):
        raise Undecryptable("no message of ours") from None
    return key, message
