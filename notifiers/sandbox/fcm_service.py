"""Google as far as a sender meets it: access tokens for any account's assertion, and FCM HTTP v1 with its errors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from notifiers.sandbox.counts import Counts, NoticeKey
from notifiers.sandbox.faults import Fault, Faults
from notifiers.sandbox.http import Connection, Request
from notifiers.sandbox.receiver import JSON, Receiver, Reply, retry_after

CHANNEL = "fcm"
PATH = "/fcm/"
TOKEN_PATH = "/fcm/token"  # noqa: S105 -- where tokens are asked for
BEARER = "sandbox-access-token"
MAX_MESSAGE = 4096 + 1024  # the payload, and room for a device's token
_SEND = re.compile(r"/fcm/v1/projects/[\w-]+/messages:send")
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ERRORS: Mapping[int, tuple[str, str]] = {  # canonical status and FcmError by HTTP status
    400: ("INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    401: ("UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
    403: ("PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
    404: ("NOT_FOUND", "UNREGISTERED"),
    429: ("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    500: ("INTERNAL", "INTERNAL"),
    503: ("UNAVAILABLE", "UNAVAILABLE"),
}


class FcmService:
    """Answers POST /fcm/token and POST /fcm/v1/projects/{project}/messages:send."""

    def __init__(self, counts: Counts, faults: Faults) -> None:
        self._counts = counts
        self._receiver = Receiver(CHANNEL, counts, faults, _failing)

    def handle(self, request: Request, connection: Connection) -> None:
        """A token, or one message."""
        path = urlsplit(request.url).path
        if request.method == "POST" and path == TOKEN_PATH:
            reply = _grant(request.body)
            connection.answer(reply.status, reply.headers, reply.body)
        elif request.method == "POST" and _SEND.fullmatch(path):
            message = _read(request.body)
            device = str(message.get("token", ""))
            self._receiver.handle(device, request, connection, lambda: self._take(device, message, request))
        else:
            connection.answer(404)

    def _take(self, device: str, message: Mapping[str, Any], request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {BEARER}":
            return Reply(401, JSON, _error(401, "UNAUTHENTICATED", ""))
        key = _notice(message.get("data"))
        if not device or len(request.body) > MAX_MESSAGE or key is None or not _lives(message):
            return _failing(Fault("status", channel=CHANNEL, status=400))
        self._counts.take(key, device)
        self._counts.recent.append({"channel": CHANNEL, "to": device, "message": dict(message)})
        return Reply(200, JSON, b'{"name":"projects/sandbox/messages/1"}')


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        message = json.loads(body)["message"]
    except (ValueError, KeyError, TypeError):
        return {}
    return message if isinstance(message, dict) else {}


def _notice(data: Any) -> NoticeKey | None:
    """Which notice it is. FCM takes texts and nothing else in `data`."""
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        return None
    try:
        return NoticeKey(CHANNEL, data["tag"], int(data["version"]), data["kind"])
    except (KeyError, ValueError):
        return None


def _lives(message: Mapping[str, Any]) -> bool:
    android = message.get("android")
    return isinstance(android, dict) and re.fullmatch(r"\d{1,7}s", str(android.get("ttl"))) is not None


def _grant(body: bytes) -> Reply:
    """Whoever asserts in the right form gets a token: there is no account here whose key could be checked."""
    form = parse_qs(body.decode("latin-1"))
    assertion = form.get("assertion", [""])[0]
    if form.get("grant_type") != [_GRANT] or assertion.count(".") != 2:
        return Reply(400, JSON, b'{"error":"invalid_grant"}')
    told = {"access_token": BEARER, "expires_in": 3599, "token_type": "Bearer"}
    return Reply(200, JSON, json.dumps(told).encode())


def _failing(fault: Fault) -> Reply:
    canonical, code = _ERRORS.get(fault.status, ("UNKNOWN", ""))
    return Reply(fault.status, JSON + retry_after(fault), _error(fault.status, canonical, code))


def _error(status: int, canonical: str, code: str) -> bytes:
    details = [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}] if code else []
    return json.dumps({"error": {"code": status, "status": canonical, "message": "", "details": details}}).encode()
