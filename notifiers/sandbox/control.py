"""The sandbox's own small HTTP API under /control: read the counts, set the faults, start again.

GET  /control/counts                                   sums by channel and notice
GET  /control/received?channel=&incident=&version=&kind=   who got it how often (each filter optional)
GET  /control/recent                                   the last messages, decrypted
POST /control/faults   {"faults": [...]}               see `faults`; replaces what was told before
POST /control/reset                                    forget counts and faults
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from notifiers.sandbox.counts import CHANNELS, Counts, NoticeKey
from notifiers.sandbox.faults import BadFault, Faults, read_faults
from notifiers.sandbox.http import Connection, Request

PATH = "/control/"
_JSON = "Content-Type: application/json\r\nCache-Control: no-store\r\n"


class Control:
    """Answers what is asked under /control."""

    def __init__(self, counts: Counts, faults: Faults) -> None:
        self._counts, self._faults = counts, faults
        self._routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "counts"): lambda _: self.counts(),
            ("GET", "received"): self._received,
            ("GET", "recent"): lambda _: list(counts.recent),
            ("POST", "faults"): self._set_faults,
            ("POST", "reset"): lambda _: self._reset(),
        }

    def handle(self, request: Request, connection: Connection) -> None:
        """One request; a POST must say that it is JSON, which no form of a web page can say unasked."""
        route = self._routes.get((request.method, urlsplit(request.url).path.removeprefix(PATH)))
        if route is None:
            _answer(connection, 404, {"error": "no such thing here"})
        elif request.method == "POST" and request.headers.get("content-type", "") != "application/json":
            _answer(connection, 415, {"error": "say Content-Type: application/json"})
        else:
            try:
                _answer(connection, 200, route(request))
            except (BadFault, ValueError) as wrong:
                _answer(connection, 400, {"error": str(wrong)})

    def counts(self) -> dict[str, Any]:
        """Sums: by channel what was answered and could not be read, and for each notice how many got it."""
        return {channel: self._channel(channel) for channel in CHANNELS}

    def _channel(self, channel: str) -> dict[str, Any]:
        notices = [
            _named(key)
            | {
                "subscriptions": len(got.by_subscription),
                "received": got.received,
                "duplicates": got.duplicates,
                "first_at": got.first_at,
                "last_at": got.last_at,
            }
            for key, got in self._counts.notices.items()
            if key.channel == channel
        ]
        return {
            "received": sum(notice["received"] for notice in notices),
            "duplicates": sum(notice["duplicates"] for notice in notices),
            "undecryptable": self._counts.unreadable[channel],
            "answered": dict(self._counts.answered[channel]),
            "notices": notices,
        }

    def _received(self, request: Request) -> list[dict[str, Any]]:
        wanted = dict(parse_qsl(urlsplit(request.url).query))
        named = [(_named(key), got) for key, got in self._counts.notices.items()]
        return [
            name | {"counts": got.by_subscription}
            for name, got in named
            if all(str(name.get(member)) == value for member, value in wanted.items())
        ]

    def _set_faults(self, request: Request) -> dict[str, Any]:
        self._faults.replace(read_faults(json.loads(request.body)))
        return {"faults": self._faults.told()}

    def _reset(self) -> dict[str, Any]:
        self._counts.reset()
        self._faults.replace([])
        return {"ok": True}


def _named(key: NoticeKey) -> dict[str, Any]:
    return {"channel": key.channel, "incident": key.incident, "version": key.version, "kind": key.kind}


def _answer(connection: Connection, status: int, told: Any) -> None:
    connection.answer(status, _JSON, json.dumps(told, separators=(",", ":")).encode())
