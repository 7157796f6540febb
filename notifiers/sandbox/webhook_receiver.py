"""Partners' servers: take signed events as Standard Webhooks has it. The secret is not known here, so its form is checked."""

from __future__ import annotations

import json
import re
import time

from notifiers.sandbox.counts import Counts, NoticeKey
from notifiers.sandbox.faults import Fault, Faults
from notifiers.sandbox.http import Connection, Request
from notifiers.sandbox.receiver import Receiver, Reply, retry_after

CHANNEL = "webhook"
PATH = "/hook/"
TOLERANCE_S = 300.0
KINDS = {"alert.published": "alert", "alert.updated": "update", "alert.cancelled": "cancel"}
_SIGNATURES = re.compile(r"v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*")
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class WebhookReceiver:
    """Answers POST /hook/{name}."""

    def __init__(self, counts: Counts, faults: Faults) -> None:
        self._counts = counts
        self._receiver = Receiver(CHANNEL, counts, faults, _failing)

    def handle(self, request: Request, connection: Connection) -> None:
        """One event."""
        name = request.url[len(PATH) :]
        self._receiver.handle(name, request, connection, lambda: self._take(name, request))

    def _take(self, name: str, request: Request) -> Reply:
        if request.method != "POST":
            return Reply(405)
        headers = {header: request.headers.get(header, "") for header in _HEADERS}
        if not _is_signed(headers):
            return Reply(401)
        try:
            event = json.loads(request.body)
            data = event["data"]
            key = NoticeKey(CHANNEL, str(data["incident"]), int(data["version"]), KINDS[event["type"]])
        except (ValueError, KeyError, TypeError):
            self._counts.unreadable[CHANNEL] += 1
            return Reply(400)
        self._counts.take(key, name)
        said = request.body.decode("utf-8", "replace")
        self._counts.recent.append({"channel": CHANNEL, "to": name, **headers, "message": event, "body": said})
        return Reply(200)


def _is_signed(headers: dict[str, str]) -> bool:
    at = headers["webhook-timestamp"]
    fresh = at.isascii() and at.isdigit() and abs(time.time() - int(at[:12])) <= TOLERANCE_S
    return fresh and bool(headers["webhook-id"]) and _SIGNATURES.fullmatch(headers["webhook-signature"]) is not None


def _failing(fault: Fault) -> Reply:
    return Reply(fault.status, retry_after(fault))
