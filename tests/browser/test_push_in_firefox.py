"""Real Web Push in Firefox, offline: its own PushManager, service worker, decryption and notifications.

Only the push service is a stand-in on this machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from autopush import Autopush
from firefox import FIREFOX, Firefox, running
from pushing import Loop, served, subscribe, told, unsubscribed

SWITCHES = {
    "dom.push.enabled": True,
    "dom.push.connection.enabled": True,  # else switched off under remote control
    "dom.push.testing.allowInsecureServerURL": True,
    "permissions.default.desktop-notification": 1,  # granted
    "dom.webnotifications.requireuserinteraction": False,
    "alerts.useSystemBackend": False,
}

pytestmark = pytest.mark.skipif(not FIREFOX and not os.environ.get("CI"), reason="no Firefox on this machine")


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.stop()


@pytest.fixture
def push_service(loop) -> Iterator[Autopush]:
    made = Autopush()
    loop.wait(made.start())
    yield made
    loop.wait(made.stop())


@pytest.fixture
def firefox(loop, push_service, tmp_path) -> Iterator[Firefox]:
    switches = SWITCHES | {"dom.push.serverURL": f"ws://127.0.0.1:{push_service.port}/"}
    with running(loop, tmp_path, switches) as found:
        yield found


def test_a_reader_is_asked_told_and_told_of_the_end_by_web_push(house, push_service, firefox):
    with served(house, push_service.port) as base:
        subscribe(house, firefox, base)
        told(house, firefox)
        unsubscribed(house, firefox, push_service)
