"""What the two tests of real Web Push share: the house served with push switched on, workers that send, and the story
of one reader: subscribe, be asked, be told, be told again in its place, unsubscribe. Only the push service is ours.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

from cast import House, record

from alerts import pages, web
from alerts.api.app import create_app
from alerts.outfit import make_vapid
from alerts.outlets.kit import make_guard
from alerts.outlets.web_push import make_pusher
from alerts.service import decide, end, submit
from alerts.service.drafting import read_document
from notifiers import ledger
from notifiers.channels.inbox import Inbox
from notifiers.channels.web_push import WebPush
from notifiers.params import Params
from notifiers.sender import HttpClient
from notifiers.senders import make_sender
from notifiers.tables import notice, subscription
from notifiers.transactions import reading
from notifiers.worker import Worker

GUARD_S = 120.0  # against hanging: what is waited for takes a second or two
SHOWN = """navigator.serviceWorker.ready.then(found => found.getNotifications()).then(all =>
    JSON.stringify(all.map(one => ({tag: one.tag, title: one.title, body: one.body, url: one.data.url, kind: one.data.kind}))))"""
SUBSCRIBE = """(() => { const form = document.querySelector("form[data-subscribe]");
    form.elements.place.value = "Denver"; form.elements.consent.checked = form.elements.push.checked = true;
    form.requestSubmit(); return "" })()"""
UNSUBSCRIBE = """navigator.serviceWorker.ready.then(found => found.pushManager.getSubscription())
    .then(one => one.unsubscribe()).then(String)"""


class Browser(Protocol):
    """A real browser with one page."""

    def open(self, url: str) -> None: ...

    def run(self, script: str) -> str:
        """The text that a script of the page comes to."""
        ...


class Loop:
    """An event loop in a thread, for the push service that a browser talks to while the test waits."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="push service", daemon=True)
        self._thread.start()

    def wait(self, task: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(GUARD_S)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(GUARD_S)
        self._loop.close()


def until(what: Callable[[], Any]) -> Any:
    """What is awaited, as soon as it is there."""
    ends = time.monotonic() + GUARD_S
    while not (found := what()):
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.05)
    return found


@contextmanager
def served(house: House, push_port: int) -> Iterator[str]:
    """The house on a port of its own, with push as on a live server; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        settings = replace(house.services.settings, port=port, sandbox_push_port=push_port)
        house.services = replace(house.services, settings=settings, push=make_pusher(settings))
        app = create_app(house.services)
        pages.mount(app, house.services)
        app.state.push_key = make_vapid(settings).public_key
        with web.in_thread(app, listening):
            yield f"http://127.0.0.1:{port}"


def approve(house: House, alert_id: str = "", **changes: Any) -> Any:
    """A new alert, or an update of one, decided by the second person, and sent by a real worker."""
    body = json.dumps(record(**changes)).encode()
    document = read_document(house.services, house.submitter, body, "application/json")
    how, which = (submit.update, [alert_id]) if alert_id else (submit.submit, [])
    made = how(house.services, house.submitter, *which, document)
    decide.approve(house.services, house.approver, made.id, made.content_hash)
    send(house)
    return made


def send(house: House) -> None:
    """Everything that waits in the ledger leaves."""
    loop = Loop()  # its own: the test's thread may have one already
    loop.wait(_work(house))
    loop.stop()


async def _work(house: House) -> None:
    services = house.services
    sender = make_sender(make_guard(services.settings), HttpClient(services.settings.http_client))
    channels = {"web_push": WebPush(sender, make_vapid(services.settings)), "inbox": Inbox()}
    params = Params(idle_s=0.01, checkpoint_every_s=0.01)
    worker = Worker(services.engine, services.vault, channels, params, name="browser:1")
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(GUARD_S):
        while await asyncio.to_thread(_open, services):  # noqa: ASYNC110 - rows of another thread
            await asyncio.sleep(0.02)
    worker.stop()
    await running
    await sender.close()


def _open(services: Any) -> int:
    with reading(services.engine) as connection:
        ids = connection.scalars(notice.select().with_only_columns(notice.c.id)).all()
        return sum(one.open for notice_id in ids for one in ledger.tally(connection, notice_id).values())


def pushed(house: House) -> Any:
    """The row of the browser's subscription."""
    return next((row for row in house.rows(subscription) if row.channel == "web_push"), None)


def shown(browser: Browser, tag: str) -> list[dict[str, str]]:
    return [one for one in json.loads(browser.run(SHOWN)) if one["tag"] == tag]


def subscribe(house: House, browser: Browser, base: str) -> None:
    """By the form; counted once the browser's own worker decrypted the test and sent its token back."""
    browser.open(f"{base}/subscribe")
    browser.run(SUBSCRIBE)
    until(lambda: (row := pushed(house)) and row.confirmed_at)
    until(lambda: "✓" in welcomed(browser))  # the inbox says so by itself
    browser.open(f"{base}/")  # a page that does not load itself anew
    [test] = until(lambda: shown(browser, "lookout-test"))
    assert test["body"] == "This is a test from Lookout. Nobody is missing."


def welcomed(browser: Browser) -> str:
    """What the inbox says of notifications; nothing while the page is being replaced."""
    try:
        return browser.run("(document.querySelector('#pushed') || {textContent: ''}).textContent")
    except Exception:  # noqa: BLE001 - each browser has its own word for a page that is gone
        return ""


def told(house: House, browser: Browser) -> None:
    """One notification that begins, changes and ends by its tag; nothing of the child is left in it then."""
    alert = approve(house)
    [first] = until(lambda: shown(browser, alert.token))
    assert "Example" in first["title"] + first["body"]
    assert first["url"].startswith(f"{house.services.settings.base_url}/a/{alert.token}")
    changed = approve(house, alert.id, children=[record()["children"][0] | {"clothing": "green pullover"}])
    until(lambda: [one for one in shown(browser, alert.token) if one["kind"] == "update"])
    assert len(shown(browser, alert.token)) == 1
    end.cancel(house.services, house.approver, changed.id)
    send(house)
    [over] = until(lambda: [one for one in shown(browser, alert.token) if one["kind"] == "cancel"])
    assert len(shown(browser, alert.token)) == 1
    assert "Robin" not in over["title"] + over["body"]


def unsubscribed(house: House, browser: Browser, push_service: Any) -> None:
    """The browser ends its subscription: the push service says 410 at the next alert, and it is not contacted again."""
    assert browser.run(UNSUBSCRIBE) == "true"
    token = json.loads(pushed(house).address)["endpoint"].rpartition("/")[2]
    until(lambda: token not in push_service.subscribed)
    approve(house, case_number="EX-2")
    assert until(lambda: pushed(house).retired_why) == "410"
