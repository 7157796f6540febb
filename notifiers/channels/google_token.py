"""Access tokens for a service account: the JWT bearer grant (RFC 7523 section 2.1), as Google's OAuth 2.0 server has it.

A token is kept until shortly before its end and renewed while it is still good; however many sends want one, one
refresh is under way at a time, and all get what came of it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from notifiers.channels.credential import ServiceAccount
from notifiers.channels.jwt import Claims, sign_rs256
from notifiers.model import Outcome, Result
from notifiers.outcome import of_status
from notifiers.sender import Answer, Failure, Sender

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME_S = 3600
RENEW_S = 300.0  # before the end
PAUSE_S = 30.0  # after a renewal that failed, while the old token still serves
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class _Token:
    bearer: str = field(repr=False)
    renew_at: float
    ends_at: float


class AccessTokens:
    """For one service account; `token_url` only where it is not the account's own (a sandbox)."""

    def __init__(
        self,
        sender: Sender,
        account: ServiceAccount,
        *,
        token_url: str = "",
        timeout_s: float = 15.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sender, self._account, self._timeout_s, self._clock = sender, account, timeout_s, clock
        self._token_url = token_url or account.token_url
        self._kept: _Token | None = None
        self._refreshing: asyncio.Task[Outcome | None] | None = None
        self._paused_until = 0.0

    async def get(self) -> str | Outcome:
        """A token that is good now, or why there is none: with that nothing can have left."""
        now, kept = self._clock(), self._kept
        if kept is not None and now < kept.ends_at:
            if now >= max(kept.renew_at, self._paused_until):
                self._refresh()
            return kept.bearer
        fault = await asyncio.shield(self._refresh())
        if fault is not None or self._kept is None:
            return fault or Outcome(Result.UNSENT, "token")
        return self._kept.bearer

    def forget(self, bearer: str) -> None:
        """This token was refused: the next one is fetched anew."""
        if self._kept is not None and self._kept.bearer == bearer:
            self._kept = None

    async def close(self) -> None:
        """Ends a refresh that is under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
            self._refreshing = None

    def _refresh(self) -> asyncio.Task[Outcome | None]:
        if self._refreshing is None or self._refreshing.done():
            # not in the context of the send that asked first: should that one be stopped, the others need it still
            self._refreshing = asyncio.create_task(self._fetch(), context=Context())
        return self._refreshing

    async def _fetch(self) -> Outcome | None:
        """Takes a new token; the outcome for those who wait where there is none."""
        now = self._clock()
        self._paused_until = now + PAUSE_S
        answer = await self._sender.post(self._token_url, _HEADERS, self._form(int(now)), self._timeout_s)
        if isinstance(answer, Failure):  # whatever the token's server got, no message left
            return Outcome(Result.UNSENT, f"token {answer.kind}")
        token = _read(answer, now)
        if token is None:
            return _refusal(answer)
        self._kept = token
        return None

    def _form(self, now: int) -> bytes:
        account = self._account
        claims: Claims = {
            "iss": account.email,
            "scope": SCOPE,
            "aud": account.token_url,
            "iat": now,
            "exp": now + LIFETIME_S,
        }
        return urlencode({"grant_type": GRANT, "assertion": sign_rs256(account.key(), account.key_id, claims)}).encode()


def _read(answer: Answer, now: float) -> _Token | None:
    if answer.status != 200:
        return None
    try:
        told = json.loads(answer.body)
        bearer, lives_s = str(told["access_token"]), float(told["expires_in"])
    except (ValueError, KeyError, TypeError):
        return None
    if not bearer.isascii() or not bearer.isprintable() or not lives_s > 0:
        return None
    return _Token(bearer, now + max(lives_s - RENEW_S, lives_s / 2), now + lives_s)


def _refusal(answer: Answer) -> Outcome:
    """RFC 6749 section 5.2: 400 and 401 speak of our account; what is no answer of a token server is tried again."""
    outcome = of_status(answer.status, answer.headers, datetime.now(UTC))
    if outcome.result is Result.LATER:
        return Outcome(Result.LATER, f"token {answer.status}", outcome.retry_after_s)
    if outcome.result is Result.SENT:
        return Outcome(Result.UNSENT, "token unreadable")
    return Outcome(Result.OURS, f"token {answer.status}")
