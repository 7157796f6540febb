"""SMS over a gateway; in live mode there is none until LOOKOUT_SMS_GATEWAY_URL names it, in a sandbox it is its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from alerts.outlets.kit import LOOPBACK, Kit, make_guard
from alerts.receipts import callback_url
from alerts.services import utc_now
from alerts.settings import Settings
from notifiers.channels.sms import Gateway, Sms, say
from notifiers.model import Outcome
from notifiers.sandbox import sms_gateway
from notifiers.sandbox.keys import sms_token
from notifiers.sender import HttpClient
from notifiers.senders import make_sender

CODE_VALID_S = 600


def make(kit: Kit) -> Sms | None:
    gateway = gateway_of(kit.settings)
    if gateway is None:
        return None
    return Sms(kit.sender, gateway, callback_url=partial(callback_url, kit.settings, "sms"))


def make_texter(settings: Settings) -> Callable[[str, str], Outcome] | None:
    """Sends one text now and waits for the gateway's word: for codes, a handful a minute, from a request's thread."""
    gateway = gateway_of(settings)
    if gateway is None:
        return None

    def text(phone: str, words: str) -> Outcome:
        return asyncio.run(_say(settings, gateway, phone, words))

    return text


def gateway_of(settings: Settings) -> Gateway | None:
    """Its token is also what its callbacks are signed with."""
    if settings.sandbox:
        url = f"http://{LOOPBACK}:{settings.sandbox_push_port}"
        return Gateway(url, sms_gateway.ACCOUNT, sms_token(settings.data), sms_gateway.SENDER)
    if not settings.sms_gateway_url:
        return None
    return Gateway(settings.sms_gateway_url, settings.sms_account, settings.sms_token, settings.sms_from)


async def _say(settings: Settings, gateway: Gateway, phone: str, words: str) -> Outcome:
    sender = make_sender(make_guard(settings), HttpClient(settings.http_client))
    try:
        return await say(sender, gateway, phone, words, valid_s=CODE_VALID_S, now=utc_now())
    finally:
        await sender.close()
