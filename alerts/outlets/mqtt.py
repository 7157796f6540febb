"""MQTT to the operator's broker; none until LOOKOUT_MQTT_HOST names it."""

from __future__ import annotations

from alerts.outlets.kit import Kit
from notifiers.channels.mqtt import Mqtt
from notifiers.channels.mqtt_link import Broker


def make(kit: Kit) -> Mqtt | None:
    settings = kit.settings
    if not settings.mqtt_host:
        return None
    broker = Broker(
        settings.mqtt_host,
        settings.mqtt_port,
        settings.mqtt_username or None,
        settings.mqtt_password or None,
        tls=settings.mqtt_tls == "yes",
    )
    return Mqtt(broker, kit.guard)
