"""The long tail (Slack, Telegram, Matrix, Mastodon and others) by way of Apprise: text posts to operators' own outlets.

`subscription.address` is {"url"}, an Apprise URL of `apprise_urls`; only operators can enrol one. A post is public and
stays: it carries area, plate and link, never a name or a photo. Apprise runs in a process of its own (`apprise_runner`)
whose only way out is our guarding proxy: wherever a plugin goes, the target is resolved and judged by us.

Apprise answers yes or no. What a no means is read from the HTTP statuses that the runner heard: one request with one
refusal is that refusal, 408, 425, 429 and 503 ask to come again, a connection that never stood is unsent. All else (no
answer, 5xx, some of several requests) is in doubt, and since nothing here collapses repeats, it is not repeated.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from notifiers.channels.apprise_urls import refused
from notifiers.channels.lasting import lasting
from notifiers.channels.wording import language_for
from notifiers.guard import Guard, Mode
from notifiers.guarded_proxy import GuardedProxy
from notifiers.model import Notice, Outcome, Result, Subscription
from notifiers.still import STOPPED, still

TIMEOUT_S = 30.0
_START_S = 30.0  # of the process, which imports a hundred plugins
_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429, 503})
_KEPT = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "PYTHONPATH", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Title and body by the notice's language tag."""

    notice: Notice
    posts: Mapping[str, tuple[str, str]]


class Apprise:
    """The channel "apprise"."""

    name = "apprise"
    collapses = False
    concurrency = 2

    def __init__(self, guard: Guard, *, timeout_s: float = TIMEOUT_S) -> None:
        self._sandbox = guard.mode is Mode.SANDBOX
        self._proxy, self._timeout_s = GuardedProxy(guard), timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> Prepared:
        """What may be posted, for each language that is read in this window."""
        said = {tag: lasting(notice, tag) for tag in {language_for(notice, s.language) for s in subscriptions}}
        return Prepared(notice, {tag: (one.heading, "\n".join(one.lines[1:])) for tag, one in said.items()})

    async def send(self, prepared: Prepared, subscription: Subscription) -> Outcome:
        """One post. A process that does not answer in time, or is told to stop in the middle, is ended."""
        url = subscription.address.get("url", "")
        if why := refused(url, sandbox=self._sandbox):
            return Outcome(Result.REFUSED, why)
        title, body = prepared.posts[language_for(prepared.notice, subscription.language)]
        async with self._turn:
            try:
                process = await self._running()
            except (OSError, TimeoutError):
                return Outcome(Result.UNSENT, "apprise_start")
            if not still.get()():  # it may have waited long for its turn and the process
                return Outcome(Result.UNSENT, STOPPED)
            return await self._ask(process, {"url": url, "title": title, "body": body})

    async def _ask(self, process: asyncio.subprocess.Process, told: Mapping[str, str]) -> Outcome:
        if process.stdin is None or process.stdout is None:
            return Outcome(Result.UNSENT, "apprise_start")
        try:
            process.stdin.write(json.dumps(told).encode() + b"\n")
            line = await asyncio.wait_for(process.stdout.readline(), self._timeout_s)
            return of_answer(json.loads(line))
        except (OSError, TimeoutError, ValueError) as death:
            await self._end()
            return Outcome(Result.IN_DOUBT, "timeout" if isinstance(death, TimeoutError) else "reset")
        except asyncio.CancelledError:
            await self._end()
            raise

    async def _running(self) -> asyncio.subprocess.Process:
        """The process, started if need be; it has nothing of our environment but what finding Python takes."""
        if self._process is not None and self._process.returncode is None:
            return self._process
        if not self._proxy.url:
            await self._proxy.open()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        ways = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), self._proxy.url)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "notifiers.channels.apprise_runner"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**environment, **ways, "no_proxy": ""},
        )
        try:
            await asyncio.wait_for(self._process.stdout.readline(), _START_S)  # type: ignore[union-attr]  # a pipe
        except BaseException:
            await self._end()
            raise
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: object) -> None:
        """Nothing: it is posted."""

    async def close(self) -> None:
        """Ends process and proxy."""
        await self._end()
        await self._proxy.close()
        self._proxy.url = ""


def of_answer(told: Mapping[str, Any]) -> Outcome:
    """What came of one post, from Apprise's yes or no and the statuses of its requests. Pure.

    A refused key (401, 403) is part of the operator's address: this outlet's fault and not ours.
    """
    answers = list(told.get("answers", ()))
    if told.get("ok"):
        return Outcome(Result.SENT, str(answers[-1]) if answers else "ok")
    if not answers:
        unsent = {"connect": Outcome(Result.UNSENT, "connect"), "": Outcome(Result.REFUSED, "not_sent")}
        return unsent.get(str(told.get("died", "")), Outcome(Result.IN_DOUBT, "reset"))
    status = int(answers[0])
    if len(answers) > 1 or told.get("died") or 200 <= status < 300 or (status >= 500 and status not in _LATER):
        return Outcome(Result.IN_DOUBT, str(answers[-1]))
    if status in _LATER:
        return Outcome(Result.LATER, str(status))
    return Outcome(Result.GONE if status in _GONE else Result.REFUSED, str(status))
