"""MQTT to the operator's broker; none until LOOKOUT_MQTT_HOST names it."""

from __future__ import annotations

from alerts.outlets.kit import Kit
from alerts.settings import Settings
from notifiers.channels.mqtt import Mqtt
from notifiers.channels.mqtt_client import Broker


def make(kit: Kit) -> Mqtt | None:
    broker = broker_of(kit.settings)
    return None if broker is None else Mqtt(broker, kit.guard)


def broker_of(settings: Settings) -> Broker | None:
    if not settings.mqtt_host:
        return None
    return Broker(
        settings.mqtt_host,
        settings.mqtt_port,
        settings.mqtt_username or None,
        settings.mqtt_password or None,
        tls=settings.mqtt_tls == "yes",
    )
