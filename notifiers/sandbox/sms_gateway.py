"""The SMS gateway: takes messages as Twilio's API does, refuses what it refuses, and reports back what became of each.

A message that is taken is delivered at once: the report comes a moment after the answer, signed, to the StatusCallback
that came with it, but only where that lies on this machine. `undelivered` in place of a status makes it fail on the
way: a fault of kind "status" below 300 means that.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from notifiers.channels.gsm import measure
from notifiers.channels.twilio import PHONE, signature
from notifiers.sandbox.counts import Counts, NoticeKey
from notifiers.sandbox.faults import Fault, Faults
from notifiers.sandbox.http import Connection, Request

CHANNEL = "sms"
PATH = "/2010-04-01/Accounts/"
ACCOUNT = "ACsandbox"
SENDER = "+15005550006"
_URL = re.compile(r"/2010-04-01/Accounts/([A-Za-z0-9]{1,64})/Messages\.json")
_NOTICE = re.compile(r"([^/\r\n]{1,64})/(\d{1,9})/\d{1,9}/([a-z]{1,16})")
_LOCAL = frozenset({"127.0.0.1", "localhost"})
_JSON = "Content-Type: application/json\r\n"
# What Twilio's code is for a status told to us: 400 an invalid number, 401 the account, 403 STOP, 429 too many.
_CODES: Mapping[int, int] = {400: 21617, 401: 20003, 404: 21211, 410: 21610, 429: 20429}
_LOST = "30003"


class SmsGateway:
    """Answers POST .../Messages.json."""

    def __init__(self, token: str, counts: Counts, faults: Faults) -> None:
        self._token, self._counts, self._faults = token, counts, faults
        self._reports: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None
        self._taken = 0

    def handle(self, request: Request, connection: Connection) -> None:
        """One message: told to fail, refused for a reason, or taken."""
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        fault = self._faults.pick(CHANNEL, request.headers.get("host", ""), form.get("To", ""))
        if fault is None or (fault.kind == "status" and fault.status < 300):
            self._respond(request, form, connection, lost=fault is not None)
        else:
            self._misbehave(fault, request, form, connection)

    async def close(self) -> None:
        """Reports that are under way are dropped."""
        for task in self._reports:
            task.cancel()
        await asyncio.gather(*self._reports, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def _misbehave(self, fault: Fault, request: Request, form: Mapping[str, str], connection: Connection) -> None:
        if fault.kind == "status":
            self._refuse(connection, fault.status, _CODES.get(fault.status, 0), fault.retry_after_s)
        elif fault.kind == "reset":
            self._counts.answered[CHANNEL]["reset"] += 1
            connection.reset()
        elif fault.kind == "slow":
            connection.later(fault.seconds, lambda: self._respond(request, form, connection))
        else:
            self._take(request, form)
            self._counts.answered[CHANNEL][fault.kind] += 1
            if fault.kind == "cut":
                connection.cut()

    def _respond(
        self, request: Request, form: Mapping[str, str], connection: Connection, *, lost: bool = False
    ) -> None:
        if refused := self._refusal(request, form):
            self._refuse(connection, *refused)
            return
        sid = self._take(request, form)
        self._counts.answered[CHANNEL]["201"] += 1
        connection.answer(201, _JSON, json.dumps({"sid": sid, "status": "queued", "error_code": None}).encode())
        if callback := form.get("StatusCallback"):
            self._report(callback, sid, form["To"], lost=lost)

    def _refuse(self, connection: Connection, status: int, code: int, retry_after_s: int | None = None) -> None:
        self._counts.answered[CHANNEL][str(status)] += 1
        headers = f"Retry-After: {retry_after_s}\r\n" if retry_after_s is not None else ""
        said = json.dumps({"code": code, "status": status} if code else {"status": status})
        connection.answer(status, _JSON + headers, said.encode())

    def _refusal(self, request: Request, form: Mapping[str, str]) -> tuple[int, int] | None:
        """Status and code of what is refused: the account, the sender, the number, an empty or overlong text."""
        found = _URL.fullmatch(request.url)
        if request.method != "POST" or found is None:
            return 404, 20404
        if request.headers.get("authorization") != _basic(found[1], self._token):
            return 401, 20003
        if not (form.get("From") or form.get("MessagingServiceSid")):
            return 400, 21603
        if not PHONE.fullmatch(form.get("To", "")):
            return 400, 21211
        return None if 0 < len(form.get("Body", "")) <= 1600 else (400, 21617)

    def _take(self, request: Request, form: Mapping[str, str]) -> str:
        self._taken += 1
        found = _NOTICE.fullmatch(request.headers.get("x-lookout-notice", ""))
        if found is not None:
            self._counts.take(NoticeKey(CHANNEL, found[1], int(found[2]), found[3]), form["To"])
        size = measure(form.get("Body", ""))
        seen: dict[str, Any] = {"segments": size.segments, "alphabet": size.alphabet.name, "form": dict(form)}
        self._counts.recent.append({"channel": CHANNEL, "to": form["To"], "message": form.get("Body", ""), **seen})
        return f"SM{self._taken:032x}"

    def _report(self, callback: str, sid: str, to: str, *, lost: bool) -> None:
        if urlsplit(callback).hostname not in _LOCAL:
            return
        form = [("MessageSid", sid), ("MessageStatus", "undelivered" if lost else "delivered"), ("To", to)]
        task = asyncio.create_task(self._post(callback, [*form, ("ErrorCode", _LOST)] if lost else form))
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)

    async def _post(self, callback: str, form: list[tuple[str, str]]) -> None:
        headers = {
            "X-Twilio-Signature": signature(self._token, callback, form),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, timeout=5.0)
        try:
            answer = await self._client.post(callback, content=urlencode(form), headers=headers)
            self._counts.answered[CHANNEL][f"report {answer.status_code}"] += 1
        except httpx.HTTPError:
            self._counts.answered[CHANNEL]["report lost"] += 1


def _basic(account: str, token: str) -> str:
    return "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()
