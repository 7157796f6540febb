"""APNs for one app; there is none until LOOKOUT_APNS_KEY names Apple's key, and none in a sandbox.

Always over pyreqwest, whatever carries the other channels: Apple speaks HTTP/2 alone, which aiohttp does not.
"""

from __future__ import annotations

import structlog

from alerts.credentials import find_apns_key
from alerts.outlets.kit import Kit
from alerts.settings import BadSetting
from notifiers import addresses
from notifiers.channels.apns import DEVELOPMENT, PRODUCTION, Apns, App
from notifiers.channels.apple_token import ProviderToken
from notifiers.channels.phone_message import Level
from notifiers.sender import HttpClient
from notifiers.senders import make_sender

log = structlog.get_logger()


def make(kit: Kit) -> Apns | None:
    settings = kit.settings
    if settings.sandbox:
        return None
    try:
        key = find_apns_key(settings)
    except BadSetting as bad:  # it was good at start: the other channels go on
        log.error("channel_without_credential", channel="apns", why=str(bad))  # noqa: TRY400 -- the reason says it all
        return None
    if key is None:
        return None
    base_url = PRODUCTION if settings.apns_environment == "production" else DEVELOPMENT
    app = App(settings.apns_topic, Level(settings.ios_interruption), base_url)
    token = ProviderToken(key, settings.apns_key_id, settings.apns_team)
    return Apns(make_sender(kit.guard, HttpClient.PYREQWEST), token, app, secret=addresses.secret(kit.vault))
