"""A real HTTP receiver in a thread of its own: what it counts is what arrived."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

from aiohttp import web

from notifiers.clock import awake_s


class Receiver:
    """Takes every POST after a few milliseconds and counts it: (endpoint, what it said) -> how often."""

    def __init__(self) -> None:
        self.got: Counter[tuple[str, str]] = Counter()
        self.came_s: list[float] = []  # of each, on the clock that counts suspended time
        self.delay_s = 0.02
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(5)

    def counts(self, said: str) -> Counter[str]:
        return Counter({endpoint: count for (endpoint, words), count in self.got.items() if words == said})

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_post("/{id}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._ready.set()

    async def _take(self, request: web.Request) -> web.Response:
        said = await request.text()
        self.came_s.append(awake_s())
        self.got[request.match_info["id"], said] += 1
        await asyncio.sleep(self.delay_s)
        return web.Response(status=201)
