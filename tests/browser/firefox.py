"""Firefox without a screen and without the network, driven over WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/),
which needs no driver beside it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from pushing import GUARD_S, Loop

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
SWITCHES = {
    "remote.active-protocols": 1,  # BiDi
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:1/",
}


class Firefox:
    """One browser with one window, over its BiDi line."""

    def __init__(self, loop: Loop, line: aiohttp.ClientWebSocketResponse) -> None:
        self._loop, self._line, self._ids = loop, line, itertools.count(1)
        self.ask("session.new", capabilities={})
        self.page = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, url: str) -> None:
        self.ask("browsingContext.navigate", context=self.page, url=url, wait="complete")

    def run(self, script: str) -> str:
        return str(self.evaluate(self.page, script)["value"])

    def evaluate(self, page: str, script: str) -> Any:
        """What a script comes to in a window, as BiDi writes it down."""
        said = self.ask("script.evaluate", expression=script, target={"context": page}, awaitPromise=True)
        assert said["type"] == "success", said["exceptionDetails"]["text"]
        return said["result"]

    def ask(self, method: str, **params: Any) -> Any:
        return self._loop.wait(self._exchange(method, params))

    async def _exchange(self, method: str, params: dict[str, Any]) -> Any:
        number = next(self._ids)
        await self._line.send_json({"id": number, "method": method, "params": params})
        while True:  # events have no id
            said = await self._line.receive_json(timeout=GUARD_S)
            if said.get("id") == number:
                assert said["type"] == "success", (method, said.get("message"))
                return said["result"]


@contextmanager
def running(loop: Loop, home: Path, switches: Mapping[str, Any]) -> Iterator[Firefox]:
    """A Firefox with a profile of its own, for as long as the block lasts."""
    profile = home / "profile"
    profile.mkdir()
    said = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in (SWITCHES | dict(switches)).items()
    ]
    (profile / "user.js").write_text("\n".join(said))
    flags = ["--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0", "about:blank"]
    environment = {**os.environ, "HOME": str(home), "MOZ_HEADLESS": "1"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([str(FIREFOX), *flags], stdout=quiet, stderr=quiet, env=environment)
    session = loop.wait(_session())
    try:
        yield Firefox(loop, loop.wait(_line(session, profile)))
    finally:
        loop.wait(session.close())
        process.terminate()
        process.wait(GUARD_S)


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


async def _line(session: aiohttp.ClientSession, profile: Path) -> aiohttp.ClientWebSocketResponse:
    """Firefox writes the port that it chose into its profile."""
    chosen = profile / "WebDriverBiDiServer.json"
    async with asyncio.timeout(GUARD_S):
        while True:
            try:
                port = json.loads(chosen.read_text())["ws_port"]
                return await session.ws_connect(f"ws://127.0.0.1:{port}/session", max_msg_size=0)
            except (OSError, ValueError, aiohttp.ClientError):
                await asyncio.sleep(0.1)
