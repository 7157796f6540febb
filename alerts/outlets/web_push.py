"""Web Push (RFC 8030): every installation can serve it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from alerts.outfit import make_vapid
from alerts.outlets.kit import Kit, make_guard
from alerts.settings import Settings
from notifiers.channels.vapid import Vapid
from notifiers.channels.web_push import WebPush, say
from notifiers.model import Outcome
from notifiers.sender import HttpClient
from notifiers.senders import make_sender

TEST_LIVES_S = 3600  # a phone that is off for an hour is asked again by its person


def make(kit: Kit) -> WebPush:
    return WebPush(kit.sender, make_vapid(kit.settings))


def make_pusher(settings: Settings) -> Callable[[Mapping[str, str], bytes], Outcome]:
    """Sends one push now and waits for the push service's word: for tests of a subscription, from a request's thread."""
    vapid = make_vapid(settings)

    def push(address: Mapping[str, str], plaintext: bytes) -> Outcome:
        return asyncio.run(_say(settings, vapid, address, plaintext))

    return push


async def _say(settings: Settings, vapid: Vapid, address: Mapping[str, str], plaintext: bytes) -> Outcome:
    sender = make_sender(make_guard(settings), HttpClient(settings.http_client))
    try:
        return await say(sender, vapid, address, plaintext, TEST_LIVES_S)
    finally:
        await sender.close()
