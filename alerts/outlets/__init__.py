"""Settings -> channels: one file a medium, each with `make(kit) -> Channel | None` (None: these settings cannot serve it).

A new medium is a file here and a name in MAKERS; the channel itself lives in `notifiers.channels`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alerts.outlets import apns, apprise, email, fcm, inbox, mqtt, sms, unified_push, web_push, webhook
from alerts.outlets.kit import Kit
from notifiers.channels.base import Channel

MAKERS: tuple[Callable[[Kit], Channel | None], ...] = (
    web_push.make,
    unified_push.make,
    fcm.make,
    apns.make,
    webhook.make,
    email.make,
    inbox.make,
    sms.make,
    mqtt.make,
    apprise.make,
)


def make_channels(kit: Kit) -> Mapping[str, Channel]:
    """Every channel that these settings can serve, by name."""
    made = (make(kit) for make in MAKERS)
    return {channel.name: channel for channel in made if channel is not None}
