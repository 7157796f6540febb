"""Real Web Push in Chromium, offline: its own PushManager, service worker, decryption, notifications and the tap on one.

Only Google's side is a stand-in on this machine. The endpoint that Chromium names is Google's by name; a page's script
is given the same path at the stand-in, which is all that differs from the real thing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google_push import GooglePush
from pushing import GUARD_S, Loop, approve, served, shown, subscribe, told, unsubscribed, until

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("CI"), reason="no Chromium on this machine"
)
ELSEWHERE = """{ const told = PushSubscription.prototype.toJSON;
    PushSubscription.prototype.toJSON = function () { const one = told.call(this);
        return {...one, endpoint: "%s/wp/" + one.endpoint.split("/").pop()}; }; }"""
TAP = """async tag => {
    const [one] = (await self.registration.getNotifications()).filter(found => found.tag === tag);
    let opened = ""; self.clients.openWindow = url => ((opened = url), Promise.resolve(null));
    self.dispatchEvent(new NotificationEvent("notificationclick", {notification: one}));
    return opened }"""


class Chromium:
    """One page of a profile of its own: in a private window push is refused."""

    def __init__(self, context: Any) -> None:
        self.context, self.page = context, context.new_page()

    def open(self, url: str) -> None:
        self.page.goto(url)

    def run(self, script: str) -> str:
        return str(self.page.evaluate(script))


@pytest.fixture
def push_service(tmp_path) -> Iterator[GooglePush]:
    loop, made = Loop(), GooglePush(tmp_path)
    loop.wait(made.start())
    yield made
    loop.wait(made.stop())
    loop.stop()


@pytest.fixture
def chromium(push_service, tmp_path) -> Iterator[Chromium]:
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", *push_service.flags()]
    with playwright.sync_playwright() as found:
        context = found.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=str(CHROMIUM), args=flags, permissions=["notifications"]
        )
        context.set_default_timeout(GUARD_S * 1000)
        context.add_init_script(ELSEWHERE % f"http://127.0.0.1:{push_service.port}")
        yield Chromium(context)
        context.close()


def test_a_reader_is_asked_told_and_told_of_the_end_by_web_push(house, push_service, chromium):
    with served(house, push_service.port) as base:
        subscribe(house, chromium, base)
        told(house, chromium)
        opens_the_page(house, chromium)
        unsubscribed(house, chromium, push_service)


def opens_the_page(house: Any, chromium: Chromium) -> None:
    """The worker's own handler opens the alert's page and counts one more; only the window is not opened."""
    alert = approve(house, case_number="EX-3")
    until(lambda: shown(chromium, alert.token))
    opened = chromium.context.service_workers[0].evaluate(TAP, alert.token)
    assert opened.startswith(f"{house.services.settings.base_url}/a/{alert.token}")
    until(lambda: not shown(chromium, alert.token))
